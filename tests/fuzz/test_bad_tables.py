"""Tables that go wrong as tables do: trained on all the same, or refused with the words that mend them."""

import gzip

import pytest

from gapscope.common.errors import UserError
from generated import merged
from stages import check_and_train

HEADER, CLASSES = "x,z,y\n", ["lo", "mid", "hi"]
GOOD = HEADER + "".join(f"{row * 0.5},{'abc'[row % 3]},{CLASSES[row % 3]}\n" for row in range(60))


@pytest.fixture
def answer(tmp_path):
    """The message that a training on this table ends with, None where it ends well; the test table is a good one."""

    def answer(train=GOOD, test=GOOD, **changes):
        for name, content in (("train", train), ("test", test)):
            content = content if isinstance(content, bytes) else content.encode()
            (tmp_path / f"{name}.csv").write_bytes(content)
        data = {name: str(tmp_path / f"{name}.csv") for name in ("train", "test")}
        data |= {"source": "files", "target": "y", "classes": CLASSES, "numeric": ["x"], "categorical": ["z"]}
        config = merged({"data": {**data, **changes.pop("data", {})}, **changes})
        try:
            check_and_train(config, tmp_path)
        except UserError as error:
            assert str(error).isprintable()
            return str(error)

    return answer


REFUSED = {
    "empty": ("", ["train.csv", "the file is empty"]),
    "only blank lines": ("\n\n\n", ["the file is empty"]),
    "header only": (HEADER, ["no rows"]),
    "header without line end": (HEADER.strip(), ["no rows"]),
    "one row": (HEADER + "1,a,lo\n", ["'y'", "only the class 'lo'"]),
    "header twice": (GOOD.replace("x,z,y", "x,z,x,y").replace(",lo", ",1,lo"), ["'x' stands 2 times"]),
    "column missing": (GOOD.replace("x,", "w,", 1), ["'x' is missing", "w, z, y"]),
    "target missing": (GOOD.replace(",y", ",t", 1), ["'y' is missing"]),
    "target constant": (GOOD.replace("mid", "lo").replace("hi", "lo"), ["only the class 'lo'"]),
    "target empty": (HEADER + "1,a,\n2,b,\n", ["'y' has no value"]),
    "unknown class": (GOOD + "1,a,low\n", ["row 62, column 'y'", "lo, mid, hi", "'low'"]),
    "text far down": (HEADER + "1,a,lo\n2,b,hi\n" * 15_503 + "x1,a,lo\n", ["row 31008, column 'x'", "number", "'x1'"]),
    "date": (GOOD + "2024-01-31,a,lo\n", ["row 62, column 'x'", "a number", "'2024-01-31'"]),
    "decimal comma": (GOOD + '"1,5",a,lo\n', ["row 62, column 'x'", "decimal point", "'1,5'"]),
    "infinity": (GOOD + "-inf,a,lo\n", ["row 62, column 'x'", "finite", "'-inf'"]),
    "too large": (GOOD + "1e308,a,lo\n", ["row 62, column 'x'", "up to 1e+100", "'1e308'"]),
    "too long a row": (GOOD + "1,a,lo,4\n", ["Row #62", "Expected 3 columns, got 4"]),
    "too short a row": (GOOD + "1,a\n", ["Row #62", "Expected 3 columns, got 2"]),
    "open quote": (GOOD + '"1,a,lo\n' * 3, ["train.csv"]),
    "long cell": (GOOD + "1," + "a" * 10_000_000 + ",lo\n", ["more than a megabyte"]),
    "long header": ("x" * 10_000_000, ["train.csv", "131072"]),
    "NUL bytes": ("x,z,y\n\0\0\0\n", ["not a text file"]),
    "a program": (b"\x7fELF\2\1\1\0\0\0" * 9, ["not a text file"]),
    "UTF-16": (GOOD.encode("utf-16"), ["UTF-16", "data.encoding"]),
    "UTF-16 without mark": (GOOD.encode("utf-16-le"), ["not a text file"]),
    "Latin-1": ((GOOD + "1,caf\xe9,lo\n").encode("latin-1"), ["cp1252", "data.encoding"]),
    "cut gzip": (gzip.compress(GOOD.encode())[:-9], ["train.csv"]),
    "a zip archive": (b"PK\x03\x04" + b"x" * 99, ["zip archive or a spreadsheet"]),
    "cut Parquet": (b"PAR1" + b"x" * 99, ["damaged Parquet"]),
    "all of a column missing": (HEADER + ",a,lo\n,b,hi\n" * 9, ["every row misses some value", "impute"]),
    "one class once rows are dropped": (HEADER + "1,a,lo\n,b,hi\n2,a,\n", ["only the class lo is left", "impute"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(answer, case):
    content, words = REFUSED[case]
    told = answer(content)
    for word in words:
        assert word in told


@pytest.mark.parametrize("case", ["empty", "header only", "date", "too large", "Latin-1"])
def test_a_test_table_is_held_to_the_same(answer, case):
    content, words = REFUSED[case]
    told = answer(GOOD, content)
    assert "test.csv" in told and words[-1] in told


def test_a_column_without_a_value_cannot_be_imputed_but_by_a_constant(answer):
    empty = HEADER + ",a,lo\n,b,hi\n" * 9
    assert "'x' has no value at all" in answer(empty, clean={"missing": "impute"})
    impute = {"numeric": {"constant": 0}, "categorical": "mode", "columns": {}, "test_from": "train"}
    assert answer(empty, clean={"missing": "impute", "impute": impute}) is None
    assert answer(GOOD, empty, clean={"missing": "impute"}) is None  # by what the training table has


def table(*rows, times=10) -> str:
    return HEADER + "".join(f"{row}\n" for row in rows * times)


WORKS = {
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "CRLF": GOOD.replace("\n", "\r\n"),
    "CR": GOOD.replace("\n", "\r"),
    "no line end": GOOD.rstrip(),
    "a quoted line break": GOOD + '1,"two\nlines",lo\n',
    "a constant column": table("1,a,lo", "1,b,hi"),
    "a column without a level twice": table("1,a,lo", "2,b,hi", times=1) + GOOD.replace(HEADER, ""),
    "denormal numbers": table("5e-324,a,lo", "1e-320,a,hi", "0,b,hi"),
    "numbers that differ by too little to square": table("1e-200,a,lo", "2e-200,a,hi"),
    "numbers near the limit": table("1e100,a,lo", "-1e100,b,hi"),
    "a class without a row": table("1,a,lo", "2,b,hi"),
    "a class with one row": table("1,a,lo", "2,b,hi") + "3,a,mid\n",
    "one row, many times": table("1,a,lo", times=99) + "1,a,hi\n",
    "three rows": table("1,a,lo", "2,b,hi", "3,b,hi", times=1),
    "the target as a feature": table("0,lo,lo", "1,mid,mid", "2,hi,hi"),
}


@pytest.mark.parametrize("case", WORKS)
def test_works(answer, case):
    assert answer(WORKS[case]) is None
    assert answer(GOOD, WORKS[case]) is None


def test_more_works(answer):
    assert answer(GOOD, table("1,only_here,lo", "2,b,hi")) is None
    many = [f"c{number}" for number in range(90)]
    rows = "".join(f"{number},a,c{number}\n" for number in range(30))
    assert answer(HEADER + rows, HEADER + rows, data={"classes": many}) is None  # more classes than rows
    split = {"validation_share": 0.02, "stratify": False}
    assert answer(GOOD, split=split) is None  # one or two validation rows: classes stay out
    assert "leaves none to train on" in answer(table("1,a,lo", "2,b,hi", times=1), split={"validation_share": 0.9})
