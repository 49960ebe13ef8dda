"""How other tables write their cells: numbers, dates and truth values against values that were worked out by hand."""

import datetime

import numpy as np
import pandas as pd
import pytest

from gapscope.data.dates import days, forms
from gapscope.data.numbers import parsed
from gapscope.data.setup.conventions import convention_of, kept_words, unit_of

NONE = float("nan")
NUMBERS = {  # decimal, thousands, unit: cell -> number
    ("point", "none", ""): {"1.5": 1.5, "1,5": NONE, "(5)": -5, "−5": -5, "–5": -5, "1.2E+05": 120000, ".5": 0.5,
                             "5.": 5, "1 2": NONE, "5.5-": -5.5, "- 5.5": -5.5, "5'": NONE,
                             "5.-": 5, "5.–": 5, "5–": NONE},
    ("comma", "none", ""): {"1,5": 1.5, "1.5": NONE, "12.345": NONE, "1,5e3": 1500},
    ("point", "comma", ""): {"12,345": 12345, "980": 980, "1,234,567.5": 1234567.5, "12,34,567": 1234567, "1,23": NONE,
                              "1,234e5": NONE, "0,123": NONE, "1,2345": NONE, "(1,234)": -1234},
    ("comma", "point", ""): {"12.345": 12345, "1.234.567,5": 1234567.5, "0,5": 0.5, "0.123": NONE},
    ("comma", "space", ""): {"12 345": 12345, "1 234,5": 1234.5, "1\u202f234": 1234, "1 23": NONE},
    ("point", "apostrophe", ""): {"1'234": 1234, "1’234.5": 1234.5},
    ("point", "comma", "$"): {"$12,345.67": 12345.67, "-$5": -5, "$-5": -5, "($5.00)": -5, "0": 0, "5": NONE,
                              "€5": NONE},
    ("point", "apostrophe", "CHF"): {"CHF 22’717.–": 22717, "CHF 5.50": 5.5},
    ("comma", "none", "%"): {"12 %": 12, "12,5%": 12.5, "(3 %)": -3, "5": NONE},
}  # fmt: skip


@pytest.mark.parametrize("convention", NUMBERS, ids=str)
def test_numbers(convention):
    cells = NUMBERS[convention]
    np.testing.assert_array_equal(parsed(pd.Series(list(cells), dtype="str"), *convention), list(cells.values()))


