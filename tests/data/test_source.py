"""Files of every format that is read: separators, gzip, Parquet, encodings, decimal signs, missing-value spellings."""

import gzip
import resource
import zlib

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data.read import read_table

DATA = shipped()["data"] | {"target": "y", "classes": ["lo", "hi"], "numeric": ["a b", "n"],
                                "categorical": ["é"], "missing_values": ["", "NA", "?"]}  # fmt: skip
ROWS = [
    ["a b", "n", "é", "y"],
    ["1", "-2.5", "ü; or, not", "lo"],
    ["", "3e2", "?", "hi"],
    ["4", "0", "two\nlines", "lo"],
]
EXPECTED = {"a b": [1.0, None, 4.0], "n": [-2.5, 300.0, 0.0], "é": ["ü; or, not", None, "two\nlines"], "y": [0, 1, 0]}


def text(sign=",", end="\n", rows=ROWS):
    return "".join(
        sign.join('"' + cell + '"' if set(cell) & set(',;\t\n"') else cell for cell in row) + end for row in rows
    )


def read(tmp_path, content, name="t.csv", **data):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(str(path), DATA | data)


def lists(table):
    return {name: table[name].astype(object).where(table[name].notna(), None).tolist() for name in table}


CONTENTS = {
    "comma": text(),
    "semicolon": text(";"),
    "tab": text("\t"),
    "CRLF": text(end="\r\n"),
    "byte order mark and semicolons": "\ufeff" + text(";", "\r\n"),
    "gzip": gzip.compress(text().encode()),
    "gzip of tabs": gzip.compress(text("\t").encode()),
    "empty lines": "\n" + text() + "\n\n",
}


@pytest.mark.parametrize("case", CONTENTS)
def test_one_table_in_many_forms(tmp_path, case):
    assert lists(read(tmp_path, CONTENTS[case])) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_other_encodings_are_named_in_the_config(tmp_path, encoding):
    assert lists(read(tmp_path, text().encode(encoding), encoding=encoding)) == EXPECTED


def test_parquet_types(tmp_path):
    table = pd.DataFrame({"a b": [1, 2, 2**53], "n": pd.array([1, None, 3], "Int8"), "é": pd.Categorical(list("uvu")),
                          "y": [True, False, True]})  # fmt: skip
    table.to_parquet(tmp_path / "t.parquet")
    found = lists(read_table(str(tmp_path / "t.parquet"), DATA | {"classes": [False, True]}))
    assert found == {"a b": [1, 2, 2**53], "n": [1, None, 3], "é": ["u", "v", "u"], "y": [1, 0, 1]}


def test_numbers_of_a_parquet_file_are_read_to_the_last_digit(tmp_path):
    values = np.random.default_rng(0).normal(size=500) * 10.0 ** np.linspace(-250, 95, 500)
    pd.DataFrame({"a b": values, "n": 0, "é": "u", "y": ["lo", "hi"] * 250}).to_parquet(tmp_path / "t.parquet")
    assert read_table(str(tmp_path / "t.parquet"), DATA)["a b"].tolist() == values.tolist()


def test_names_with_another_separator_in_them(tmp_path):
    """Every separator splits this header; only one gives the columns that are wanted."""
    rows = [["a;b", "n\tm", "é", "y"], ["1", "2", "u", "lo"], ["3", "4", "v", "hi"]]
    content = "".join(",".join(row) + "\n" for row in rows)
    assert lists(read(tmp_path, content, numeric=["a;b", "n\tm"])) == {
        "a;b": [1.0, 3.0], "n\tm": [2.0, 4.0], "é": ["u", "v"], "y": [0, 1]
    }  # fmt: skip
    assert lists(read(tmp_path, content, numeric=["a;b"]))["a;b"] == [1.0, 3.0]
    with pytest.raises(UserError, match=r"more than one separator \(comma, semicolon, tab\).*set data\.separator"):
        read(
            tmp_path,
            content.replace("2,u", "2;\t,u").replace("4,v", "4;\t,v"),
            numeric=["other"],
            categorical=[],
            target="t",
        )
    with pytest.raises(UserError, match="column 'other' is missing.*the file has: a;b, n\\\\tm, é, y"):
        read(tmp_path, content, numeric=["other"])
    assert lists(read(tmp_path, content, numeric=["a;b"], separator="comma"))["a;b"] == [1.0, 3.0]


def test_one_column_and_the_target(tmp_path):
    assert lists(read(tmp_path, "y\té\nlo\tu\nhi\tv\n", numeric=[])) == {"é": ["u", "v"], "y": [0, 1]}


def test_missing_value_spellings_are_the_users(tmp_path):
    rows = [*ROWS[:2], ["-999", "inf", "  ", "hi"], [" - ", "7", "NA", "lo"]]
    found = read(tmp_path, text(rows=rows), missing_values=["", "-", "-999", "inf"])
    assert lists(found) == {
        "a b": [1.0, None, None], "n": [-2.5, None, 7.0], "é": ["ü; or, not", None, "NA"], "y": [0, 1, 0]
    }  # fmt: skip


