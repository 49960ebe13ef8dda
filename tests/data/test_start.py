"""scripts/start.py: what it makes of columns, classes and missing values, and that what it writes can be read."""

import csv

import numpy as np
import pytest
import yaml

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data import csv_file, parquet_cells, source
from gapscope.data.read import read_table
from gapscope.data.setup import table as one_table
from gapscope.data.setup.overlay import own_folder, scalar
from tables_to_start import table

SHIPPED = shipped()


def test_a_plain_table(begin):
    config, text, said = begin(table(), table(40, 1))
    assert config["data"]["classes"] == ["a", "b", "c"]
    assert (config["data"]["numeric"], config["data"]["categorical"]) == (["n"], ["level"])
    assert config["results"] == "results/mine" and config["clean"]["missing"] == "drop"
    for key in ("train", "test"):
        assert len(read_table(config["data"][key], config["data"])) == (120 if key == "train" else 40)
    assert "no column is left out" in text and "snakemake -c4 --configfile" in said.splitlines()[-1]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_of_a_large_table_some_rows_are_looked_at_and_all_classes_counted(begin, monkeypatch, suffix):
    rows = table(800).assign(number=np.random.default_rng(0).permutation(800)).astype({"y": object})
    rows.loc[[1, 333], "y"] = ["rare", None]  # in rows that are not looked at
    whole, *_ = begin(rows, table(40, 1).assign(number=range(40)), suffix=suffix)
    monkeypatch.setattr(one_table, "LOOKED_AT", 150)
    monkeypatch.setattr(source, "ROWS", 64)
    monkeypatch.setattr(parquet_cells, "PART", 64)
    monkeypatch.setattr(csv_file, "BLOCK", 1000)
    config, text, said = begin(rows, table(40, 1).assign(number=range(40)), "y", "--force", suffix=suffix)
    assert config == whole and config["data"]["classes"] == ["a", "b", "c", "rare"]
    assert "800 rows, 4 columns, judged by every 8th row" in text and "judged by every 8th row (100 of 800)" in said
    assert "1 training rows have no class" in said and "an identifier: the rows are numbered" in text
    assert text.count("judged by") == 2  # of the test table all rows are looked at


def test_every_decision_has_its_comment(begin):
    _, text, _ = begin(table(day=lambda rng, y: "2024-05-06", one=lambda rng, y: 1), table(40, 1))
    bare = [line for line in text.splitlines() if line.strip() and "#" not in line]
    assert [line.split(":")[0].strip() for line in bare] == [
        "results", "data", "source", "target", "numeric", "categorical", "clean", "train", "report", "title"
    ]  # fmt: skip


@pytest.mark.parametrize("rows, l2, batch_size", [(60, 0.1, "auto"), (4000, 0.0025, "auto"), (12_000, 0.00083, 256)])
def test_the_training_suits_the_number_of_rows(begin, rows, l2, batch_size):
    config, *_ = begin(table(rows))
    longer = {"dropout": 0.1, "iterations": 40} if rows < 10_000 else {}
    assert config["train"]["per_activation"]["relu"] == {"initialisation": "he", "l2": l2} | longer
    assert [config["train"][key] for key in ("batch_size", "iterations")] == [batch_size, 20 if longer else 40]


NAMES = ["n,o", "a b", 'quo"te', "line\nbreak", "ünï 漢字 😀",
         "x: y", "- z", "#5", "yes", "1", "", "[k]", "{j}", "it's", "a\tb"]  # fmt: skip


def test_any_name_comes_back_from_the_file(begin):
    def number(rng, y):
        return rng.normal(size=len(y))

    more = dict.fromkeys([name for name in NAMES if name], number)
    config, _, _ = begin(table(**more), table(40, 1, **more))
    assert config["data"]["numeric"] == ["n", *more]
    assert read_table(config["data"]["test"], config["data"]).shape == (40, len(more) + 3)


SCALARS = ["null", "~", "1.5", "1e3", "0x1f", "12:30", "2024-01-01", "true", "=", "<<", "-", "'", "a #b", " a", 7, -3]


@pytest.mark.parametrize("value", [*NAMES, *SCALARS, ["a b", 3], {"x: y": "$", "z": ["NA"]}])
def test_scalars(value):
    assert yaml.safe_load(f"- {scalar(value)}  # why") == [value]
    assert yaml.safe_load(f"[{scalar(value)}, 1]") == [value, 1]


def test_rare_classes_are_told(begin):
    own, other = table(), table(40, 1)
    own.loc[0, "y"], other.loc[0, "y"] = "once", "new"
    config, text, _ = begin(own, other)
    assert config["data"]["classes"] == ["a", "b", "c", "new", "once"]
    assert "- once" in text and "1 training row: too few" in text and "in the test table alone" in text


