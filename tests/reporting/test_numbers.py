"""Every number on a page is a number of a result, as a form of page/numbers.py writes it."""

import pytest

import hostile
from followed import context_of, numbers_of, unfollowed
from gapscope.common.files import read_json
from gapscope.diagnosis.evidence.counterfactuals import MOST_PAIRS, STANDARD_ERROR
from gapscope.reporting.page import numbers, results


@pytest.fixture(scope="module")
def built(made, tmp_path_factory):
    """The template of the page, and what it is made of."""
    folder = tmp_path_factory.mktemp("page")
    return context_of("report", lambda: hostile.write_page(folder, hostile.config(), made))


def test_what_a_page_is_made_of_has_no_number_that_the_results_do_not_have(made, built):
    paths = [path for path in made.values() if isinstance(path, str)]
    files = [read_json(path) for path in paths if path.endswith(".json")]
    files += [results.read_rows(path) for path in paths if path.endswith(".csv")]
    matrices = [part["confusion_matrix"] for of in read_json(made.metrics).values() for part in of.values()]
    shares = [cell / sum(row) for matrix in matrices for row in matrix for cell in row]
    parameters = 4 * 8 + 8 + 8 * 6 + 6 + 6 * 3 + 3
    known = numbers_of([*files, hostile.config(), results._depth_sweep(made.depth_table), shares, parameters])
    assert len(known) > 3000 and not [value for value in numbers_of(built[1]) - known if value == value]


def test_every_number_in_its_text_is_one_of_these_and_what_it_computes_is_right(made, built):
    texts, computed = unfollowed(*built)
    (methods,) = texts  # two constants of the code, which the page repeats
    assert f"the standard error of each share is {STANDARD_ERROR} or {MOST_PAIRS} such pairs" in methods
    cleaning, levels = read_json(made.cleaning), read_json(made.shared_bias)["levels"]
    dropped = [cleaning["rows"][part]["rows_in"] - cleaning["rows"][part]["rows_out"] for part in ("train", "test")]
    reached = [[one for one in row[name] if one is not None] for row in levels for name in ("shared", "independent")]
    means = [sum(one) / len(one) for one in reached if one]
    features, codes, one_hot = 3, [0, 1, 2], 2
    axis = ["0", "0.25", "0.5", "0.75", "1"]
    assert computed == [str(features), *axis, *map(numbers.number, (*dropped, *codes, one_hot, *means))]
