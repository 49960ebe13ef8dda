"""Files as people have them: what start.py says of them, or why it refuses them."""

import numpy as np
import pytest

import start
from gapscope.common.errors import UserError
from gapscope.data.read import read_table
from tables_to_start import table

SAID = {  # lines above the header, of units below it, and below all rows, or a column m; and words that are printed
    "titles": (
        {"above": "Report of 2024,,\nof us\n\n"},
        "comments or titles above the header are left out: 2 lines",
    ),
    "units": ({"units": "[m],[-],[-]\n"}, "the first row alone is of the class '[-]'", "[m]"),
    "totals": ({"below": "9,u,Total\n"}, "the last row alone is of the class 'Total'"),
    "sums": (
        {"m": range(120), "below": f"{table()['n'].sum():.3f},u,{sum(range(120))},\n"},
        "the last row holds the sums of n, m:",
    ),
    "blank lines": ({"below": "   \n\t\n9,u,a\n\x1a\n"}, "3 classes"),
    "a line break": ({"below": '9,"u\nv",a\n'}, "line breaks in 1 row, the first is row 122"),
    "other capitals": ({"below": "9,u,A\n" * 9}, "WARNING: classes that differ in capitals alone: A, a;"),
    "points of two meanings": ({"m": ["12.345"] * 60 + ["1.500"] * 60}, "m: '12.345' is read as 12.345"),
    "words for missing values": (
        {"below": "9,NA,a\n9,None,a\n" * 9},
        "level: 'NA' in 9 rows and 'None' in 9 rows counts",
    ),
    "a word that one column has": ({"below": "9,NA,a\n"}, "level: 'NA' in 1 row counts as missing"),
    "words of many kinds": ({"below": "n.a.,u,a\n-,u,a\nx,u,a\n?!,u,a\n"}, "no number in 4 rows (n.a. in 1"),
    "a level that reads NA": ({"m": ["NA", "NA", "NA", "x"] * 30}, "'NA' in m is a level, in 90 rows"),
    "stray words": ({"below": "<1,u,a\n" * 3}, "no number in 3 rows (<1 in 3)"),
    "units of two kinds": (
        {"m": [f"{number} {'kg' if number < 60 else 'g'}" for number in range(120)]},
        "left out: m: numbers with different units beside them (kg, g)",
    ),
    "another decimal sign": (
        {"m": [f"{number % 4},{number % 25}" for number in range(120)]},
        "left out: m: numbers written otherwise than the others of this file, such as 0",
    ),
    "dates in one number": ({"m": ["20240102", "20231130"] * 60}, "m: dates with the year first, as 20240102"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_of_people_s_files(tmp_path, capsys, case):
    more, *words = SAID[case]
    train = table().assign(m=more["m"])[["n", "level", "m", "y"]] if "m" in more else table()
    header, rows = train.to_csv(index=False, lineterminator="\n").split("\n", 1)
    lines = f"{more.get('above', '')}{header}\n{more.get('units', '')}{rows}{more.get('below', '')}"
    (tmp_path / "written.csv").write_text(lines)
    start.main([str(tmp_path / "written.csv"), "--target", "y", "-o", str(tmp_path / "own.yaml")])
    said = capsys.readouterr().out
    assert all(word in said for word in words), said


CLASSES = {  # cells of the target in the training and the test file, the classes, and the code of each cell
    "whole numbers": (["7", "1", "3"], ["7", "1", "3"], [1, 3, 7], [2, 0, 1]),
    "places with gaps": (["1.0", "0.0", ""], ["1.0", "0.0", ""], [0, 1], [1, 0, None]),
    "of one and two digits": (["10", "9", "-1"], ["10", "9", "-1"], [-1, 9, 10], [2, 1, 0]),
    "decimals": (["0.5", "10.5", "2"], ["0.5", "10.5", "2"], ["0.5", "2", "10.5"], [0, 2, 1]),
    "truth values": (["True", "False"], ["True", "False"], ["False", "True"], [1, 0]),
    "words": (["yes", "no", "NA"], ["yes", "no", "NA"], ["no", "yes"], [1, 0, None]),
    "letters": (["é", "z", "Z"], ["é", "z", "Z"], ["Z", "z", "é"], [2, 1, 0]),
    "signs": (["-1", "+1"], ["-1", "1"], [-1, 1], [0, 1]),
    "leading zeros": (["01", "02"], ["01", "02"], ["01", "02"], [0, 1]),
    "thousands": (["250", "1,500"], ["250", "1500"], [250, 1500], [0, 1]),
    "a decimal comma": (["1.5", "2.5"], ["1,5", "2,5"], ["1.5", "2.5"], [0, 1]),
    "versions": (["1.1", "1.10"], ["1.1", "1.10"], ["1.1", "1.10"], [0, 1]),
    "long codes": ([str(2**60), str(2**60 + 1)], [str(2**60), str(2**60 + 1)], [2**60, 2**60 + 1], [0, 1]),
}


@pytest.mark.parametrize("case", CLASSES)
def test_classes_and_their_order(begin, case):
    """Both files have the same classes, however each writes numbers; codes stay as they are."""
    train, test, classes, codes = CLASSES[case]
    own, other = (table().assign(y=cells * (120 // len(cells))) for cells in (train, test))
    data = begin(own, other.assign(n="1,5" if case == "a decimal comma" else "1.5"))[0]["data"]
    assert data["classes"] == classes
    for name, form in (("train", {}), ("test", data["test_format"])):
        found = read_table(data[name], data | form)["y"]
        assert found.astype(object).where(found.notna(), None).tolist() == codes * (120 // len(codes))


def test_a_numeric_target_with_a_stray_word(begin):
    """And a missing value beside a number that no other row has, which is no class."""
    own = table().assign(y=["unknown", *range(119)])
    own.loc[5, "n"] = np.nan
    config, _, said = begin(own)
    assert "at most 5%, so they are dropped" in said
    assert "no number in 1 training row of y, which count as missing: 'unknown'" in said
    assert config["data"]["bins"][1] == 59 and config["data"]["missing_values"][-1] == "unknown"


def test_a_column_is_not_taken_for_two(begin):
    """A test table with the target y alone lacks the feature Y."""
    config, _, said = begin(table().assign(Y=range(0, 360, 3)), table())
    assert "left out: Y: it is not in the test table" in said
    with pytest.raises(UserError, match="column 'Y' is missing"):
        read_table(config["data"]["test"], config["data"] | {"numeric": ["n", "Y"]})


def test_classes_in_other_capitals_are_the_same_and_warned_of(begin):
    config, _, said = begin(table(), table().assign(y=["A", "b", "c", "a"] * 30))
    assert config["data"]["classes"] == ["a", "b", "c"] and "WARNING: A and a are read as the same class" in said


def test_classes_of_the_test_file_that_are_all_others(begin):
    train, test = (table().assign(y=[f"<=50K{end}", f">50K{end}"] * 60) for end in ("", "."))
    assert "WARNING: the test table has other classes: <=50K., >50K." in begin(train, test)[2]


REFUSED_FILES = {
    "a header again": ("n,level,y\n1,u,a\n2,v,b\n" + "N,Level,y\n1,u,a\n" * 20, "row 4 repeats the header"),
    "a blank before a quote": ('n, c, y\n1, "u", a\n2, "v", b\n', "row 2: a blank stands before the quote in ' \"u\"'"),
    "no separator": ("n      level   y\n1      u       a\n", "no separator splits the first line"),
    "row names of R": ('n,y\n"1",2,a\n"2",3,b\n', "does it lack a name for the first column"),
    "a stray quote over two columns": (
        'c,y\n"u,a\n' + "v,b\nu,a\n" * 9 + '"w,a\n',
        "row 2: a cell holds 19 line breaks",
    ),
}


@pytest.mark.parametrize("case", REFUSED_FILES)
def test_what_is_refused_in_people_s_files(tmp_path, case):
    content, words = REFUSED_FILES[case]
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(UserError, match=words):
        start.main([str(tmp_path / "t.csv"), "--target", "y", "-o", str(tmp_path / "own.yaml")])
