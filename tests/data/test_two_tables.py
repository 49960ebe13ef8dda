"""What start.py finds when it compares the training table with the test table."""

import numpy as np
import pytest

from gapscope.common.errors import UserError
from gapscope.data.read import read_table
from tables_to_start import table


def test_columns_that_the_test_table_has_otherwise(begin):
    """Not at all, alone, as texts, or without a value."""
    own = table(extra=lambda rng, y: rng.normal(size=len(y)), text=lambda rng, y: rng.normal(size=len(y)))
    own["gone"] = own["n"] * 2
    other = table(40, 1).assign(later=1, text="high", gone=np.nan, xtra=1.5)
    config, text, _ = begin(own, other)
    assert config["data"]["numeric"] == ["n"]
    assert "it is not in the test table; did you mean 'xtra'?" in text and "column 'later' is in the test table" in text
    assert "in 40 rows of the test table it has none (such as 'high'" in text
    assert "it has no value in the test table; to use it all the same" in text


def test_levels_that_no_training_row_has(begin):
    own, other = table(town=lambda rng, y: rng.choice(["00501", "02134"], len(y))), table(40, 1)
    said = begin(own, other.assign(town="501"))[2]
    assert "town: 40 test rows have a level that no training row has, such as '501'; without leading zeros" in said
    assert "no training row" not in begin(own, other.assign(town="00501"), "y", "--force")[2]


def test_one_date_of_the_test_table_that_is_none(begin):
    own, other = table().assign(day="2024-01-02"), table(40, 1).assign(day="2024-02-03")
    own.loc[:60, "day"], other.loc[3, "day"] = "2024-03-04", "soon"
    config, text, _ = begin(own, other)
    assert "no date in 1 row of the test table (soon in 1), which count as missing" in text
    assert config["data"]["missing_values"][-1] == "soon" and config["data"]["numeric"] == ["n", "day"]
    assert config["encode"]["transform"] == {"day": "calendar"}


def test_what_stands_for_a_missing_value_in_one_column_is_a_value_in_another(begin):
    own, other = (table(rows, 1, sex=lambda rng, y: rng.choice(["M", "F"], len(y))) for rows in (120, 40))
    own["digit"], other["digit"] = (one["n"].round().abs().astype(int) for one in (own, other))
    own, other = own.astype({"n": "object"}), other.astype({"n": "object"})
    own.loc[:4, "n"], other.loc[0, "n"] = "M", "unknown"
    own["day"] = ["0"] + ["2024-01-02", "2024-02-03"] * 59 + ["2024-02-04"]
    other["day"] = "2024-01-02"
    config, _, said = begin(own, other)
    assert config["data"]["missing_values"][-3:] == ["0", "M", "unknown"], said
    assert config["data"]["not_missing"] == {"digit": ["0"], "sex": ["M"]}
    for file in ("train", "test"):
        found = read_table(config["data"][file], config["data"])
        assert found[["sex", "digit"]].notna().all().all()
    assert read_table(config["data"]["train"], config["data"])["n"].isna().sum() == 5


def test_thousands_of_the_test_table_alone(begin):
    own, other = (
        table(rows, seed, big=lambda rng, y: rng.integers(100, 90_000, len(y))) for rows, seed in ((120, 0), (40, 1))
    )
    other["big"] = [f"{value:,}".replace(",", ".") for value in other["big"]]
    config, text, said = begin(own, other)
    assert "big" not in config["data"]["numeric"] and "of the test table may be thousands, as training has" in said


@pytest.mark.parametrize(
    "classes, others, rows",
    [(("T", "F", "N"), ("T", "F", "N"), 3), (("ja", "nein"), ("J", "N"), 2), (("no", "yes"), ("N", "Y", "?!"), 5)],
)
def test_truth_values_are_the_same_where_there_are_two_of_them(begin, classes, others, rows):
    own, other = (table(size, 1) for size in (120, 40))
    own["y"], other["y"] = np.resize(classes, 120), np.resize(others, 40)
    config, _, _ = begin(own, other)
    assert len(config["data"]["classes"]) == rows
    read_table(config["data"]["test"], config["data"])


def test_names_that_look_the_same(begin):
    config, _, said = begin(
        table().rename(columns={"n": "gr\u00f6\u00dfe"}), table(40, 1).rename(columns={"n": "Gro\u0308\u00dfe"})
    )
    assert config["data"]["numeric"] == ["gr\u00f6\u00dfe"] and "is taken for 'gr\u00f6\u00dfe'" in said


def test_without_a_test_table(begin):
    config, text, said = begin(table())
    assert config["data"]["test"] == "none" and "no test table" in text and "WARNING" not in said


@pytest.mark.parametrize("how", ["no column", "empty"])
def test_without_classes_in_the_test_table(begin, how):
    other = table(40, 1).drop(columns="y") if how == "no column" else table(40, 1).assign(y="")
    config, text, said = begin(table(), other)
    assert config["data"]["test_labels"] == "absent" and "it has no values of y" in text
    assert "my test.csv has no class of any row in 'y': its accuracy cannot be known" in said
    assert config["data"]["classes"] == ["a", "b", "c"]


def test_weights(begin):
    own = table(w=lambda rng, y: rng.integers(1, 9, len(y)))
    config, _, said = begin(own, own, "y", "--weight", "w")
    assert (config["data"]["weight"], config["data"]["numeric"]) == ("w", ["n"]) and "weight of each row: w" in said
    for target, other, words in (
        ("y", own.drop(columns="w"), "test.csv: column 'w' is missing; data.weight.*both tables need it"),
        ("w", own, "'w' is the target too"),
    ):
        with pytest.raises(UserError, match=words):
            begin(own, other, target, "--weight", "w", "--force")