def test_one_level_in_several_spellings(tmp_path):
    """With blanks around it, with an accent as a character of its own, or with the .0 that pandas adds."""
    rows = [ROWS[0], *(["1", "2", level, "lo"] for level in ("u ", "u", "\u00fc", "u\u0308", "7", "7.0", "7.5"))]
    assert lists(read(tmp_path, text(rows=[*rows, ["1", "2", "u", "hi"]])))["é"] == [*"uuüü77", "7.5", "u"]


@pytest.mark.parametrize(
    "classes, codes, cells, expected",
    [
        (["low", "mid", "high"], [1, 3, 7], ["3", "7", "1"], [1, 2, 0]),
        (["low", "mid", "high"], [1, 3, 7], ["3.0", "", "1.0"], [1, None, 0]),
        (["no", "yes"], ["N", "Y"], ["Y", "N", "Y"], [1, 0, 1]),
        (["no", "yes"], [False, True], ["true", "FALSE", "NA"], [1, 0, None]),
        ([10, 20], [2, 1], ["1", "2", "2"], [1, 0, 0]),
        (["below", "above"], [-1, 1], ["-1", "1", "1"], [0, 1, 1]),
        (["no", "yes"], ["0.0", "0.5"], ["0.5", "0.0", "?"], [1, 0, None]),
        (["low", "Mid"], [], ["LOW", "mid", "Mid"], [0, 1, 1]),
        (["na", "Mid"], [], ["na", "NA", "mid"], [0, None, 1]),
    ],
)
def test_codes_of_the_classes(tmp_path, classes, codes, cells, expected):
    content = text(rows=[ROWS[0], *(["1", "2", "u", cell] for cell in cells)])
    assert lists(read(tmp_path, content, classes=classes, codes=codes))["y"] == expected


def test_with_codes_neither_names_nor_places_count(tmp_path):
    for cell in ("low", "0"):
        content = text(rows=[ROWS[0], ["1", "2", "u", "1"], ["1", "2", "u", cell], ["1", "2", "u", "3"]])
        with pytest.raises(UserError, match=rf"row 3, column 'y': expected one of data\.codes \(1, 3\), got '{cell}'"):
            read(tmp_path, content, classes=["low", "high"], codes=[1, 3])


def bomb(start, more=b"0"):
    """30 MB that are packed in 30 kB."""
    return gzip.compress(start.encode() + more * (30_000_000 // len(more)), 6)


NO_TEXT = text().encode("latin-1").replace(b"\xfc", b"\x81")
REFUSED = {
    "Latin-1 in a name": (text().encode("latin-1"), ["row 1", "not UTF-8", "cp1252", "data.encoding"]),
    "Latin-1 in a cell": (
        text(rows=[["a b", "n", "e", "y"], *ROWS[1:]]).encode("latin-1"), ["not UTF-8", "cp1252", "line 2"]
    ),
    "no Windows text": (NO_TEXT, ["not UTF-8", "what the file is written in"]),
    "a damaged gzip file": (gzip.compress(text().encode())[:12] + b"\xff" * 20, ["not a table"]),
    "a cell that unpacks without end": (bomb(text() + "1,"), ["a cell of more than a megabyte"]),
    "a header that unpacks without end": (bomb("a,"), ["row 1: field larger than field limit"]),
    "a header of names without end": (bomb("", b"a,"), ["row 1 does not end within a megabyte"]),
    "blank lines without end": (bomb("", b"\n"), ["row 1 does not end within a megabyte"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_to_do(tmp_path, case):
    content, told = REFUSED[case]
    data = {"categorical": ["e"]} if case == "Latin-1 in a cell" else {}
    with pytest.raises(UserError) as caught:
        read(tmp_path, content, **data)
    for words in ["t.csv", *told]:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("start, told", [(text() + "1,", "a cell of more than"), ("", "row 1: field larger than")])
def test_little_is_unpacked_of_what_has_no_end(tmp_path, start, told):
    """200 MB in one cell: the memory that reading takes is that of a few."""
    packed, zeros = zlib.compressobj(1, wbits=31), b"0" * (1 << 20)
    with open(tmp_path / "t.csv", "wb") as file:
        file.write(packed.compress(start.encode()))
        file.writelines(packed.compress(zeros) for _ in range(200))
        file.write(packed.flush())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError, match=f"t.csv: {told}"):
        read_table(str(tmp_path / "t.csv"), DATA)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000  # kB


def test_a_column_of_lists(tmp_path):
    pd.DataFrame({"a b": [[1], [2]], "n": 1, "é": "u", "y": ["lo", "hi"]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(UserError, match="column 'a b' has values of the type list"):
        read_table(str(tmp_path / "t.parquet"), DATA)
