"""The stages from a table to a trained network, run one after the other in this process, each in its own folder."""

from pathlib import Path

from gapscope.config import check as settings_of
from stage_scripts import Files, stage, stage_settings


def check_and_train(config: dict, folder: Path) -> None:
    """What `snakemake` does with a config and its tables up to the first model, apart from Snakemake."""
    settings_of.check(config)
    train, test = settings_of.input_tables(config, str(folder / "results"))
    kind, grouped = settings_of.kind_of_test(config), config["data"]["group"] != "none"
    missing = {
        "labelled": (),
        "unlabelled": ("test_y",),
        "none": ("test", "test_X", "test_y", "test_groups", "test_weights"),
    }[kind]

    def files(prefix: str, *names: str) -> Files:
        named = {name.split(".")[0]: str(folder / f"{prefix}_{name}") for name in names}
        return Files({name: path for name, path in named.items() if name not in missing})

    groups = ("train_groups.npy", "test_groups.npy") if grouped else ()
    weights = ("train_weights.npy", "test_weights.npy") if config["data"]["weight"] != "none" else ()
    tables = files("clean", "train.parquet", "test.parquet", "summary.json", *groups, *weights)
    matrices = files("encode", "train_X.npy", "train_y.npy", "test_X.npy", "test_y.npy", "encoding.json")
    parts = [f"{part}_{name}.npy" for part in ("training", "validation") for name in ("y", "rows")]
    split = files("split", *parts, "scaling.json")
    given = Files({"train": train} if kind == "none" else {"train": train, "test": test})
    stage("clean")(given, tables, stage_settings(config, "clean"))
    stage("encode")(tables, matrices, stage_settings(config, "encode"))
    rows = Files({**tables, **matrices, "X": matrices.train_X, "y": matrices.train_y})
    stage("split")(rows, split, stage_settings(config, "split"))
    given = Files({**tables, **split}, train_X=matrices.train_X, encoding=matrices.encoding, cleaning=tables.summary)
    for activation in config["train"]["activations"]:
        written = files(activation, "model.npz", "history.csv")
        stage("train")(given, written, stage_settings(config, "train", activation))
