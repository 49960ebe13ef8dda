"""The sweep block: its points, their settings, which jobs they make, and mistakes told in one line."""

import pytest

from gapscope.common.errors import UserError
from gapscope.config.check import check
from gapscope.studies.sweep.plan import points, sweep_of
from gapscope.studies.sweep.rules import checked_points
from gapscope.studies.sweep.settings import overlay_text, training_of, with_point

GRID = {"train.learning_rate": [0.01, 0.03], "split.scale.columns": ["numeric", "all"]}


@pytest.fixture
def table(tmp_path):
    """table(text): the path of a table with this content."""

    def table(text: str) -> str:
        path = tmp_path / "points.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return table


def test_a_grid_is_every_combination_in_its_order(changed):
    config = changed(("sweep.grid", GRID))
    check(config)
    assert [tuple(point.values()) for point in checked_points(config)] == [
        (0.01, "numeric"), (0.01, "all"), (0.03, "numeric"), (0.03, "all"),
    ]  # fmt: skip


def test_a_table_has_a_point_per_row_of_json_or_text(changed, table):
    path = table('train.hidden,train.learning_rate,train.optimizer\n"[8, 4]",1e-2,adam\n[],,momentum\n')
    config = changed(("sweep.table", path))
    assert checked_points(config) == [
        {"train.hidden": [8, 4], "train.learning_rate": 0.01, "train.optimizer": "adam"},
        {"train.hidden": [], "train.optimizer": "momentum"},
    ]


def test_a_points_networks_have_its_settings_before_those_of_their_activation(changed):
    config = changed(("train.per_activation", {"tanh": {"l2": 0.5, "learning_rate": 0.5}}))
    found = training_of(config, {"train.activation": "tanh", "train.l2": 0.1})
    assert (found["activation"], found["l2"], found["learning_rate"]) == ("tanh", 0.1, 0.5)
    assert "seed" not in found  # sweep.seeds


def test_a_column_with_dots_in_its_name(changed):
    config = with_point(changed(), {"encode.transform.a.b": "log1p", "split.scale.epsilon": 0.5})
    assert config["encode"]["transform"] == {"a.b": "log1p"} and config["split"]["scale"]["epsilon"] == 0.5
    assert changed()["split"]["scale"]["epsilon"] == 0.0


def jobs(config):
    return sweep_of(config, points(config), "")


def test_points_share_the_stages_before_the_first_that_differs(changed):
    grid = {"train.l2": [0.0, 0.1, 0.2], "encode.max_levels": [5, 50], "clean.missing": ["drop", "impute"]}
    config = changed(("sweep.grid", grid), ("sweep.points_per_job", 2))
    found = jobs(config)
    assert len(found.cleanings) == 1 and len(found.encodings) == 3  # besides the config's own: drop, and drop with 50
    assert list(found.cleaning_of.values()).count("") == 1
    sizes = [len(batch["points"]) for batch in found.batches.values()]
    assert sizes == [2, 1] * 4 and sum(batch["encoding"] == "" for batch in found.batches.values()) == 2


def test_splits_and_networks_make_no_job_of_their_own(changed):
    found = jobs(changed(("sweep.grid", GRID | {"split.seed": list(range(50))})))
    assert not found.cleanings and not found.encodings and len(found.batches) == 4


def test_what_a_batch_is_told_depends_on_its_points_alone(changed):
    """So a longer sweep, another confidence or the train block's own seed leaves the jobs before as they are."""
    first = jobs(changed(("sweep.grid", {"train.l2": [0.1, 0.2]}), ("sweep.points_per_job", 2))).batches["1"]
    more = changed(("sweep.grid", {"train.l2": [0.1, 0.2, 0.3]}), ("sweep.points_per_job", 2), ("train.seed", 7))
    more["sweep"]["confidence"] = 0.9
    assert jobs(more).batches["1"] == first


