"""The section on a sweep: there with one, absent without, and nothing in it that a setting's name could break."""

import pytest

from gapscope.common.files import write_json, write_records
from gapscope.reporting.plots.style import write_figure
from gapscope.studies.sweep.comparison import effects, ranked
from gapscope.studies.sweep.plots import best, cost, sensitivity

KNOB = "encode.transform.<b>&=1+1"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The files of a sweep of two points over a column with a name of markup."""
    folder = tmp_path_factory.mktemp("sweep")
    points = [{KNOB: "log1p"}, {KNOB: "<script>"}]
    networks = [{"fold": fold, "seed": 1, "accuracy": 0.5, "macro_f1": 0.5, "log_loss": 1.0} for fold in (1, 2)]
    shared = {"networks": networks, "diverged": 0, "parameters": 3, "gigaflop": 0.1, "held_out": "a", "file": "x.json"}
    table = ranked([{"number": number, **shared} for number in (1, 2)], points, 0.95)
    shares = effects(table, [KNOB])
    paths = {name: str(folder / f"{name}.svg") for name in ("sweep_best", "sweep_sensitivity", "sweep_cost")}
    write_figure(paths["sweep_best"], best(table, [KNOB], "files"))
    write_figure(paths["sweep_sensitivity"], sensitivity(table, shares, "files"))
    write_figure(paths["sweep_cost"], cost(table, "files"))
    paths |= {name: str(folder / name) for name in ("sweep", "sweep_table", "sweep_knobs", "sweep_winner")}
    write_records(paths["sweep_table"], table, "files")
    write_records(paths["sweep_knobs"], shares, "files")
    summary = {"points": 2, "knobs": [KNOB], "luck": 0.0, "as_good": 2, "folds": 2, "seeds": [1], "confidence": 0.95}
    write_json(paths["sweep"], summary)
    (folder / "sweep_winner").write_text("train: {l2: <i>}\n")
    return paths


def test_with_a_sweep(write, files):
    page = write(**files)
    section = page[page.index('<section id="sweep">') :].partition("</section>")[0]
    assert "2-fold cross-validation within the training table and 1 network per fold" in section
    assert section.count("<figure ") == 3 and "1 other cannot be told from it" in section
    assert (
        "<script>" not in section
        and "<i>" not in section
        and "<b>" not in section.replace("<b>Figure", "").replace("<b>Table", "")
    )
    assert '<a href="#sweep">Settings tried</a>' in page


def test_without_one(page):
    assert "sweep" not in page.partition("<section")[0] and '<section id="sweep">' not in page
