"""The page of a run's times, from logs written by hand."""

import csv
from pathlib import Path

import pytest

import browser as browsers
from gapscope.common.errors import UserError
from hostile import Files, stage
from markup import Tree

MEASURED = {"clean": (2.0, 96, 1.5), "train_relu": (0.3, 80, 0.2), "report": (5.7, 1220, 4.0)}
JOBS = ["clean", "split", "train_relu", "report"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    for name, (wall, peak, processor) in MEASURED.items():
        speed = "7.9e+05 rows/s\n" if name == "train_relu" else ""
        spent = f"{processor} s of processor time, 0.1 s of it to start, {wall} s in all, {peak} MiB of memory at most"
        (logs / f"{name}.log").write_text(f"{speed}{spent}\n")
    files = Files(page=str(logs / "timings.html"), table=str(logs / "timings.csv"))
    stage("timings")({}, files, {"jobs": JOBS})
    return files


def test_the_table_has_what_the_logs_say(made):
    rows = {row["job"]: row for row in csv.DictReader(Path(made.table).read_text(encoding="utf-8").splitlines())}
    assert list(rows)[:2] == ["report", "clean"] and len(rows) == len(JOBS)  # the longest first
    assert list(rows["report"].values()) == ["report", "5.7", "4", "1220", "0.7125", ""]
    assert list(rows["train_relu"].values()) == ["train_relu", "0.3", "0.2", "80", "0.0375", "790000"]
    assert list(rows["split"].values()) == ["split", "", "", "", "", ""]
    assert sum(float(row["share_of_wall"] or 0) for row in rows.values()) == pytest.approx(1)


def test_the_page_says_what_took_longest(made):
    tree = Tree(Path(made.page).read_text(encoding="utf-8"))
    words = " ".join(next(box["text"] for box in tree.all("p") if box.get("class") == "verdict").split())
    assert words == "3 jobs took 8.0 s in sum, report the longest with 5.7 s; none held more than 1,220 MiB."
    assert "790,000" in tree.texts("td")


def test_a_run_without_times_is_told(tmp_path):
    with pytest.raises(UserError, match="--forceall"):
        stage("timings")({}, Files(page=str(tmp_path / "a.html"), table=str(tmp_path / "a.csv")), {"jobs": JOBS})


def test_all_can_read_and_sort_it(browser, made):
    assert not browsers.violations(browser, made.page, "timings", 360)
    with browsers.opened(browser, made.page, 360) as page:
        page.get_by_role("columnheader", name="Peak memory").get_by_role("button").click()
        assert page.locator("#jobs tbody tr").first.inner_text().startswith("train_relu")