def test_the_winners_overlay_gives_its_settings(changed):
    import yaml

    config = changed(("train.per_activation", {"tanh": {"l2": 0.5}, "relu": {"l1": 0.2}}))
    point = {"train.activation": "tanh", "train.learning_rate": 0.3, "clean.impute.columns.a.b": "mean"}
    overlay = yaml.safe_load(overlay_text(point, config["train"]))
    assert overlay["clean"] == {"impute": {"columns": {"a.b": "mean"}}}
    assert overlay["train"] == {
        "activations": ["relu", "sigmoid", "tanh"],
        "per_activation": {"tanh": {"l2": 0.5, "learning_rate": 0.3}, "relu": {"l1": 0.2}},
    }
    with_it = {**config["train"], **overlay["train"]}
    alike = training_of({"train": with_it}, {"train.activation": "tanh"})
    assert alike == training_of(config, point)


MISTAKES = [  # grid or table, words of the message
    ({"train.learning_rat": [1]}, ["'train.learning_rat'", "did you mean 'train.learning_rate'?"]),
    ({"learning_rate": [1]}, ["'learning_rate'", "did you mean 'train.learning_rate'?"]),
    ({"diagnose.draws": [1]}, ["'diagnose.draws'", "train, clean, encode, split"]),
    ({"split.scale": [{}]}, ["'split.scale'", "block", "split.scale.columns"]),
    ({"train.seed": [1]}, ["'train.seed'", "sweep.seeds"]),
    ({"train.per_activation.relu.l2": [1]}, ["train.per_activation", "train.l2"]),
    ({"train.activations": [["relu"]]}, ["train.activation,"]),
    ({"train.learning_rate": [0.1, -1]}, ["train.learning_rate: expected more than 0, got -1"]),
    ({"train.hidden": [64]}, ["train.hidden: expected a list, got 64"]),
    ({"train.activation": ["rellu"]}, ["train.activation", "one of sigmoid, relu", "'rellu'"]),
    ({"train.l2": [float("inf")]}, ["finite"]),
    ({"encode.transform.amenity_scor": ["log1p"]}, ["amenity_scor", "did you mean 'amenity_score'?"]),
    ({"split.generator": ["legacy"]}, ["sweep point (split.generator: legacy)", "stratify"]),
    ({"split.validation_share": [0.1]}, ["split.validation_share", "folds: 3", "sweep.folds to 0"]),
    ({"train.members": [3]}, ["sweep.seeds: 1 and 2", "train.members (3)", "choose 1 and 4"]),
    ({"train.l2": [0.1], "train.update_order": ["during_backward"]}, ["plain form only"]),
    ({f"encode.transform.x{n}": list(range(99)) for n in range(3)}, ["more than 100000 points"]),
    # tables
    ("train.l2\n0.1\n1,2\n", ["row 3", "expected 1 cells", "got 2"]),
    ("train.l2,train.l2\n1,2\n", ["'train.l2' occurs twice"]),
    ("train.l2\n", ["no points"]),
    ("", ["no points"]),
    ("train.l2\n0.1\n0.10\n", ["row 3", "same point as in row 2"]),
    ("train.l3\n0.1\n", ["unknown setting 'train.l3'", "'train.l2'"]),
    ("train.l2\nlots\n", ["point 1", "train.l2: expected a number, got 'lots'"]),
    ("train.l2\nNaN\n", ["row 2", "finite", "NaN"]),
    ("train.l1,train.dropout\n0,\n,0\n", ["(train.l1: 0)", "(train.dropout: 0)", "the same settings"]),
]


@pytest.mark.parametrize("given, words", MISTAKES)
def test_a_mistake_is_one_message(changed, table, given, words):
    points = ("sweep.table", table(given)) if isinstance(given, str) else ("sweep.grid", given)
    with pytest.raises(UserError) as caught:
        checked_points(changed(points))
    assert all(word in str(caught.value) for word in words), caught.value


def test_a_sweep_needs_a_network(changed):
    with pytest.raises(UserError, match="train.activations names none"):
        checked_points(changed(("sweep.grid", {"train.l2": [0.1]}), ("train.activations", [])))


def test_a_table_that_is_not_there_and_grid_and_table_at_once(changed, table):
    with pytest.raises(UserError, match="sweep.table: no file 'nowhere.csv'"):
        checked_points(changed(("sweep.table", "nowhere.csv")))
    with pytest.raises(UserError, match="both hold points"):
        checked_points(changed(("sweep.table", table("train.l2\n1\n")), ("sweep.grid", GRID)))
