"""Writes the tables of causes and of simulated defects in docs/diagnosis.md and data/README.md. `make docs`."""

import inspect
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from gapscope.diagnosis.causes import CAUSES  # noqa: E402
from gapscope.simulation.defects import FUNCTIONS  # noqa: E402


def causes() -> str:
    """docs/diagnosis.md with the table as the registry has it."""
    rows = ["| verdict | what it means | thresholds | what follows |", "|---|---|---|---|"]
    for kind in CAUSES.values():
        thresholds = ", ".join(f"`{key}`" for key in kind.thresholds)
        rows.append(f"| `{kind.name}` | {kind.hypothesis} | {thresholds} | {kind.because} |")
    return with_table("docs/diagnosis.md", "causes", rows)


def defects() -> str:
    """data/README.md with the table of defects as their functions describe them."""
    rows = ["| kind | what happens at strength 1 |", "|---|---|"]
    rows += [f"| `{name}` | {' '.join(inspect.getdoc(defect).split())} |" for name, defect in FUNCTIONS.items()]
    return with_table("data/README.md", "defects", rows)


def with_table(page: str, name: str, rows: list[str]) -> str:
    """The page's text with these rows between the marks of that name."""
    table = f"<!-- {name} -->\n" + "\n".join(rows) + f"\n<!-- end of {name} -->"
    written = (ROOT / page).read_text(encoding="utf-8")
    return re.sub(f"<!-- {name} -->.*<!-- end of {name} -->", lambda match: table, written, flags=re.S)


PAGES = {"docs/diagnosis.md": causes, "data/README.md": defects}

if __name__ == "__main__":
    for page, written in PAGES.items():
        (ROOT / page).write_text(written(), encoding="utf-8")
