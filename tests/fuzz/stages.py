"""The stages from a table to a trained network, run one after the other in this process, each in its own folder."""

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

from gapscope import config as settings_of
from gapscope.tables.read import read_table

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


class Files(dict):
    """Named files as Snakemake hands them over: by key and as attributes."""

    __getattr__ = dict.__getitem__


@cache
def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"stage_{name}", SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_and_train(config: dict, folder: Path) -> None:
    """What `snakemake` does with a config and its tables up to the first model, apart from Snakemake."""
    settings_of.check(config)
    train, test = settings_of.input_tables(config, str(folder / "results"))
    for path in (train, test):
        read_table(path, config["data"])

    def files(stage: str, *names: str) -> Files:
        return Files({name.split(".")[0]: str(folder / f"{stage}_{name}") for name in names})

    tables = files("clean", "train.parquet", "test.parquet", "summary.json")
    matrices = files("encode", "train_X.npy", "train_y.npy", "test_X.npy", "test_y.npy", "encoding.json")
    parts = [f"{part}_{name}.npy" for part in ("training", "validation") for name in ("X", "y", "rows")]
    split = files("split", *parts, "scaling.json")
    script("clean").main(Files(train=train, test=test), tables, settings_of.settings_for(config, "clean"))
    script("encode").main(tables, matrices, settings_of.settings_for(config, "encode"))
    rows = Files(matrices, X=matrices.train_X, y=matrices.train_y, **tables)
    script("split").main(rows, split, settings_of.settings_for(config, "split"))
    given = Files(split, encoding=matrices.encoding, cleaning=tables.summary)
    for activation in config["train"]["activations"]:
        written = files(activation, "model.npz", "history.csv")
        script("train").main(given, written, settings_of.settings_for_training(config, activation))
