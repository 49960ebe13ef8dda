"""Figures of few and of many features, classes and long names: no word lies upon another; figures as files."""

import itertools
import json
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axis import Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from gapscope.evaluation.exploration import boxes_by_class, class_distribution, level_shares
from gapscope.reporting.plots import diagnosis, eda, evaluation, palette, saliency, style, training
from gapscope.studies.shared_bias import plots as shared_bias

FEW, MANY = (2, 3, 1, 3), (12, 40, 8, 40)  # classes, numeric and categorical features, letters of a name


def name(kind, place, letters):
    return (f"{kind}{place:02d}_" + "abcdefghij" * 4)[:letters]


def tables(classes, numeric, categorical, letters):
    rng = np.random.default_rng(0)
    data = {
        "target": "y",
        "classes": [name("", place, letters) for place in range(classes)],
        "numeric": [name("", place, letters) for place in range(numeric)],
        "categorical": [name("k", place, letters) for place in range(categorical)],
    }
    table = pd.DataFrame(rng.normal(size=(300, numeric)), columns=data["numeric"])
    table["y"] = rng.integers(classes, size=300)
    for feature in data["categorical"]:
        table[feature] = [name("", place, letters) for place in rng.integers(20, size=300)]
    return table, data


def explored(case):
    table, data = tables(*case)
    yield eda.classes(class_distribution(table["y"], data["classes"]), "simulated")
    yield eda.boxplots(boxes_by_class(table, data["numeric"][: eda.BOXES], "y"), data, "simulated")
    yield eda.shares({name: level_shares(table, name, data) for name in data["categorical"]}, "simulated")


def judged(case):
    table, data = tables(*case)
    networks = ["relu", "sigmoid", "leaky_relu"][: 2 if case is FEW else 3]
    features = data["numeric"] + data["categorical"]
    metrics = {
        partition: {"accuracy": value, "accuracy_interval": [value - 0.01, value + 0.01], "majority_accuracy": 0.9}
        for partition, value in (("train", 0.9), ("validation", 0.89), ("test", 0.4))
    }
    yield evaluation.gap(dict.fromkeys(networks, metrics), "simulated")
    values = ("gap_share", "repaired_accuracy", "broken_accuracy", "information_validation", "information_test")
    record = dict.fromkeys(values, 0.1) | {f"{key}_interval": [0.05, 0.2] for key in values}
    records = [{**record, "feature": feature, "undone": {"gain": 0.1}} for feature in features]
    diagnosed = {"features": records, "gap": {"test": 0.4, "validation": 0.41}}
    yield diagnosis.counterfactual(diagnosed, "simulated")
    yield diagnosis.features(diagnosed, "simulated")
    values = ("validation_accuracy", "test_accuracy", "test_macro_f1")
    record = dict.fromkeys(values, 0.5) | {f"{key}_sd": 0.01 for key in values} | {"recommended": "no"}
    rows = [{**record, "mitigation": name("r", place, case[3])} for place in range(9)]
    yield evaluation.remedies(rows, {"majority": 0.5, "ceiling": {"accuracy": 0.5}}, "simulated")
    history = {f"grad_{place}": np.full(9, 0.1) for place in range(1, 7)} | {"iteration": np.arange(9)}
    history |= {key: np.full(9, 0.5) for key in ("loss", "train_accuracy", "validation_loss", "validation_accuracy")}
    yield training.curves(dict.fromkeys(networks, history), "simulated")
    yield training.gradients(dict.fromkeys(networks, history), "simulated")
    rows = list(itertools.product(networks, list(saliency.TITLES)[2:], features))
    table = pd.DataFrame(rows, columns=["activation", "method", "feature"])
    table = table.assign(level="feature", importance=0.1, standard_error=0.01)
    yield saliency.features(table.to_dict("records"), "simulated")


