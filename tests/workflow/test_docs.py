"""docs/reruns.md is what the schema and the rules say now; the README's settings and the pages' code are true."""

import re
import runpy

import yaml

from runs import ROOT, SHIPPED

README = (ROOT / "README.md").read_text(encoding="utf-8")
RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_the_table_is_up_to_date():
    page = runpy.run_path(str(ROOT / "docs" / "reruns.py"))["page"]()
    assert page == (ROOT / "docs" / "reruns.md").read_text(encoding="utf-8"), "run `make docs`"
    assert "| `eda.dominant_correlation` | eda, report |  |" in page
    assert "| `saliency.methods` | saliency, report |" in page
    assert "| `train.hidden` | mitigate_remedy, mitigate_ceiling, train_*, report, suite_cases, sweep_points | " in page


def test_the_readmes_settings_are_the_shipped_ones():
    rows = re.findall(r"^\| `([\w.]+)` \| `(.+?)` \|", README, re.M)
    assert len(rows) > 5
    for key, value in rows:
        shipped = SHIPPED
        for name in key.split("."):
            shipped = shipped[name]
        assert shipped == yaml.safe_load(value), key


def test_the_notebook_runs(small_run, monkeypatch, capsys):
    monkeypatch.chdir(small_run.folder)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    exec(code_below("## In a notebook"), {})
    assert "amenity_score" in capsys.readouterr().out


def test_the_lines_for_new_rows_run(small_run, monkeypatch, tmp_path):
    (tmp_path / "results").symlink_to(small_run.folder / "results")
    (tmp_path / "new.csv").write_bytes((small_run.folder / "results/simulated/test.csv").read_bytes())
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code_below("## New rows"), names)
    assert len(names["predicted"]) == 1000 and names["predicted"]["predicted"].isin(SHIPPED["data"]["classes"]).any()


def code_below(heading: str) -> str:
    return re.search(r"```python\n(.*?)```", RESULTS.split(heading)[1], re.S)[1]


def test_files_that_the_pages_name_are_there():
    for page in [*ROOT.glob("*.md"), ROOT / "config/README.md", *ROOT.glob("docs/*.md")]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), f"{page}: {link}"


def test_the_readme_is_short():
    assert len(README.split()) <= 1000
