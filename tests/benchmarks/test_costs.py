"""docs/scale.md and its figures: made from what was measured, and measured from what jobs leave behind."""

import pytest

from costs import by_stage, starting
from costs_page import ROOT, markdown, measured, page, record
from plots import stages_figure, sweep_figure
from timed_runs import Spent


def test_the_page_has_the_figures_that_were_measured():
    assert page() == (ROOT / "docs" / "scale.md").read_text(encoding="utf-8"), "run `python benchmarks/costs.py page`"


def test_jobs_of_a_stage_are_added_up_from_their_logs(tmp_path):
    for rule, wall, cpu, start, peak in (("train_relu", 2.0, 3.0, 0.5, 90), ("train_tanh", 1.0, 1.5, 0.25, 70)):
        words = f"{cpu} s of processor time, {start} s of it to start, {wall} s in all, {peak} MiB of memory at most"
        (tmp_path / f"{rule}.log").write_text(f"something else, 7 MiB\n{words}\n")
    (stage,) = by_stage(tmp_path)
    assert stage == {"stage": "train_*", "jobs": 2, "wall_s": 3.0, "cpu_s": 4.5, "start_s": 0.75, "peak_mib": 90}
    assert starting(Spent(wall=9.0, cpu=6.0), [stage]) == pytest.approx(6.0 - 4.5 + 0.75)


def test_a_size_that_is_measured_again_replaces_what_was_there(tmp_path):
    record("a", "rows", [{"rows": 400, "cpu_s": 1}, {"rows": 400, "cpu_s": 2}], tmp_path)
    record("a", "rows", [{"rows": 50, "cpu_s": 3}], tmp_path)
    record("a", "rows", [{"rows": 400, "cpu_s": 4}], tmp_path)
    assert measured("a", tmp_path) == [{"rows": "50", "cpu_s": "3"}, {"rows": "400", "cpu_s": "4"}]


def test_a_table_of_uneven_rows_is_refused():
    with pytest.raises(ValueError, match="different lengths"):
        markdown([["a", "b"], [1]])


def test_figures_of_what_was_measured():
    for name, figure in (("stages", stages_figure), ("sweep", sweep_figure)):
        figure(measured(name)).canvas.draw()