FILES = {  # columns' cells, decimal, thousands, units
    "commas between thousands": ([["12,345", "980", "2,370"], ["1", "2", "3"]], "point", "comma", {}),
    "beside decimal points": ([["12,345", "980", "2,370"], ["0.45", "1.5", "2"]], "point", "comma", {}),
    "points between thousands": ([["12.345", "980", "2.370"], ["1", "2", "3"]], "comma", "point", {}),
    "beside decimal commas": ([["12.345", "980", "2.370"], ["0,450", "0,123", "1,5"]], "comma", "point", {}),
    "three digits behind each point": ([["12.345", "1.980", "2.370"], ["1", "2", "3"]], "point", "none", {}),
    "decimal commas": ([["1,5", "2,25", "3"], ["1", "2", "3"]], "comma", "none", {}),
    "blanks": ([["12 345", "980", "2 370,5"]], "comma", "space", {}),
    "apostrophes": ([["1'234'567", "980", "2'370.5"]], "point", "apostrophe", {}),
    "units": ([["$12,345.6", "-$5", "($7.00)"], ["12 %", "5.5 %", "0"], ["12 kg", "13 kg", "1,200 kg"]],
              "point", "comma", {"0": "$", "1": "%", "2": "kg"}),
    "no cents": ([["CHF 22'717.–", "CHF 5.50", "CHF 7.-"]], "point", "apostrophe", {"0": "CHF"}),
    "a total below units": ([[f"${row}.370" for row in range(1, 12)] + ["$71", "Total"]], "comma", "point", {"0": "$"}),
    "no units": ([["Q1", "Q2", "Q3"], ["18+", "65+", "3+"], ["1 kg", "2 lb", "3 kg"], ["x 1", "x 2", "x 3"]],
                 "point", "none", {}),
    "dates and times": ([["2024-01-02", "2024-02-03", "2023-04-05"], ["12:30", "13:45", "1:00"]], "point", "none", {}),
    "a decimal comma beside truth values": ([["0,9", "-0,4"], ["0.0", "1.0"], ["1.0", "0.0"]], "comma", "none", {}),
    "most numbers": ([["1,5", "2,5", "3,5"], ["1.5", "2"]], "comma", "none", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_the_convention_of_a_file(case):
    columns, decimal, thousands, units = FILES[case]
    cells = pd.DataFrame({str(place): pd.Series(column, dtype="str") for place, column in enumerate(columns)})
    found = convention_of(cells, [""])
    assert (found.decimal, found.thousands, found.units) == (decimal, thousands, units)


def test_a_column_in_doubt_and_a_file_like_another():
    cells = pd.DataFrame({"a": ["12.345", "980", "2.370"], "b": ["0.45", "1.5", "2"]}, dtype="str")
    assert convention_of(cells, [""]).doubtful == {"a": "12.345"}
    german = convention_of(pd.DataFrame({"a": ["1,5", "2,25"]}, dtype="str"), [""])
    assert convention_of(pd.DataFrame({"a": ["1,500", "2,250"]}, dtype="str"), [""], german).decimal == "comma"
    whole = convention_of(pd.DataFrame({"a": ["12345", "980"]}, dtype="str"), [""])  # says nothing of a point
    grouped = pd.DataFrame({"a": ["12.345", "980", "2.370"]}, dtype="str")
    assert convention_of(grouped, [""], whole).thousands == "point"
    english = convention_of(pd.DataFrame({"a": ["12,345", "1.5"]}, dtype="str"), [""])
    assert convention_of(grouped, [""], english).thousands == "point"  # 2.370 beside 980 has no decimals
    assert convention_of(grouped.replace("2.370", "2.371"), [""], english).decimal == "point"


def test_units_stand_at_every_number():
    assert unit_of(pd.Series(["1 km", "0", "3 km"])) == "km" and unit_of(pd.Series(["1 km", "2", "3 km"])) is None


@pytest.mark.parametrize(
    "cells, form",
    [
        (["2024-01-02", "2024/2/29 6:00"], "year_first"),
        (["13.01.2024", "2 Feb 24 18:30"], "day_first"),
        (["1/13/2024", "Feb 2, 2024 6:30 PM"], "month_first"),
        (["2024-05-06T07:08:09.5Z", "2024-05-06 07:08:09+02:00"], "year_first"),
        (["20240131T235958", "20240131235958", "1066-10-14", "9999-12-31"], "year_first"),
        (["Friday, February 02, 2024", "Feb 2, 2024 12:05 AM"], "month_first"),
    ],
)
def test_dates_against_pandas(cells, form):
    """In local time, as it is written."""
    assert forms(pd.Series(cells)) == [form]
    stamps = [pd.Timestamp(cell.replace("Z", "").split("+")[0]) for cell in cells]
    if form == "day_first":
        stamps = [pd.Timestamp("2024-01-13"), pd.Timestamp("2024-02-02 18:30")]
    expected = [(stamp.to_pydatetime() - datetime.datetime(1970, 1, 1)) / datetime.timedelta(1) for stamp in stamps]
    np.testing.assert_allclose(days(pd.Series(cells), form), expected, rtol=1e-14)


def test_months_in_other_languages():
    cells = ["02MAR2024", "2. März 2024", "2 mars 2024", "2 de marzo de 2024", "2-mrt-2024", "02MAR2024:12:00:00"]
    assert days(pd.Series(cells), "day_first").tolist() == [19784] * 5 + [19784.5]


def test_what_is_no_date():
    cells = ["2024-02-30", "2024-13-01", "24-01-01", "2024-01-01 25:00", "2024-01-01 13:00 PM"]
    cells += ["12:30", "2024", "1.2.3", "0000-00-00"]
    assert days(pd.Series(cells), "year_first").isna().all() and forms(pd.Series(["01/02/2024"])) == [
        "day_first",
        "month_first",
    ]


def test_short_dates():
    """A month stands for its first day; seconds and milliseconds are told apart by their size."""
    assert days(pd.Series(["2024-02", "0001-01-01"]), "year_first").tolist() == [19754, -719162]
    assert days(pd.Series(["1700000000", "1700000000000", "17"]), "unix").round(3).tolist()[:2] == [19675.926] * 2
    assert days(pd.Series(["17", "x"]), "unix").isna().all()


def test_words_that_are_levels():
    def column(*cells):
        return pd.Series(cells, dtype="str")

    usual = ["", "NA", "None", "?"]
    assert kept_words(column(*["ZA", "NA", "BW", "ZA"] * 9), usual) == {"NA": 9}
    assert kept_words(column(*["ZA", "NA", "", "ZA"] * 9), usual) == {}  # not full but for it
    assert kept_words(column(*["1", "NA", "2", "3"] * 9), usual) == {}  # of numbers
    assert kept_words(column(*["a", "?", "b", "b"] * 9), usual) == {}  # no word
    assert kept_words(column(*"ab" * 20, "NA"), usual) == {}  # rare
