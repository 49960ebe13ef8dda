"""read_table: what it accepts, and that each refusal names file, row and column."""

import numpy as np
import pytest

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data.read import read_table

MISSING = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]
DATA = shipped()["data"] | {"target": "y", "classes": ["lo", "hi"], "numeric": ["a"],
                                "categorical": ["c"], "missing_values": MISSING}  # fmt: skip


@pytest.fixture
def read(tmp_path):
    """Reads a text or bytes as the CSV t.csv; `data` changes DATA."""

    def read(content, **data):
        path = tmp_path / "t.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_table(str(path), DATA | data)

    return read


def lists(table):
    return {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in table}


def test_a_plain_table(read):
    table = read("extra,y,c,a\n9,hi,u,1\n9,lo,v,2.5\n")
    assert lists(table) == {"a": [1.0, 2.5], "c": ["u", "v"], "y": [1, 0]}
    assert list(table.columns) == ["a", "c", "y"]
    assert [str(dtype) for dtype in table.dtypes] == ["float64", "str", "Int64"]


REFUSED = {
    "other separator": ("a/c/y\n1/u/lo\n", ["'a' is missing", "a/c/y"]),
    "unknown code": ("a,c,y\n1,u,0\n2,v,1\n2,v,2\n", ["row 4", "'y'", "lo, hi", "place", "'2'"]),
    "half a code": ("a,c,y\n1,u,0\n2,v,1\n2,v,0.5\n", ["row 4", "'y'", "'0.5'"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_message_that_tells_where(read, case):
    content, told = REFUSED[case]
    with pytest.raises(UserError) as caught:
        read(content)
    for words in ["t.csv", *told]:
        assert words in str(caught.value)


def test_no_such_file(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv: no such file.*data\.train"):
        read_table(str(tmp_path / "nowhere.csv"), DATA)


def test_missing_cells_stay_missing(read):
    table = read("a,c,y\n,u,lo\n2,,hi\n3,v,\n")
    assert lists(table) == {"a": [None, 2.0, 3.0], "c": ["u", None, "v"], "y": [0, 1, None]}
    assert np.isnan(table["a"][0])


def test_numbers_in_a_categorical_column_stay_text(read):
    assert lists(read("a,c,y\n1,007,lo\n2,7,hi\n"))["c"] == ["007", "7"]


@pytest.mark.parametrize(
    "classes, cells, codes",
    [
        (["lo", "hi"], ["hi", "lo", "hi"], [1, 0, 1]),  # names
        (["lo", "hi"], ["1", "0", "1"], [1, 0, 1]),  # places in the list
        (["lo", "hi"], ["1", "lo", "hi"], [1, 0, 1]),  # either, cell by cell
        (["lo", "hi"], ["1", "", "0"], [1, None, 0]),  # a missing one
        (["lo", "hi"], ["1.0", "0.0", " 0 "], [1, 0, 0]),  # as a place column with gaps is often written
        ([3, 1, 2], ["1", "2", "3"], [1, 2, 0]),  # whole numbers as names, in an order of their own
        ([1, 0], ["1", "0", ""], [0, 1, None]),  # and so never places
        (["1", "2"], ["1", "2", "1"], [0, 1, 0]),
        ([False, True], ["True", "False", "True"], [1, 0, 1]),
        ([False, True], ["True", "", "False"], [1, None, 0]),
        ([False, True], ["true", "FALSE", "True"], [1, 0, 1]),
        (["false", "true"], ["true", "false"], [1, 0]),
        (["01", "00"], ["00", "01"], [1, 0]),  # the zeros belong to the names
        (["None", "lo", "hi"], ["None", "hi", "lo"], [0, 2, 1]),  # missing elsewhere, but here a class
        (["NA", "lo", "hi"], ["NA", "", "lo", "null"], [0, None, 1, None]),
    ],
)
def test_class_names_and_codes(read, classes, cells, codes):
    content = "a,c,y\n" + "".join(f"1,u,{cell}\n" for cell in cells)
    assert lists(read(content, classes=classes))["y"] == codes


@pytest.mark.parametrize("classes", [[1, 2], ["1.5", "0.5"]])
def test_no_places_where_a_class_is_a_number(read, classes):
    with pytest.raises(UserError, match="row 3, column 'y'.*'0'"):
        read(f"a,c,y\n1,u,{classes[0]}\n2,v,0\n3,w,{classes[1]}\n", classes=classes)


@pytest.mark.parametrize("cell", ["NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"])
def test_words_for_a_missing_cell(read, cell):
    table = read(f"a,c,y\n{cell},{cell},{cell}\n1,u,lo\n2,v,hi\n")
    assert lists(table) == {"a": [None, 1.0, 2.0], "c": [None, "u", "v"], "y": [None, 0, 1]}


def test_numbers_are_read_to_the_last_digit(read):
    numbers = np.random.default_rng(0).normal(size=500) * 10.0 ** np.linspace(-250, 95, 500)
    rows = "".join(f"{number!r},u,{code % 2}\n" for code, number in enumerate(numbers.tolist()))
    assert read("a,c,y\n" + rows)["a"].tolist() == numbers.tolist()


def test_a_row_far_down_is_named_too(read):
    """Beyond the first block of a file that is read in several."""
    rows = "1,u,lo\n2,v,hi\n" * 100_000
    with pytest.raises(UserError, match="Row #200002"):
        read("a,c,y\n" + rows + "3\n" + rows)


# Defects: each of these should read as it says, or be refused as it says.


@pytest.mark.parametrize("other", ["0.5", "0.0"])
def test_class_names_that_end_in_a_zero(read, other):
    assert lists(read(f"a,c,y\n1,u,1.0\n2,v,{other}\n", classes=["1.0", other]))["y"] == [0, 1]
