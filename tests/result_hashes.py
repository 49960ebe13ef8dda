"""Checksums of the results of seven runs, to tell whether a change of the code changes any figure.

    python tests/result_hashes.py before.json                  # runs everything and writes the checksums
    python tests/result_hashes.py after.json --compare before.json

Each run works in a copy of this checkout. Counted are the JSON, CSV and NPZ files; pages, figures and logs are not.
The real listings are read from ../shared/data; without them the runs that need them are left out.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "helpers"), str(Path(__file__).parents[1] / "scripts")]
from runs import LISTINGS, Workspace, result_bytes  # noqa: E402

SMALL = "workflow/presets/small.yaml"
GRID = {"sweep": {"grid": {"train.learning_rate": [0.01, 0.03], "clean.missing": ["drop", "impute"]}, "seeds": [1]}}
LISTED = {"airbnb": ["--configfile", "workflow/presets/airbnb.yaml"], "reproduce": ["reproduce"]}
RUNS = {
    "default": [],
    "penguins": ["--configfile", "workflow/presets/penguins.yaml"],
    "sweep": ["sweep", "--configfile", SMALL, "grid.yaml"],
    "unlabelled": ["--configfile", SMALL, "unlabelled.yaml"],
    "no_test": ["--configfile", SMALL, "no_test.yaml"],
    **(LISTED if (LISTINGS / "train.csv").is_file() else {}),
}
KINDS = (".json", ".csv", ".npz")


def checksums(folder: Path, runs: list[str]) -> dict[str, str]:
    """Run `runs` in a copy of the checkout in `folder`; return the sha256 of each table, by run and file."""
    workspace = Workspace(folder)
    overlays = {"grid": GRID, "unlabelled": {"data": {"test_labels": "absent"}}, "no_test": {"data": {"test": "none"}}}
    for name, overlay in overlays.items():
        (workspace.folder / f"{name}.yaml").write_text(json.dumps(overlay), encoding="utf-8")
    if LISTINGS.is_dir():
        workspace.listings()
    subprocess.run([sys.executable, "scripts/datasets.py", "penguins"], cwd=workspace.folder, check=True)
    found = {}
    for name in runs:
        print(f"{name} ...", file=sys.stderr, flush=True)
        workspace.snakemake(*RUNS[name], "--config", f"results=results/{name}", cores="-c2")
        results = result_bytes(workspace.folder / "results" / name)
        found |= {
            f"{name}/{file}": hashlib.sha256(content).hexdigest()
            for file, content in sorted(results.items())
            if file.endswith(KINDS)
        }
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS), metavar="RUN")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = checksums(Path(folder) / "gapscope", given.only)
    given.output.write_text(json.dumps(found, indent=1), encoding="utf-8")
    before = json.loads(given.compare.read_text(encoding="utf-8")) if given.compare else found
    before = {name: content for name, content in before.items() if name.split("/")[0] in given.only}
    differing = [name for name in sorted(before | found) if before.get(name) != found.get(name)]
    print(*(f"differs: {name}" for name in differing), f"{len(found)} files, {len(differing)} differ", sep="\n")
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
