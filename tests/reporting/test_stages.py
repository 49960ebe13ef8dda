"""The drawing of the stages, and the page of a run's times, from logs written by hand."""

import csv
from pathlib import Path

import pytest

import browser as browsers
from gapscope.common.errors import UserError
from gapscope.reporting.page import stages
from hostile import Files, stage
from markup import Tree

READS = {"clean": [], "split": ["clean"], "train_a": ["clean", "split"], "report": ["clean", "train_a"]}


def test_arrows_that_follow_from_others_are_left_out():
    assert stages.reduced(READS) == {"clean": [], "split": ["clean"], "train_a": ["split"], "report": ["train_a"]}


def test_many_stages_of_one_family_are_drawn_as_one():
    many = {f"mitigate_{name}": ["clean"] for name in "abcde"}
    graph = stages.in_families({"clean": [], **many, "mitigate": list(many)})
    assert graph == {"clean": [], "mitigate_… (5)": ["clean"], "mitigate": ["mitigate_… (5)"]}


def test_no_two_stages_are_drawn_on_one_place_and_names_are_escaped():
    graph = {"clean": [], "<b>": ["clean"], "split": ["clean"], "report": ["clean", "<b>", "split"]}
    layers, chains = stages.layered(stages.reduced(graph))
    assert layers[0] == ["clean"] and set(layers[1]) == {"<b>", "split"} and layers[2] == ["report"]
    assert sorted(chains) == [["<b>", "report"], ["clean", "<b>"], ["clean", "split"], ["split", "report"]]
    assert "&lt;b&gt;" in stages.drawing(graph) and "<b>" not in stages.drawing(graph)


MEASURED = {"clean": (2.0, 96, 1.5), "train_relu": (0.3, 80, 0.2), "report": (5.7, 1220, 4.0)}
MANY = {f"mitigate_{name}": (0.5 + number / 10, 150 + number, 0.4) for number, name in enumerate("abcde")}
STAGES = {"clean": [], "split": ["clean"], "train_relu": ["split"], **{name: ["train_relu"] for name in MANY}}
STAGES |= {"report": ["clean", *MANY]}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    for name, (wall, peak, processor) in {**MEASURED, **MANY}.items():
        speed = "7.9e+05 rows/s\n" if name == "train_relu" else ""
        spent = f"{processor} s of processor time, 0.1 s of it to start, {wall} s in all, {peak} MiB of memory at most"
        (logs / f"{name}.log").write_text(f"{speed}{spent}\n")
    files = Files(page=str(logs / "timings.html"), table=str(logs / "timings.csv"))
    stage("timings")({}, files, {"stages": STAGES})
    return files


def test_the_table_has_what_the_logs_say(made):
    rows = {row["job"]: row for row in csv.DictReader(Path(made.table).read_text(encoding="utf-8").splitlines())}
    assert list(rows)[:2] == ["report", "clean"] and len(rows) == len(STAGES)  # the longest first
    assert list(rows["report"].values()) == ["report", "5.7", "4", "1220", "0.495652", ""]
    assert list(rows["train_relu"].values()) == ["train_relu", "0.3", "0.2", "80", "0.026087", "790000"]
    assert list(rows["split"].values()) == ["split", "", "", "", "", ""]
    assert sum(float(row["share_of_wall"] or 0) for row in rows.values()) == pytest.approx(1)


def test_the_drawing_has_each_stages_time_and_memory(made):
    tree = Tree(Path(made.page).read_text(encoding="utf-8"))
    boxes = {link["text"]: link["href"] for link in tree.all("a") if "svg" in link["in"]}
    assert boxes == {
        "clean2.0 s, 96 MiB": "#job-clean",
        "splitnot run": "#job-split",
        "train_relu0.3 s, 80 MiB": "#job-train_relu",
        "mitigate_… (5)3.5 s, 154 MiB": "#job-mitigate_a",  # the sum of their times, the most memory of one
        "report5.7 s, 1220 MiB": "#job-report",
    }
    assert {href[1:] for href in boxes.values()} <= {row.get("id") for row in tree.all("tr")}
    words = " ".join(next(box["text"] for box in tree.all("p") if box.get("class") == "verdict").split())
    assert words == "8 jobs took 11.5 s in sum, report the longest with 5.7 s; none held more than 1,220 MiB."
    assert "790,000" in tree.texts("td")


def test_a_run_without_times_is_told(tmp_path):
    with pytest.raises(UserError, match="--forceall"):
        stage("timings")({}, Files(page=str(tmp_path / "a.html"), table=str(tmp_path / "a.csv")), {"stages": STAGES})


def test_all_can_read_and_sort_it(browser, made):
    assert not browsers.violations(browser, made.page, "timings", 360)
    with browsers.opened(browser, made.page, 360) as page:
        page.get_by_role("columnheader", name="Peak memory").get_by_role("button").click()
        assert page.locator("#jobs tbody tr").first.inner_text().startswith("train_relu")
