"""Figures as files: whole or not at all, the same bytes every time, with nothing of the surroundings."""

import matplotlib
import pytest
from matplotlib.figure import Figure

from gapscope.reporting.plots.style import write_figure


def figure():
    drawn = Figure()
    axes = drawn.subplots()
    axes.plot([1, 3, 2], label="line")
    axes.fill_between([0, 1, 2], [0, 1, 0], alpha=0.3)
    axes.legend(title="legend")
    return drawn


def test_the_same_bytes_twice(tmp_path):
    one, two = tmp_path / "one.svg", tmp_path / "two.svg"
    write_figure(one, figure())
    write_figure(two, figure())
    assert one.read_bytes() == two.read_bytes()
    assert "<svg" in one.read_text() and "legend" in one.read_text()


def test_a_salt_of_the_surroundings_does_not_matter_and_stays(tmp_path):
    write_figure(tmp_path / "one.svg", figure())
    with matplotlib.rc_context({"svg.hashsalt": "another"}):
        write_figure(tmp_path / "two.svg", figure())
        assert matplotlib.rcParams["svg.hashsalt"] == "another"
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_no_date_and_no_version(tmp_path):
    write_figure(tmp_path / "a.svg", figure())
    text = (tmp_path / "a.svg").read_text()
    assert "dc:date" not in text and "Matplotlib v" not in text


def test_a_figure_that_cannot_be_drawn_leaves_what_was_there(tmp_path):
    (tmp_path / "a.svg").write_text("old")
    wrong = figure()
    wrong.axes[0].set_title("$\\nocommand$", parse_math=True)
    with pytest.raises(ValueError):
        write_figure(tmp_path / "a.svg", wrong)
    assert (tmp_path / "a.svg").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
