"""read_table: what it accepts, and that each refusal names file, row and column."""

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data.read import read_table

WORDS = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]
DATA = shipped()["data"] | {"target": "y", "classes": ["lo", "hi"], "numeric": ["a"],
                                "categorical": ["c"], "missing_values": ["", *WORDS]}  # fmt: skip


def test_a_plain_table(tmp_path):
    (tmp_path / "t.csv").write_text("extra,y,c,a\n9,hi,u,1\n9,lo,v,2.5\n")
    table = read_table(str(tmp_path / "t.csv"), DATA)
    assert table.to_dict("list") == {"a": [1.0, 2.5], "c": ["u", "v"], "y": [1, 0]}
    assert list(table.columns) == ["a", "c", "y"]
    assert [str(dtype) for dtype in table.dtypes] == ["float64", "str", "Int64"]


@pytest.mark.parametrize("cell", ["", *WORDS])
def test_words_for_a_missing_cell(read, cell):
    found = read(f"a,c,y\n{cell},u,lo\n2,{cell},hi\n3,v,{cell}\n")
    assert found == {"a": [None, 2.0, 3.0], "c": ["u", None, "v"], "y": [0, 1, None]}


def cells_of_y(*cells):
    return "a,c,y\n" + "".join(f"1,u,{cell}\n" for cell in cells)


@pytest.mark.parametrize(
    "classes, codes, cells, expected",
    [
        (["lo", "hi"], [], ["hi", "lo", "hi"], [1, 0, 1]),  # names
        (["lo", "hi"], [], ["1", "0", "1"], [1, 0, 1]),  # places in the list
        (["lo", "hi"], [], ["1", "lo", "hi"], [1, 0, 1]),  # either, cell by cell
        (["lo", "hi"], [], ["1", "", "0"], [1, None, 0]),  # a missing one
        (["lo", "hi"], [], ["1.0", "0.0", " 0 "], [1, 0, 0]),  # as a place column with gaps is often written
        ([3, 1, 2], [], ["1", "2", "3"], [1, 2, 0]),  # whole numbers as names, in an order of their own
        ([1, 0], [], ["1", "0", ""], [0, 1, None]),  # and so never places
        (["1", "2"], [], ["1", "2", "1"], [0, 1, 0]),
        ([False, True], [], ["True", "False", "True"], [1, 0, 1]),
        ([False, True], [], ["True", "", "False"], [1, None, 0]),
        ([False, True], [], ["true", "FALSE", "True"], [1, 0, 1]),
        (["false", "true"], [], ["true", "false"], [1, 0]),
        (["01", "00"], [], ["00", "01"], [1, 0]),  # the zeros belong to the names
        (["1.0", "0.5"], [], ["1.0", "0.5"], [0, 1]),
        (["1.0", "0.0"], [], ["1.0", "0.0"], [0, 1]),
        (["None", "lo", "hi"], [], ["None", "hi", "lo"], [0, 2, 1]),  # missing elsewhere, but here a class
        (["NA", "lo", "hi"], [], ["NA", "", "lo", "null"], [0, None, 1, None]),
        (["low", "Mid"], [], ["LOW", "mid", "Mid"], [0, 1, 1]),
        (["na", "Mid"], [], ["na", "NA", "mid"], [0, None, 1]),
        (["low", "mid", "high"], [1, 3, 7], ["3", "7", "1"], [1, 2, 0]),
        (["low", "mid", "high"], [1, 3, 7], ["3.0", "", "1.0"], [1, None, 0]),
        (["no", "yes"], ["N", "Y"], ["Y", "N", "Y"], [1, 0, 1]),
        (["no", "yes"], [False, True], ["true", "FALSE", "NA"], [1, 0, None]),
        ([10, 20], [2, 1], ["1", "2", "2"], [1, 0, 0]),
        (["below", "above"], [-1, 1], ["-1", "1", "1"], [0, 1, 1]),
        (["no", "yes"], ["0.0", "0.5"], ["0.5", "0.0", "null"], [1, 0, None]),
    ],
)
def test_names_and_codes_of_the_classes(read, classes, codes, cells, expected):
    assert read(cells_of_y(*cells), classes=classes, codes=codes)["y"] == expected


FAR_DOWN = "1,u,lo\n2,v,hi\n" * 100_000  # beyond the first block of a file that is read in several
CODED = {"classes": ["low", "high"], "codes": [1, 3]}
REFUSED = {  # content, what differs in data, words of the message
    "other separator": ("a/c/y\n1/u/lo\n", {}, "'a' is missing.*a/c/y"),
    "unknown code": (cells_of_y(0, 1, 2), {}, "row 4, column 'y'.*lo, hi.*place.*'2'"),
    "half a code": (cells_of_y(0, 1, 0.5), {}, "row 4, column 'y'.*'0.5'"),
    "a place beside numbers": (cells_of_y(1, 0, 2), {"classes": [1, 2]}, "row 3, column 'y'.*'0'"),
    "a place beside decimals": (cells_of_y(1.5, 0, 0.5), {"classes": ["1.5", "0.5"]}, "row 3, column 'y'.*'0'"),
    "a name beside codes": (cells_of_y(1, "low", 3), CODED, r"row 3, column 'y': .*data\.codes \(1, 3\), got 'low'"),
    "a place beside codes": (cells_of_y(1, 0, 3), CODED, r"row 3, column 'y': .*data\.codes \(1, 3\), got '0'"),
    "a row far down": ("a,c,y\n" + FAR_DOWN + "3\n" + FAR_DOWN, {}, "Row #200002"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_message_that_tells_where(read, case):
    content, data, words = REFUSED[case]
    with pytest.raises(UserError, match=f"t.csv.*{words}"):
        read(content, **data)


def test_no_such_file(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv: no such file.*data\.train"):
        read_table(str(tmp_path / "nowhere.csv"), DATA)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_numbers_are_read_to_the_last_digit(read, form):
    numbers = np.random.default_rng(0).normal(size=500) * 10.0 ** np.linspace(-250, 95, 500)
    table = pd.DataFrame({"a": numbers, "c": "u", "y": ["lo", "hi"] * 250})
    assert read(table if form == "parquet" else table.to_csv(index=False))["a"] == numbers.tolist()
