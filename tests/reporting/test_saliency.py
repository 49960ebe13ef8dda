"""The saliency figures: what they show of few and of many features, long names and missing methods."""

import numpy as np
import pandas as pd
import pytest

from gapscope.reporting.plots import saliency, style


def table(features, methods=("gradient", "permutation_validation"), level="feature"):
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
    own = table(["a", "b", "c"])
    figure = saliency.features(own.to_dict("records"), "files")
    judged = own[own["method"] == "permutation_validation"].groupby("feature")["importance"].max()
    assert len(figure.axes) == 2 and labels(figure) == judged.sort_values().index.tolist()
    assert len(figure.axes[0].patches) == 2 * 3


def test_of_many_features_the_first_are_shown_and_the_figure_says_so():
    own = table([f"feature number {place} with a name too long for an axis" for place in range(100)])
    figure = saliency.features(own.to_dict("records"), "files")
    assert len(labels(figure)) == saliency.MOST and "of 100" in figure.get_supxlabel()
    assert max(map(len, labels(figure))) <= style.LONGEST and figure.get_size_inches()[1] < 14


@pytest.mark.parametrize("draw", [saliency.columns, saliency.features])
def test_without_a_method_the_figure_says_so(draw):
    level = "feature" if draw is saliency.columns else "column"
    figure = draw(table(["a"], ["loss"], level).to_dict("records"), "files")
    assert "No such method" in figure.axes[0].texts[0].get_text()
