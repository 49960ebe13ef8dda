"""The stages from a table to trained networks, run one after the other in this process."""

from pathlib import Path

from gapscope.config import check as settings_of
from stage_scripts import Files, stage, stage_settings

NEEDS_CLASSES = ("test_y", "test_numbers", "test_groups", "failures", "counterfactual", "features", "ceiling")
LEFT_OUT = {"labelled": (), "unlabelled": NEEDS_CLASSES, "none": ("test", "test_X", "test_weights", *NEEDS_CLASSES)}


def check_and_train(config: dict, folder: Path) -> None:
    """Do what `snakemake` does with a config and its tables up to the first model, apart from Snakemake."""
    settings_of.check(config)
    train_networks(config, folder, *settings_of.input_tables(config, str(folder / "results")))


def of_test(files: dict, config: dict) -> Files:
    """The files that the rules of this config have: fewer without classes of test rows, or without a test set."""
    left_out = LEFT_OUT[settings_of.kind_of_test(config)]
    return Files({name: path for name, path in files.items() if name not in left_out})


def train_networks(config: dict, folder: Path, train: str, test: str | None) -> tuple[Files, Files]:
    """Run clean, encode, split and train; return the cleaned tables, and all other files, by the names in the rules."""

    def files(names: str, ending: str) -> Files:
        return of_test({name: str(folder / f"{name}.{ending}") for name in names.split()}, config)

    def run(name: str, input: dict, output: dict, network: str = "") -> None:
        stage(name)(Files(input), Files(output), stage_settings(config, name, network))

    tables = files("train test", "parquet")
    groups = files("test_numbers" + " train_groups test_groups" * (config["data"]["group"] != "none"), "npy")
    if any("predictions" in entry for entry in config["models"].values()):
        groups |= {f"{name}_numbers": str(folder / f"{name}_numbers.npy") for name in tables}
    weights = files("train_weights test_weights" if config["data"]["weight"] != "none" else "", "npy")
    encoded = files("train_X train_y test_X test_y", "npy") | files("encoding", "json")
    split = files("training_y training_rows validation_y validation_rows", "npy") | files("scaling", "json")
    found = Files({**encoded, **split, **groups, **weights, "cleaning": str(folder / "cleaning.json")})
    given, cleaned = of_test({"train": train, "test": test}, config), {**tables, **groups, **weights}
    run("clean", given, {**cleaned, "summary": found.cleaning})
    run("encode", tables, encoded)
    run("split", {**found, "X": found.train_X, "y": found.train_y}, split)
    activations = config["train"]["activations"]
    for key, ending in (("models", "npz"), ("histories", "csv")):
        found[key] = [str(folder / f"{name}.{ending}") for name in activations]
    for name, model, history in zip(activations, found.models, found.histories):
        run("train", found, {"model": model, "history": history}, name)
    found["networks"] = [*found.models]
    for name in sorted(config["models"]):
        found.models.append(str(folder / f"{name}.json"))
        run("train_model", {**found, **tables}, {"model": found.models[-1]}, name)
    return tables, found
