"""Files as people have them: what start.py says of them, or why it refuses them."""

import numpy as np
import pandas as pd
import pytest

import start
from gapscope.common.errors import UserError
from gapscope.data.read import read_table


def table(rows=120):
    rng = np.random.default_rng(0)
    return pd.DataFrame({"n": rng.normal(size=rows).round(3), "level": rng.choice(list("uvw"), rows),
                         "y": rng.choice(list("abc"), rows)})  # fmt: skip


SAID = {  # lines above the training table's header and below its rows, and words that are printed
    "titles": ("Report of 2024,,\nof us\n\n", "", ["comments or titles above the header are left out: 2 lines"]),
    "units": ("", "", ["the first row alone is of the class '[-]'", "[m]"]),
    "totals": ("", "9,u,Total\n", ["the last row alone is of the class 'Total'"]),
    "sums": ("", f"{table()['n'].sum():.3f},u,{sum(range(120))},\n", ["the last row holds the sums of n, m:"]),
    "blank lines": ("", "   \n\t\n9,u,a\n\x1a\n", ["3 classes"]),
    "a line break": ("", '9,"u\nv",a\n', ["line breaks in 1 row, the first is row 122"]),
    "other capitals": ("", "9,u,A\n" * 9, ["WARNING: classes that differ in capitals alone: A, a;"]),
    "points of two meanings": ("", "", ["m: '12.345' is read as 12.345"]),
    "words for missing values": ("", "9,NA,a\n9,None,a\n" * 9, ["level: 'NA' in 9 rows and 'None' in 9 rows counts"]),
    "a word that one column has": ("", "9,NA,a\n", ["level: 'NA' in 1 row counts as missing"]),
    "words of many kinds": (
        "",
        "".join(f"{word},u,a\n" for word in ("n.a.", "-", "x", "?!")),
        ["no number in 4 rows (n.a. in 1"],
    ),
    "a level that reads NA": ("", "", ["'NA' in m is a level, in 90 rows"]),
    "stray words": ("", "<1,u,a\n" * 3, ["no number in 3 rows (<1 in 3)"]),
    "units of two kinds": ("", "", ["left out: m: numbers with different units beside them (kg, g)"]),
    "another decimal sign": (
        "",
        "",
        ["left out: m: numbers written otherwise than the others of this file, such as 0"],
    ),
    "dates in one number": ("", "", ["m: dates with the year first, as 20240102"]),
}
ADDED = {
    "sums": range(120),
    "a level that reads NA": ["NA", "NA", "NA", "x"] * 30,
    "points of two meanings": ["12.345"] * 60 + ["1.500"] * 60,
    "units of two kinds": [f"{number} {'kg' if number < 60 else 'g'}" for number in range(120)],
    "another decimal sign": [f"{number % 4},{number % 25}" for number in range(120)],
    "dates in one number": ["20240102", "20231130"] * 60,
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_of_people_s_files(tmp_path, capsys, case):
    above, below, words = SAID[case]
    train = table().assign(m=ADDED[case])[["n", "level", "m", "y"]] if case in ADDED else table()
    header, rows = train.to_csv(index=False, lineterminator="\n").split("\n", 1)
    units = "[m],[-],[-]\n" * (case == "units")
    (tmp_path / "written.csv").write_text(f"{above}{header}\n{units}{rows}{below}")
    start.main([str(tmp_path / "written.csv"), "--target", "y", "-o", str(tmp_path / "own.yaml")])
    said = capsys.readouterr().out
    assert all(word in said for word in words), said


CLASSES = {  # cells of the target in the training and the test file, and the classes in the order of these
    "signs": (["-1", "+1"], ["-1", "1"], [-1, 1]),
    "leading zeros": (["01", "02"], ["01", "02"], ["01", "02"]),
    "thousands": (["250", "1,500"], ["250", "1500"], [250, 1500]),
    "a decimal comma": (["1.5", "2.5"], ["1,5", "2,5"], ["1.5", "2.5"]),
    "versions": (["1.1", "1.10"], ["1.1", "1.10"], ["1.1", "1.10"]),
    "long codes": ([str(2**60), str(2**60 + 1)], [str(2**60), str(2**60 + 1)], [2**60, 2**60 + 1]),
}


@pytest.mark.parametrize("case", CLASSES)
def test_classes_that_are_numbers(begin, case):
    """Both files have the same classes, however each writes numbers; codes stay as they are."""
    train, test, classes = CLASSES[case]
    other = table().assign(y=test * 60, n="1,5" if case == "a decimal comma" else "1.5")
    data = begin(table().assign(y=train * 60), other)[0]["data"]
    assert data["classes"] == classes
    for name, own in (("train", {}), ("test", data["test_format"])):
        assert read_table(data[name], data | own)["y"].tolist() == [0, 1] * 60


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
