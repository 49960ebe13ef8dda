"""Tables read, cleaned, explored and encoded in blocks: the results do not depend on where a block ends."""

import gzip
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gapscope.common.errors import UserError
from gapscope.config.defaults import shipped
from gapscope.data import csv_file, leaks, parquet, parquet_cells, source
from gapscope.data.read import read_groups, read_table
from gapscope.evaluation import exploration as eda
from stage_scripts import Files, stage, stage_settings

DATA = shipped()["data"] | {"target": "y", "classes": ["lo", "hi"], "numeric": ["a", "b"],
                                "categorical": ["c"], "missing_values": ["", "NA"], "group": "g"}  # fmt: skip


@pytest.fixture
def small(monkeypatch):
    """Makes blocks of some 20 rows."""

    def small():
        for module, name, value in (
            (csv_file, "BLOCK", 400),
            (source, "ROWS", 20),
            (parquet_cells, "PART", 7),
            (parquet, "ROW_GROUP", 23),
            (leaks, "FIRST", 5),
            (eda, "HELD", 1),
        ):
            monkeypatch.setattr(module, name, value)

    return small


def table(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, rows)
    frame = pd.DataFrame({"a": rng.normal(y), "b": np.round(rng.exponential(3, rows)), "y": y, "c": "u"})
    frame["c"], frame["g"] = rng.choice(list("uvw"), rows), rng.integers(0, 40, rows)
    frame["y"] = np.array(["lo", "hi"])[y]
    for name in "abc":
        frame[name] = frame[name].mask(rng.random(rows) < 0.05)
    return pd.concat([frame, frame.tail(9)], ignore_index=True)


WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "gzip": lambda frame, path: path.write_bytes(gzip.compress(frame.to_csv(index=False, sep=";").encode())),
    "parquet": lambda frame, path: frame.to_parquet(path),
}


@pytest.mark.parametrize("form", WRITERS)
def test_reading_does_not_depend_on_blocks(tmp_path, small, form):
    path = tmp_path / "t"
    WRITERS[form](table(), path)
    whole, groups = read_table(str(path), DATA), read_groups(str(path), DATA)
    small()
    pd.testing.assert_frame_equal(read_table(str(path), DATA), whole)
    assert read_groups(str(path), DATA).tolist() == groups.tolist()
    names = table()["g"].astype(str)
    assert groups.tolist() == np.unique(names, return_inverse=True)[1].tolist()


WRONG = {  # cells: row, column -> text; and what is told
    "of one column": (
        {(150, "a"): "x", (280, "a"): "y"},
        "row 152, column 'a': expected a number.*'x' \\(2 such cells",
    ),
    "the first column comes first": ({(20, "b"): "x", (250, "a"): "z"}, "row 252, column 'a'.*'z' \\(1 such"),
    "texts before infinities": ({(20, "a"): "inf", (250, "a"): "z"}, "row 252, column 'a'.*a number with.*'z' \\(1 "),
    "infinities": ({(20, "a"): "inf", (250, "a"): "-inf"}, "row 22, column 'a'.*a finite number.*'inf' \\(2 such"),
    "a class": ({(299, "y"): "mid"}, "row 301, column 'y': expected one of data.classes.*'mid' \\(1 such cell;"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_cell_is_named_whichever_block_it_is_in(tmp_path, small, case):
    cells, words = WRONG[case]
    frame = table().astype({"a": object, "b": object})
    for (row, name), text in cells.items():
        frame.loc[row, name] = text
    frame.to_csv(tmp_path / "t.csv", index=False)
    for _ in range(2):
        with pytest.raises(UserError, match=words):
            read_table(str(tmp_path / "t.csv"), DATA)
        small()


def test_a_row_without_a_group(tmp_path, small):
    frame = table().astype({"g": object})
    frame.loc[[200, 210], "g"] = None
    for form in WRITERS:
        WRITERS[form](frame.astype({"g": "str"}), tmp_path / form)
        with pytest.raises(UserError, match=r"row 202, column 'g': expected the row's group.*\(2 such cells"):
            read_groups(str(tmp_path / form), DATA)
    small()
    with pytest.raises(UserError, match="row 202, column 'g'"):
        read_groups(str(tmp_path / "csv"), DATA)


def stages(folder: Path, missing: str, **data) -> dict[str, bytes]:
    """What clean, eda and encode write, by name; a Parquet file as the CSV of its table."""
    config = shipped()
    config["data"] |= {**DATA, "source": "files", **data}
    config["clean"]["missing"] = missing
    config["encode"] |= {"transform": {"a": ["identity", "quantile", {"fourier": 2}]}, "max_levels": 2}
    given = Files(train=str(folder / "train.csv"), test=str(folder / "test.csv"))
    table().to_csv(given.train, index=False)
    table(90, 1).to_csv(given.test, index=False)
    names = {
        "clean": "train.parquet test.parquet summary.json train_groups.npy test_groups.npy",
        "eda": "summary.json means.csv correlation.csv levels.csv classes.svg boxplots.svg shares.svg",
        "encode": "train_X.npy train_y.npy test_X.npy test_y.npy encoding.json",
    }
    written = {}
    for name, own in names.items():
        output = Files({file.split(".")[0]: str(folder / f"{name}_{file}") for file in own.split()})
        stage(name)(given, output, stage_settings(config, name))
        given = output if name == "clean" else given
        written |= {path: Path(path) for path in output.values()}
    return {
        path.name: pd.read_parquet(path).to_csv().encode() if path.suffix == ".parquet" else path.read_bytes()
        for path in written.values()
    }


@pytest.mark.parametrize("missing", ["drop", "impute"])
def test_the_stages_do_not_depend_on_blocks(tmp_path, small, missing):
    whole = stages(tmp_path, missing)
    small()
    assert stages(tmp_path, missing) == whole
    summary = json.loads(whole["clean_summary.json"])
    assert (
        summary["rows"]["train"]["duplicates"] == read_table(str(tmp_path / "train.csv"), DATA).duplicated().sum() > 8
    )
