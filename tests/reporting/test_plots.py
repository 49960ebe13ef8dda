"""Figures of few and of many classes and features, with short and with long names: no word lies upon another."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.axis import Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from gapscope.evaluation.exploration import boxes_by_class, class_distribution, correlations, level_shares
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
    yield eda.shares({one: level_shares(table, one, data) for one in data["categorical"]}, "simulated")
    yield eda.correlation_matrix(correlations(table, data), "simulated")


def judged(case):
    table, data = tables(*case)
    networks = ["relu", "sigmoid", "leaky_relu"][: 2 if case is FEW else 3]
    matrix = np.full((case[0], case[0]), 1234).tolist()
    parts = {
        part: {"accuracy": value, "accuracy_interval": [value - 0.01, value + 0.01], "majority_accuracy": 0.9}
        for part, value in (("train", 0.9), ("validation", 0.89), ("test", 0.4))
    }
    parts["test"]["confusion_matrix"] = matrix
    yield evaluation.gap(dict.fromkeys(networks, parts), "simulated")
    yield evaluation.confusion(dict.fromkeys(networks, parts), data["classes"], "simulated")
    records = [
        {
            "feature": feature,
            "undone": {"gain": 0.1},
            **{key: 0.1 for key in ("gap_share", "repaired_accuracy", "broken_accuracy")},
            **{f"information_{part}": 0.1 for part in ("validation", "test")},
            **{f"{key}_interval": [0.05, 0.2] for key in ("gap_share", "information_validation", "information_test")},
        }
        for feature in data["numeric"] + data["categorical"]
    ]
    found = {"features": records, "gap": {"test": 0.4, "validation": 0.41}}
    yield diagnosis.counterfactual(found, "simulated")
    yield diagnosis.features(found, "simulated")
    yield evaluation.remedies(remedies(case[3]), {"majority": 0.5, "ceiling": {"accuracy": 0.5}}, "simulated")
    history = {f"grad_{place}": np.full(9, 0.1) for place in range(1, 7)}
    history |= {name: np.full(9, 0.5) for name in ("loss", "train_accuracy", "validation_accuracy")}
    history["iteration"] = np.arange(9)
    yield training.curves(dict.fromkeys(networks, history), "simulated")
    yield training.gradients(dict.fromkeys(networks, history), "simulated")
    rows = list(itertools.product(networks, list(saliency.TITLES)[2:], data["numeric"] + data["categorical"]))
    own = pd.DataFrame(rows, columns=["activation", "method", "feature"])
    own = own.assign(level="feature", importance=0.1, standard_error=0.01)
    yield saliency.features(own.to_dict("records"), "simulated")


def remedies(letters):
    figures = ("validation_accuracy", "test_accuracy", "test_macro_f1")
    table = pd.DataFrame({"mitigation": [name("r", place, letters) for place in range(9)], "recommended": "no"})
    table = table.assign(**{one: 0.5 for one in figures}, **{f"{one}_sd": 0.01 for one in figures})
    return table.to_dict("records")


def overlaps(figure):
    """Pairs of words that share more than a pixel each way; a word at a slant is no upright box, and is left out."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = [(word.get_text(), Text.get_window_extent(word, canvas.get_renderer())) for word in words(figure)]
    boxes = [(word, box.padded(-1)) for word, box in drawn]  # of an annotation's arrow, nothing
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 0 and min(a.y1, b.y1) - max(a.y0, b.y0) > 0
    ]


def words(figure):
    """The upright words that are drawn: of ticks, only those within their axis."""
    axes = [one for one in figure.axes if one.get_visible()]
    ticks = {word for tick in figure.findobj(Tick) for word in (tick.label1, tick.label2)}
    drawn = [tick for one in axes for axis in (one.xaxis, one.yaxis) for tick in axis._update_ticks()]
    own = [word for tick in drawn for word in (tick.label1, tick.label2)]
    own += [word for word in figure.findobj(Text) if word not in ticks and word.axes in (None, *axes)]
    return [word for word in own if word.get_visible() and word.get_text().strip() and word.get_rotation() % 90 == 0]


@pytest.mark.parametrize("case", [FEW, MANY], ids=["few", "many"])
@pytest.mark.parametrize("draw", [explored, judged])
def test_no_word_lies_upon_another(draw, case):
    for figure in draw(case):
        assert not overlaps(figure)
        assert figure.get_size_inches()[1] < 30


def test_shortened_names_can_still_be_told_apart():
    names = [f"{place:02d}_{'a' * 30}" for place in range(3)]
    for own in (names, [name[::-1] for name in names], [f"{'b' * 20}{name}{'b' * 20}" for name in names]):
        short = style.all_shortened(own)
        assert len(set(short)) == 3 and all(len(name) <= style.LONGEST for name in short)
    assert style.all_shortened(["a", "a" * 30]) == ["a", "a" * 17 + "…" + "a" * 11]


def test_places_are_spread_no_further_than_needed():
    assert style.spread_out([0.5, 0.5, 0.5], 0.1) == pytest.approx([0.4, 0.5, 0.6])
    assert style.spread_out([0.9, 0.1, 0.85], 0.1) == pytest.approx([0.925, 0.1, 0.825])
    assert style.spread_out([0.3], 0.1) == pytest.approx([0.3])


def test_one_thing_has_one_colour_and_no_other_thing_has_it():
    used = [
        *palette.PARTITION.values(),
        *palette.ACTIVATION.values(),
        *(look[1] for look in shared_bias.NETWORKS.values()),
    ]
    used += [look[1] for look in shared_bias.PATHS.values()]
    assert len(set(used)) == len(used)


def test_the_name_of_a_line_points_at_its_end():
    factors = {"relu": 1.0, "tanh": 0.01}
    falls = {"grad_1": np.array([1e-1, 1e-3, 1e-5, 2e-6]), "grad_2": np.array([1, 0.5, 0.2, 0.1])}
    histories = {
        name: {"iteration": np.arange(4), **{layer: values * factor for layer, values in falls.items()}}
        for name, factor in factors.items()
    }
    figure = training.gradients(histories, "files")
    FigureCanvasAgg(figure).draw()
    for axes, factor in zip(figure.axes, factors.values()):
        ends = axes.transData.inverted().transform([axes.transAxes.transform(word.xy) for word in axes.texts])[:, 1]
        assert ends == pytest.approx(np.array([2e-6, 0.1]) * factor)