def overlaps(figure):
    """Pairs of words that share more than a pixel each way; a word at a slant is no upright box, and is left out."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = [(word.get_text(), Text.get_window_extent(word, canvas.get_renderer())) for word in words(figure)]
    boxes = [(word, box.padded(-1)) for word, box in drawn]  # without an annotation's arrow
    return [
        (first, second)
        for (first, a), (second, b) in itertools.combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0
    ]


def words(figure):
    """The upright words that are drawn: of ticks, only those within their axis."""
    shown = [axes for axes in figure.axes if axes.get_visible()]
    ticks = {word for tick in figure.findobj(Tick) for word in (tick.label1, tick.label2)}
    drawn = [tick for axes in shown for axis in (axes.xaxis, axes.yaxis) for tick in axis._update_ticks()]
    texts = [word for tick in drawn for word in (tick.label1, tick.label2)]
    texts += [word for word in figure.findobj(Text) if word not in ticks and word.axes in (None, *shown)]
    return [word for word in texts if word.get_visible() and word.get_text().strip() and word.get_rotation() % 90 == 0]


@pytest.mark.parametrize("case", [FEW, MANY], ids=["few", "many"])
@pytest.mark.parametrize("draw", [explored, judged])
def test_no_word_lies_upon_another(draw, case):
    for figure in draw(case):
        assert not overlaps(figure)
        assert figure.get_size_inches()[1] < 30


@pytest.mark.parametrize("decades", [1, 2, 3, 4, 7])
def test_a_loss_that_falls_far_leaves_room_between_the_numbers_of_its_axis(decades):
    falling = np.logspace(0, -decades, 9)
    history = {"iteration": np.arange(9), "train_accuracy": 1 - falling / 2, "validation_accuracy": 1 - falling / 2}
    figure = training.curves({"relu": history | {"loss": falling, "validation_loss": falling}}, "files")
    assert not overlaps(figure)
    assert sum(bool(word.get_text()) for word in figure.axes[0].get_yticklabels()) > 2


def test_shortened_names_can_still_be_told_apart():
    names = [f"{place:02d}_{'a' * 30}" for place in range(3)]
    for long in (names, [name[::-1] for name in names], [f"{'b' * 20}{name}{'b' * 20}" for name in names]):
        short = style.all_shortened(long)
        assert len(set(short)) == 3 and all(len(name) <= style.LONGEST for name in short)
    assert style.all_shortened(["a", "a" * 30]) == ["a", "a" * 17 + "…" + "a" * 11]


def test_one_thing_has_one_colour_and_no_other_thing_has_it():
    lines = [*shared_bias.NETWORKS.values(), *shared_bias.PATHS.values()]
    used = [*palette.PARTITION.values(), *palette.ACTIVATION.values(), *(colour for _, colour, _ in lines)]
    assert len(set(used)) == len(used)


def saliency_table(features, methods=("gradient", "permutation_validation"), level="feature"):
    rng = np.random.default_rng(0)
    rows = [
        (name, method, feature, rng.exponential(), 0.1 if method.startswith("perm") else np.nan, level)
        for name in ("relu", "sigmoid")
        for method in methods
        for feature in features
    ]
    return pd.DataFrame(rows, columns=["activation", "method", "feature", "importance", "standard_error", "level"])


def labels(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_one_panel_per_method_and_the_most_important_on_top():
    table = saliency_table(["a", "b", "c"])
    figure = saliency.features(table.to_dict("records"), "files")
    importance = table[table["method"] == "permutation_validation"].groupby("feature")["importance"].max()
    assert len(figure.axes) == 2 and labels(figure) == importance.sort_values().index.tolist()
    assert len(figure.axes[0].patches) == 2 * 3


def test_of_many_features_the_first_are_shown_and_the_figure_says_so():
    table = saliency_table([f"feature number {place} with a name too long for an axis" for place in range(100)])
    figure = saliency.features(table.to_dict("records"), "files")
    assert len(labels(figure)) == saliency.MOST and "of 100" in figure.get_supxlabel()
    assert max(map(len, labels(figure))) <= style.LONGEST and figure.get_size_inches()[1] < 14


@pytest.mark.parametrize("draw", [saliency.columns, saliency.features])
def test_without_a_method_the_figure_says_so(draw):
    other = "feature" if draw is saliency.columns else "column"
    figure = draw(saliency_table(["a"], ["loss"], other).to_dict("records"), "files")
    assert "No such method" in figure.axes[0].texts[0].get_text()


def small_figure():
    figure = style.Drawing()
    axes = figure.subplots()
    axes.plot([1, 3, 2], label="line")
    axes.fill_between([0, 1, 2], [0, 1, 0], alpha=0.3)
    axes.legend(title="legend")
    return figure


def test_a_figure_is_written_with_the_same_bytes_in_any_surroundings(tmp_path):
    style.write_figure(tmp_path / "one.svg", small_figure())
    with matplotlib.rc_context({"svg.hashsalt": "another"}):
        style.write_figure(tmp_path / "two.svg", small_figure())
        assert matplotlib.rcParams["svg.hashsalt"] == "another"
    text = (tmp_path / "one.svg").read_text()
    assert text == (tmp_path / "two.svg").read_text() and "<svg" in text and "legend" in text
    assert "dc:date" not in text and "Matplotlib v" not in text


def test_points_are_noted_where_they_are_drawn(tmp_path):
    figure, (axes,) = style.panels(1, 1)
    line = axes.plot([1, 2, 3], [5.0, np.nan, 7.0], marker="o", markersize=4)
    style.touch(axes, [1, 2, 3], [5.0, np.nan, 7.0], ["<a>", "b", 'c "d"'], "x & y", line)
    style.write_figure(tmp_path / "a.svg", figure)
    svg = ElementTree.parse(tmp_path / "a.svg").getroot()
    (group,) = (one for one in svg.iter() if one.get("id") == "series:1:x & y")
    drawn = [(float(use.get("x")), float(use.get("y"))) for use in group.iter("{http://www.w3.org/2000/svg}use")]
    points = json.loads(svg.get("data-points"))
    assert [tuple(point[:2]) for point in points] == [pytest.approx(place, abs=0.1) for place in drawn]
    assert [point[2:] for point in points] == [["<a>", "x & y"], ['c "d"', "x & y"]]


def test_a_figure_that_cannot_be_drawn_leaves_what_was_there(tmp_path):
    (tmp_path / "a.svg").write_text("old")
    wrong = small_figure()
    wrong.axes[0].set_title("$\\nocommand$", parse_math=True)
    with pytest.raises(ValueError):
        style.write_figure(tmp_path / "a.svg", wrong)
    assert (tmp_path / "a.svg").read_text() == "old" and len(list(tmp_path.iterdir())) == 1
