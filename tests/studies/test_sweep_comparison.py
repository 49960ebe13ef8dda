"""Comparison of a sweep's points and its figures, against values worked out by hand."""

import numpy as np
import pytest

from gapscope.studies.sweep.comparison import difference, effects, interval, luck, networks_table, ranked
from gapscope.studies.sweep.plots import best, cost, frontier, sensitivity


def column(table: list[dict], name: str) -> list:
    return [row[name] for row in table]


def result(number, *accuracies, gigaflop=1.0, held_out="a"):
    """A point with these accuracies by fold."""
    networks = [
        {"fold": fold, "seed": 1, "accuracy": accuracy, "macro_f1": 0.5, "log_loss": 1.0}
        for fold, accuracy in enumerate(accuracies, 1)
    ]
    return {
        "number": number, "networks": networks, "parameters": 9, "gigaflop": gigaflop, "diverged": 0,
        "held_out": held_out, "file": f"{number}.json",
    }  # fmt: skip


def test_interval_by_hand():
    """0.8 and 0.9: variance 0.005; times (1/2 + 1/(2-1)) is 0.0075; t of one degree of freedom is 12.706."""
    low, high = interval(np.array([0.8, 0.9]), 2, 0.95)
    assert (low, high) == pytest.approx((0.85 - 12.7062 * 0.0866025, 0.85 + 12.7062 * 0.0866025), abs=1e-4)
    assert interval(np.array([0.8]), 0, 0.95) == (None, None)


def test_differences_are_paired_only_on_the_same_rows():
    first, worse = result(1, 0.8, 0.9, 0.7), (0.79, 0.89, 0.69)
    same, other = result(2, *worse), result(3, *worse, held_out="b")
    paired, unpaired = difference(first, same, 0.95), difference(first, other, 0.95)
    assert paired == pytest.approx((0.01, 0.01, 0.01))
    assert unpaired[0] == pytest.approx(0.01) and unpaired[1] < -0.3


def test_the_winner_is_the_most_accurate_and_of_equals_the_cheapest():
    points = [{"train.l2": 0.1}, {"train.l2": 0.2}, {"train.l2": 0.3}]
    results = [result(1, 0.8, 0.8), result(2, 0.9, 0.7, gigaflop=0.5), result(3, 0.1, 0.2)]
    found = ranked(results, points, 0.95)
    assert column(found, "point") == [2, 1, 3] and column(found, "as_good_as_winner") == ["winner", "yes", "yes"]
    assert column(found, "train.l2") == ["0.2", "0.1", "0.3"]
    assert column(networks_table(results, points), "validation_accuracy") == [0.8, 0.8, 0.9, 0.7, 0.1, 0.2]


def test_a_setting_that_only_some_points_have_is_empty_in_the_others():
    points = [{"train.l2": 0.1}, {"train.l2": 0.2, "train.momentum": 0.5}]
    found = ranked([result(1, 0.8, 0.8), result(2, 0.9, 0.7)], points, 0.95)
    assert column(found, "train.momentum") == [None, "0.5"] and len({tuple(row) for row in found}) == 1
    assert [row["points"] for row in effects(found, ["train.momentum"])] == [1]
    sensitivity(found, effects(found, ["train.l2", "train.momentum"]), "x").canvas.draw()


def test_luck_by_hand():
    """Bests by fold 0.9 and 0.9, the winner's there 0.9 and 0.8: half of 0 + 0.1. One part to judge by: unknown."""
    assert luck([result(1, 0.9, 0.8), result(2, 0.7, 0.9)]) == pytest.approx(0.05)
    assert luck([result(1, 0.9), result(2, 0.7)]) is None


def test_effects_of_a_full_grid_add_up():
    """Accuracy = 0.6 + 0.1 a + 0.2 b without interaction: a has 1/5 of the variance, b 4/5."""
    rows = [(str(a), str(b), 0.6 + 0.1 * a + 0.2 * b) for a in (0, 1) for b in (0, 1)]
    table = [dict(zip(("a", "b", "validation_accuracy"), row), point=place) for place, row in enumerate(rows)]
    found = effects(table, ["a", "b"])
    assert {row["setting"]: row["share"] for row in found} == pytest.approx({"a": 0.2, "b": 0.8})
    assert column(found, "mean_accuracy") == pytest.approx([0.7, 0.8, 0.65, 0.85])


def test_the_frontier_has_no_point_that_a_cheaper_one_equals():
    costs, accuracies = [4.0, 1.0, 2.0, 2.0, 3.0], [0.9, 0.5, 0.7, 0.6, 0.7]
    found = frontier([{"gigaflop": cost, "validation_accuracy": one} for cost, one in zip(costs, accuracies)])
    assert column(found, "gigaflop") == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("number", [1, 40])
def test_figures_of_one_point_and_of_many(number):
    points = [{"train.l2": place, "train.hidden": [64] * 20} for place in range(number)]
    found = ranked([result(place + 1, 0.5 + place / 100, 0.5) for place in range(number)], points, 0.95)
    knobs = ["train.l2", "train.hidden"]
    for figure in (best(found, knobs, "simulated"), cost(found, "x"), sensitivity(found, effects(found, knobs), "x")):
        figure.canvas.draw()


def test_values_are_in_the_order_of_their_size_or_of_the_points():
    values = ["[8]", "[16, 8]", "0.1", "0.02", "[8]"]
    table = [{"k": value, "validation_accuracy": 0.5, "point": point} for value, point in zip(values, [2, 1, 4, 5, 3])]
    assert column(effects(table, ["k"]), "value") == ["0.02", "0.1", "[16, 8]", "[8]"]