def test_columns_that_give_the_class_away_are_left_out_and_warned_of(begin):
    more = {"copy": lambda rng, y: y * 2, "made_of": lambda rng, y: y + rng.random(len(y)) * 0.9}
    config, text, said = begin(table(**more), table(40, 1, **more))
    assert config["data"]["numeric"] == ["n"]
    assert "each class has one value of its own" in text and "each class is one stretch" in text
    assert said.count("WARNING") == 2


@pytest.mark.parametrize("share, policy", [(0.0, "drop"), (0.03, "drop"), (0.2, "impute")])
def test_missing_values(begin, share, policy):
    own = table(400)
    own.loc[np.arange(400) < share * 400, "n"] = np.nan
    config, text, _ = begin(own, table(40, 1))
    assert config["clean"]["missing"] == policy
    assert (f"{round(share * 400)} of 400 training rows" in text) == (share > 0)


def test_rows_are_not_dropped_where_that_would_lose_a_class(begin):
    own = table(400)
    own.loc[0, ["n", "y"]] = [np.nan, "once"]
    config, text, _ = begin(own, table(40, 1))
    assert config["clean"]["missing"] == "impute" and "no row of the class once" in text


def test_names_with_another_separator_in_them(begin):
    """Semicolons and commas both cut these headers: the target tells of the first, its columns of the second."""
    own, other = (table(40, seed).rename(columns={"n": "n, in cm"}) for seed in (0, 1))
    config, text, _ = begin(own, other, quoting=csv.QUOTE_NONE, sep=";", escapechar="\\")
    assert config["data"]["numeric"] == ["n, in cm"] and text.count("separator semicolon") == 2
    other = other.rename(columns={name: f"my {name}" for name in other}).assign(**{"my level": "u, v"})
    with pytest.raises(UserError, match=r"test.csv: .*more than one.*\(n, in cm, level, y\).*each of them, 0; set"):
        begin(own, other, "y", "--force", quoting=csv.QUOTE_NONE, sep=";", escapechar="\\")


def test_another_encoding_is_kept(begin):
    more = {"é": lambda rng, y: rng.choice(["ü", "ö"], len(y))}
    with pytest.raises(UserError, match="cp1252"):
        begin(table(**more), table(40, 1, **more), encoding="cp1252")
    config, _, _ = begin(table(**more), table(40, 1, **more), "y", "--encoding", "cp1252", encoding="cp1252")
    assert config["data"]["categorical"] == ["level", "é"] and config["data"]["encoding"] == "cp1252"


def test_a_config_that_is_there_is_kept(begin):
    begin(table(), table(40, 1))
    with pytest.raises(UserError, match="mine.yaml: this file is there already.*--force"):
        begin(table(), table(40, 1))
    begin(table(), table(40, 1), "y", "--force")


REFUSED = {
    "too many names": (lambda own: own.assign(y=[f"name {row}" for row in range(120)]), "Join the rare ones"),
    "one class": (lambda own: own.assign(y="a"), "one value, a; expected at least two classes"),
    "no class": (lambda own: own.assign(y=np.nan), "no value; expected at least two classes"),
    "no feature": (lambda own: own[["y"]].assign(one=1), "no column is left as a feature: one: constant"),
    "no such target": (lambda own: own.drop(columns="y"), "column 'y' is missing"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_a_classification(begin, case):
    change, words = REFUSED[case]
    with pytest.raises(UserError, match=words):
        begin(change(table()), table(40, 1))


def test_a_test_table_without_a_header_is_named(begin):
    with pytest.raises(UserError, match="my test.csv: no feature of the training table is in it.*first line a header"):
        begin(table(), table(40, 1).set_axis(list("123"), axis=1))


def test_the_folder_has_the_overlays_name():
    assert own_folder("a/b/mine.yaml") == "results/mine" and own_folder("my file.é.yaml") == "results/my_file__"


def test_numbers_to_predict_are_cut_into_ranges(begin):
    """At their quartiles: 0, 1, ... 119 has them at 29.75, 59.5 and 89.25."""
    config, text, said = begin(table().assign(y=np.arange(120)), table(40, 1).assign(y=-5))
    assert config["data"]["bins"] == [29.75, 59.5, 89.25] and "120 different numbers, cut at quantiles" in said
    assert config["data"]["classes"] == ["below 29.75", "29.75 to 59.5", "59.5 to 89.25", "from 89.25"]
    assert read_table(config["data"]["train"], config["data"])["y"].value_counts().tolist() == [30] * 4


def test_a_target_that_is_not_there_is_told_without_a_config(begin):
    with pytest.raises(UserError, match=r"did you mean 'level'\? The file has: n, level, y") as caught:
        begin(table(), None, "leve")
    assert "config" not in str(caught.value)
