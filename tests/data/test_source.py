"""Files of every format that is read: separators, gzip, Parquet, encodings, decimal signs, missing-value spellings."""

import gzip
import resource
import zlib

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
def test_one_table_in_many_forms(read, case):
    assert read(CONTENTS[case]) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_other_encodings_are_named_in_the_config(read, encoding):
    assert read(text().encode(encoding), encoding=encoding) == EXPECTED


def test_parquet_types(read):
    table = pd.DataFrame({"a b": [1, 2, 2**53], "n": pd.array([1, None, 3], "Int8"), "é": pd.Categorical(list("uvu")),
                          "y": [True, False, True]})  # fmt: skip
    found = read(table, classes=[False, True])
    assert found == {"a b": [1, 2, 2**53], "n": [1, None, 3], "é": ["u", "v", "u"], "y": [1, 0, 1]}


def test_names_with_another_separator_in_them(read):
    """Every separator splits this header; only one gives the columns that are wanted."""
    rows = [["a;b", "n\tm", "é", "y"], ["1", "2", "u", "lo"], ["3", "4", "v", "hi"]]
    content = "".join(",".join(row) + "\n" for row in rows)
    assert read(content, numeric=["a;b", "n\tm"]) == {
        "a;b": [1.0, 3.0], "n\tm": [2.0, 4.0], "é": ["u", "v"], "y": [0, 1]
    }  # fmt: skip
    assert read(content, numeric=["a;b"])["a;b"] == [1.0, 3.0]
    with pytest.raises(UserError, match=r"more than one separator \(comma, semicolon, tab\).*set data\.separator"):
        other = content.replace("2,u", "2;\t,u").replace("4,v", "4;\t,v")
        read(other, numeric=["other"], categorical=[], target="t")
    with pytest.raises(UserError, match="column 'other' is missing.*the file has: a;b, n\\\\tm, é, y"):
        read(content, numeric=["other"])
    assert read(content, numeric=["a;b"], separator="comma")["a;b"] == [1.0, 3.0]


def test_one_column_and_the_target(read):
    assert read("y\té\nlo\tu\nhi\tv\n", numeric=[]) == {"é": ["u", "v"], "y": [0, 1]}


def test_missing_value_spellings_are_the_users(read):
    rows = [*ROWS[:2], ["-999", "inf", "  ", "hi"], [" - ", "7", "NA", "lo"]]
    found = read(text(rows=rows), missing_values=["", "-", "-999", "inf"])
    assert found == {
        "a b": [1.0, None, None], "n": [-2.5, None, 7.0], "é": ["ü; or, not", None, "NA"], "y": [0, 1, 0]
    }  # fmt: skip


def test_one_level_in_several_spellings(read):
    """With blanks around it, with an accent as a character of its own, or with the .0 that pandas adds; not with 0s."""
    levels = ["u ", "u", "\u00fc", "u\u0308", "7", "7.0", "7.5", "007"]
    rows = [ROWS[0], *(["1", "2", level, "lo"] for level in levels), ["1", "2", "u", "hi"]]
    assert read(text(rows=rows))["é"] == [*"uuüü77", "7.5", "007", "u"]


def bomb(more):
    """30 MB that are packed in 30 kB."""
    return gzip.compress(more * (30_000_000 // len(more)), 6)


NO_TEXT = text().encode("latin-1").replace(b"\xfc", b"\x81")
REFUSED = {
    "Latin-1 in a name": (text().encode("latin-1"), ["row 1", "not UTF-8", "cp1252", "data.encoding"]),
    "Latin-1 in a cell": (
        text(rows=[["a b", "n", "e", "y"], *ROWS[1:]]).encode("latin-1"), ["not UTF-8", "cp1252", "line 2"]
    ),
    "no Windows text": (NO_TEXT, ["not UTF-8", "what the file is written in"]),
    "a damaged gzip file": (gzip.compress(text().encode())[:12] + b"\xff" * 20, ["not a table"]),
    "a header of names without end": (bomb(b"a,"), ["row 1 does not end within a megabyte"]),
    "blank lines without end": (bomb(b"\n"), ["row 1 does not end within a megabyte"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_to_do(read, case):
    content, told = REFUSED[case]
    data = {"categorical": ["e"]} if case == "Latin-1 in a cell" else {}
    with pytest.raises(UserError) as caught:
        read(content, **data)
    for words in ["t.csv", *told]:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "start, told", [(text() + "1,", "a cell of more than a megabyte"), ("", "row 1: field larger than")]
)
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


def test_a_column_of_lists(read):
    with pytest.raises(UserError, match="column 'a b' has values of the type list"):
        read(pd.DataFrame({"a b": [[1], [2]], "n": 1, "é": "u", "y": ["lo", "hi"]}))
