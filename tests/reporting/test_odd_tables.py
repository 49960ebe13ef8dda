"""Odd tables all the way: from start.py's config through every stage to the page."""

import numpy as np
import pandas as pd
import pytest
from snakemake.utils import update_config

import browser as browsers
import hostile
import start
from gapscope.common.files import read_json
from gapscope.config.check import check
from gapscope.config.defaults import read_yaml, shipped
from markup import Tree

NAMES = ["a", "1", " ", "self", "column", "index", "data_source", 'quo"te, x', "line\nbreak"]
WORDS = ["ünï {0}", "$x$ {y}", "count", "class", "level", "rank", "_under"]


def blobs(rows, classes, features, seed):
    """Clouds around centres that are the same for all seeds."""
    rng, centres = np.random.default_rng(seed), np.random.default_rng(99).normal(size=(classes, features)) * 2
    y = rng.choice(classes, size=rows)
    return centres[y] + rng.normal(size=(rows, features)), y, rng


def many_classes(rows, seed):
    """Fifty, two columns of many levels beside the numbers, of which some the training table does not know."""
    X, y, rng = blobs(rows, 50, 3, seed)
    cities = [f"city {(7 * code + step) % (80 + 60 * seed)}" for code, step in zip(y, rng.integers(3, size=rows))]
    return pd.DataFrame(X, columns=list("abc")).assign(city=cities, y=[f"class {code:02d}" for code in y])


def many_features(rows, seed):
    """Forty, with every name that might break something; codes with gaps, a class of one row in each table alone."""
    X, y, rng = blobs(rows, 3, 33, seed)
    X[rng.random(X.shape) < 0.02] = np.nan
    code = np.array([1, 3, 7])[y]
    code[0] = 9 if seed else 8
    table = pd.DataFrame(X, columns=[*NAMES, *(f"x{place}" for place in range(33 - len(NAMES)))]).assign(y=code)
    return table.assign(**{name: rng.choice(["_x", "$y$", "{z}", "nan1", "1"], rows) for name in WORDS})


def words_alone(rows, seed):
    """Two truth values told by two categorical columns, one of them of truth values, in few rows."""
    rng = np.random.default_rng(seed)
    y = rng.random(rows) < 0.4
    colour = np.where(rng.random(rows) < 0.7, np.where(y, "red", "blue"), "green")
    return pd.DataFrame({"colour": colour, "flag": rng.random(rows) < 0.5, "y": y})


CASES = [(many_classes, 700, 300), (many_features, 200, 80), (words_alone, 20, 8)]


@pytest.mark.parametrize(("make", "rows", "test_rows"), CASES)
def test_from_the_tables_to_the_page(tmp_path, request, make, rows, test_rows):
    tables = make(rows, 0), make(test_rows, 1)
    paths = [str(tmp_path / f"in_{name}.csv") for name in ("train", "test")]
    for table, path in zip(tables, paths):
        table.to_csv(path, index=False)
    start.main([*paths, "--target", "y", "-o", str(tmp_path / "mine.yaml")])
    config = hostile.config()
    config["data"] = shipped()["data"]
    update_config(config, read_yaml(tmp_path / "mine.yaml"))
    config["train"] |= {"iterations": 3}
    config["mitigate"] |= {"remedies": {"baseline": {}, "without_suspect": {"drop": "suspect"}}}
    update_config(config, hostile.QUICK)
    check(config)
    files = hostile.run_stages(tmp_path, config, *tables)
    page = hostile.write_page(tmp_path, config, files)
    Tree(page).check_links()
    assert "How well can y be told?" in page
    encoding = read_json(files.encoding)
    names = [column["name"] for column in encoding["columns"]]
    assert len(set(names)) == len(names)
    pooled = "most common ones have input columns of their own" in page
    assert pooled == bool(encoding["pooled_levels"]) == (make is many_classes)
    if make is words_alone and browsers.CHROMIUM:  # two classes
        browser = request.getfixturevalue("browser")
        assert not browsers.violations(browser, tmp_path / "report.html", "two-classes", 360)
