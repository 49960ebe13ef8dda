"""A job of a sweep on its own: which of its points it trains, and what counts as the same point."""

import copy
import runpy
from pathlib import Path

import numpy as np
import pytest

from gapscope.common.files import read_json, write_array, write_json
from gapscope.config.check import settings_for
from gapscope.studies.sweep.plan import sweep_of

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "sweep_points.py"
CODE = {"sweep_points.py": "a"}


class Files(dict):
    """Paths by name, iterated as Snakemake's lists are."""

    __getattr__ = dict.__getitem__

    def __iter__(self):
        return iter(self.values())


@pytest.fixture
def job(tmp_path):
    """job(settings): the names of the point files in their order, and of those that it wrote."""
    rng, main = np.random.default_rng(1), runpy.run_path(str(SCRIPT))["main"]
    X, y = rng.normal(size=(60, 2)), rng.integers(0, 4, 60)
    paths = Files(X=str(tmp_path / "X.npy"), y=str(tmp_path / "y.npy"), encoding=str(tmp_path / "encoding.json"))
    column = {"feature": "a", "level": None, "transform": None, "others": [], "name": "a"}
    write_json(paths.encoding, {"columns": [column, {**column, "feature": "b", "name": "b"}]})
    write_array(paths.y, y)
    output = Files(results=str(tmp_path / "batches" / "1.json"))

    def job(settings: dict, disturbed: float = 0.0):
        write_array(paths.X, X + disturbed)
        points = tmp_path / "points"
        before = {path: path.stat().st_mtime_ns for path in points.glob("*")}
        main(paths, output, settings)
        written = {path.name for path in points.glob("*") if before.get(path) != path.stat().st_mtime_ns}
        return [point["file"] for point in read_json(output.results)["points"]], written

    return job


@pytest.fixture
def settings():
    """settings(*learning rates, **others of the sweep): those of the first job."""
    import yaml

    config = yaml.safe_load((SCRIPT.parents[1] / "config.yaml").read_text(encoding="utf-8"))
    config["train"] |= {"hidden": [3], "iterations": 1}

    def settings(*rates, code=CODE, **sweep):
        own = copy.deepcopy(config)
        own["sweep"] |= {"grid": {"train.learning_rate": list(rates)}, "seeds": [1], "folds": 2, **sweep}
        assert settings_for(own, "sweep_points")
        return sweep_of(own, code).batches[0].settings

    return settings


def test_only_new_points_are_trained(job, settings):
    first, written = job(settings(0.1, 0.2))
    assert len(set(first)) == 2 and written == set(first)
    assert job(settings(0.1, 0.2)) == (first, set())
    more, written = job(settings(0.05, 0.2, 0.1))
    assert more[1:] == [first[1], first[0]] and written == {more[0]}


def test_other_data_code_seeds_or_folds_make_other_points(job, settings):
    (point,), _ = job(settings(0.1))
    changes = [
        job(settings(0.1), disturbed=1e-9),
        job(settings(0.1, code={"sweep_points.py": "b"})),
        job(settings(0.1, seeds=[2])),
        job(settings(0.1, folds=3)),
    ]
    assert len({point, *(names[0] for names, _ in changes)}) == 5
    assert all(written == set(names) for names, written in changes)
    assert job(settings(0.1)) == ([point], set())
