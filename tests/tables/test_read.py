"""read_table: what it accepts, and that each refusal names file, row and column."""

import numpy as np
import pytest

from gapscope.errors import UserError
from gapscope.tables.read import read_table

DATA = {"target": "y", "classes": ["lo", "hi"], "numeric": ["a"], "categorical": ["c"]}


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
    "empty file": ("", ["file is empty", "header line"]),
    "header only": ("a,c,y\n", ["header but no rows"]),
    "duplicate column": ("a,c,y,a\n1,u,lo,2\n", ["'a'", "2 times"]),
    "missing column": ("a,y\n1,lo\n", ["'c' is missing", "a, y"]),
    "other separator": ("a;c;y\n1;u;lo\n", ["'a' is missing", "a;c;y"]),
    "text for a number": ("a,c,y\n1,u,lo\nx,v,hi\nz,v,hi\n", ["row 3", "'a'", "a number", "'x'", "2 such cells"]),
    "thousands comma": ('a,c,y\n1,u,lo\n2,v,hi\n"1,000",v,hi\n', ["row 4", "'a'", "'1,000'"]),
    "infinity": ("a,c,y\n1,u,lo\n2,v,hi\n-inf,v,hi\n", ["row 4", "'a'", "finite", "-inf"]),
    "overflow": ("a,c,y\n1e400,u,lo\n2,v,hi\n", ["row 2", "'a'", "finite"]),
    "unknown class": ("a,c,y\n1,u,lo\n2,v,mid\n", ["row 3", "'y'", "lo, hi", "'mid'"]),
    "unknown code": ("a,c,y\n1,u,0\n2,v,1\n2,v,2\n", ["row 4", "'y'", "0 to 1", "'2'"]),
    "half a code": ("a,c,y\n1,u,0\n2,v,1\n2,v,0.5\n", ["row 4", "'y'", "'0.5'"]),
    "class in other case": ("a,c,y\n1,u,lo\n2,v,Hi\n", ["row 3", "'Hi'"]),
    "constant target": ("a,c,y\n1,u,hi\n2,v,hi\n", ["'y'", "only the class 'hi'", "two classes"]),
    "no target at all": ("a,c,y\n1,u,\n2,v,\n", ["'y'", "no value at all"]),
    "not UTF-8": ("a,c,y\n1,é,lo\n2,v,hi\n".encode("latin-1"), ["UTF-8", "byte 8"]),
    "a row too long": ("a,c,y\n1,u,lo\n2,v,hi,9\n", ["line 3", "as many cells as the header"]),
    "an open quote": ('a,c,y\n1,"u,lo\n2,v,hi\n', ["not a regular CSV"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_a_message_that_tells_where(read, case):
    content, told = REFUSED[case]
    with pytest.raises(UserError) as caught:
        read(content)
    for words in ["t.csv", *told]:
        assert words in str(caught.value)


def test_no_such_file(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.csv: no such file.*data\.source"):
        read_table(str(tmp_path / "nowhere.csv"), DATA)


def test_a_long_cell_is_cut_in_the_message(read):
    with pytest.raises(UserError) as caught:
        read("a,c,y\n" + "x" * 5000 + ",u,lo\n2,v,hi\n")
    assert len(str(caught.value)) < 400


def test_byte_order_mark(read):
    assert lists(read("\ufeffa,c,y\n1,u,lo\n2,v,hi\n"))["a"] == [1.0, 2.0]


def test_missing_cells_stay_missing(read):
    table = read("a,c,y\n,u,lo\n2,,hi\n3,v,\n")
    assert lists(table) == {"a": [None, 2.0, 3.0], "c": ["u", None, "v"], "y": [0, 1, None]}
    assert np.isnan(table["a"][0])


def test_numbers_in_a_categorical_column_stay_text(read):
    assert lists(read("a,c,y\n1,007,lo\n2,7,hi\n"))["c"] == ["007", "7"]


@pytest.mark.parametrize("classes, cells, codes", [
    (["lo", "hi"], ["hi", "lo", "hi"], [1, 0, 1]),          # names
    (["lo", "hi"], ["1", "0", "1"], [1, 0, 1]),             # codes
    (["lo", "hi"], ["1", "", "0"], [1, None, 0]),           # codes that pandas reads as 1.0, NaN, 0.0
    (["lo", "hi"], ["1.0", "0.0", "0"], [1, 0, 0]),
    ([3, 1, 2], ["1", "2", "3"], [1, 2, 0]),                # whole numbers as names, in an order of their own
    ([1, 0], ["1", "0", ""], [0, 1, None]),                 # names win where both readings fit
    (["1", "2"], ["1", "2", "1"], [0, 1, 0]),
    ([False, True], ["True", "False", "True"], [1, 0, 1]),
    ([False, True], ["True", "", "False"], [1, None, 0]),
])
def test_class_names_and_codes(read, classes, cells, codes):
    content = "a,c,y\n" + "".join(f"1,u,{cell}\n" for cell in cells)
    assert lists(read(content, classes=classes))["y"] == codes


# Defects: each of these should read as it says, or be refused.

@pytest.mark.xfail(strict=True, reason="pandas takes the first cell of every row as an index and shifts the others")
@pytest.mark.parametrize("content", ["a,c,y\n1,0,1,\n2,1,0,\n3,1,0,\n", "a,c,y\n8,1,u,lo\n9,2,v,hi\n"],
                         ids=["trailing comma", "one cell too many"])
def test_rows_longer_than_the_header_are_refused(read, content):
    with pytest.raises(UserError, match="as many cells as the header"):
        read(content, classes=[0, 1] if content.startswith("a,c,y\n1,0") else ["lo", "hi"])


@pytest.mark.xfail(strict=True, reason="a row that is too short reads as missing values")
def test_a_short_row_is_refused(read):
    with pytest.raises(UserError, match="row 4"):
        read("a,c,y\n1,u,lo\n2,v,hi\n3\n")


@pytest.mark.xfail(strict=True, reason="pandas reads None, NA, null, nan as missing, even where they are classes")
@pytest.mark.parametrize("name", ["None", "NA", "null"])
def test_a_class_named_none(read, name):
    assert lists(read(f"a,c,y\n1,u,{name}\n2,v,hi\n3,v,lo\n", classes=[name, "lo", "hi"]))["y"] == [0, 2, 1]


@pytest.mark.xfail(strict=True, reason="pandas reads 00 and 01 as numbers, which then pass for codes: labels swapped")
def test_class_names_with_leading_zeros(read):
    assert lists(read("a,c,y\n1,u,00\n2,v,01\n", classes=["01", "00"]))["y"] == [1, 0]


@pytest.mark.xfail(strict=True, reason="pandas reads true and false as booleans, whose text is True and False")
def test_class_names_true_and_false_as_text(read):
    assert lists(read("a,c,y\n1,u,true\n2,v,false\n", classes=["false", "true"]))["y"] == [1, 0]


@pytest.mark.xfail(strict=True, reason="rows are counted without the blank lines and breaks in quotes before them")
@pytest.mark.parametrize("content", ["a,c,y\n1,u,lo\n\n\nx,v,hi\n", 'a,c,y\n1,"u\n\nw",lo\nx,v,hi\n'],
                         ids=["blank lines", "line break in a cell"])
def test_the_row_named_is_the_line_of_the_file(read, content):
    with pytest.raises(UserError, match="row 5"):
        read(content)
