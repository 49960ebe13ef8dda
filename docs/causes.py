"""Writes the table of causes in docs/diagnosis.md from scripts/gapscope/diagnosis/causes. `make docs`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from gapscope.diagnosis.causes import CAUSES  # noqa: E402

PAGE = ROOT / "docs" / "diagnosis.md"


def page() -> str:
    """docs/diagnosis.md with the table as the registry has it."""
    rows = ["| verdict | what it means | thresholds | what follows |", "|---|---|---|---|"]
    for kind in CAUSES.values():
        thresholds = ", ".join(f"`{key}`" for key in kind.thresholds)
        rows.append(f"| `{kind.name}` | {kind.hypothesis} | {thresholds} | {kind.because} |")
    table = "<!-- causes -->\n" + "\n".join(rows) + "\n<!-- end of causes -->"
    written = PAGE.read_text(encoding="utf-8")
    return re.sub("<!-- causes -->.*<!-- end of causes -->", lambda match: table, written, flags=re.S)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
