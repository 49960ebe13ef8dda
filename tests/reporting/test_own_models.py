"""Models of the user's own through all stages: held to scikit-learn, diagnosed, tried with remedies, on the page."""

import numpy as np
import pandas as pd
import pytest

import hostile
from gapscope.common.files import read_array, read_json
from gapscope.config.check import check
from gapscope.data.encode import encoded, plain_columns
from gapscope.evaluation.prediction import load, predictions, read
from gapscope.network.own_model import Code, OwnModel
from hostile import KIND, OTHER, ROOT, SCORE
from markup import Tree
from runs import Workspace, needs_listings
from stage_scripts import stage

LOGISTIC = {"python": str(ROOT / "models" / "logistic_regression.py"), "settings": {"C": 0.5}}
TREES = {"python": str(ROOT / "models" / "hist_gradient_boosting.py"), "settings": {"max_iter": 20}}


@pytest.fixture(scope="module")
def config():
    config = hostile.config()
    config["train"]["activations"], config["models"] = [], {"logistic": LOGISTIC, "trees": TREES}
    config["mitigate"]["recommended"]["train"] = {"hidden": [4]}  # of a network that there is not
    check(config)
    return config


@pytest.fixture(scope="module")
def files(config, tmp_path_factory):
    return hostile.run_stages(tmp_path_factory.mktemp("own"), config)


def test_accuracies_are_those_of_scikit_learn_on_the_tables_own_columns(files):
    compose, linear = pytest.importorskip("sklearn.compose"), pytest.importorskip("sklearn.linear_model")
    preprocessing, rows = pytest.importorskip("sklearn.preprocessing"), files.for_remedies
    train, test = (pd.read_parquet(path) for path in (rows.train, rows.test))
    places = {name: read_array(rows[f"{name}_rows"]) for name in ("training", "validation")}
    encode = compose.ColumnTransformer(
        [("number", preprocessing.StandardScaler(), [SCORE, OTHER]), ("level", preprocessing.OneHotEncoder(), [KIND])]
    )
    X, y = encode.fit_transform(train.iloc[places["training"]]), read_array(rows.training_y)
    model = linear.LogisticRegression(C=0.5, max_iter=1000).fit(X, y)
    metrics = read_json(files.metrics)["logistic"]
    for name, table, classes in (
        ("validation", train.iloc[places["validation"]], read_array(rows.validation_y)),
        ("test", test, read_array(rows.test_y)),
    ):
        p = model.predict_proba(encode.transform(table))
        assert metrics[name]["accuracy"] == np.mean(p.argmax(axis=1) == classes)
        assert metrics[name]["log_loss"] == pytest.approx(-np.log(p[np.arange(len(p)), classes]).mean(), rel=1e-4)


def test_new_rows_are_classified_once_the_code_is_trusted(files, tmp_path):
    model, new, predict = files.models[1], str(tmp_path / "new.csv"), stage("predict")
    hostile.table(20, 3, lost=False).to_csv(new, index=False)
    with pytest.raises(SystemExit, match="runs? as code; where you trust them, add --trust"):
        predict([model, new, "-o", str(tmp_path / "out.csv")])
    predict([model, new, "-o", str(tmp_path / "out.csv"), "--trust"])
    found = pd.read_csv(tmp_path / "out.csv", keep_default_na=False)
    assert len(found) == 20 and (found["p_plain"] == "").sum() == 4  # rows without OTHER


def test_the_best_of_them_is_diagnosed_in_words_of_a_model(files):
    metrics, diagnosis = read_json(files.metrics), read_json(files.diagnosis)
    best = max(metrics, key=lambda name: metrics[name]["validation"]["accuracy"])
    assert diagnosis["activation"] == best and diagnosis["verdict"]["features"] == [SCORE]
    assert diagnosis["verdict"]["kind"] == "feature_lost"
    assert "network" not in diagnosis["verdict"]["sentence"] + str(diagnosis["hypotheses"])


def test_remedies_that_change_the_data_are_tried_and_settings_of_a_network_are_not(files):
    tried = pd.read_csv(files.mitigations).set_index("mitigation")
    without = read_json(files.remedies)["untried"]
    assert set(tried.index) == {"baseline", "recommended", "without_suspect"}
    assert set(without) == {"recommended_training", "l2", "class_weights", "class_weights_square_root", "dropout"}
    assert all("settings of gapscope’s network" in reason for reason in without.values())
    assert tried.test_accuracy["without_suspect"] > tried.test_accuracy["baseline"] + 0.1


def test_the_page_shows_them_without_the_sections_on_networks(files, config, tmp_path):
    tree = Tree(hostile.write_page(tmp_path, config, files))
    assert "logistic_regression.py" in tree.section("networks") and "Architecture" not in tree.section("networks")
    sections = [section.get("id") for section in tree.all("section")]
    assert "The model does not use the seed" in tree.section("remedies")
    assert {"gradients", "derivations"}.isdisjoint(sections)
    assert "there is permutation alone" in tree.section("attribution")
    for name in ("networks", "attribution", "methods", "limitations", "hypotheses"):
        assert "network" not in tree.section(name), name


@pytest.fixture(scope="module")
def predicted(files, tmp_path_factory):
    """The stages for a model of which there are predictions only, those of the logistic regression."""
    folder, config = tmp_path_factory.mktemp("predicted"), hostile.config()
    code = load(files.models[0], trusted=True)
    paths = {"validation": str(folder / "v.csv"), "test": str(folder / "t.csv")}
    for path, table in zip(paths.values(), (files.train, files.test)):
        predictions(code, read(code, table)).to_csv(path, index=False)
    config["train"]["activations"], config["models"] = [], {"theirs": {"predictions": paths}}
    check(config)
    return hostile.run_stages(folder, config), config


def test_of_predictions_everything_is_said_that_needs_no_new_one(predicted, files):
    found, before = predicted[0], read_json(files.metrics)["logistic"]
    metrics, diagnosis = read_json(found.metrics)["theirs"], read_json(found.diagnosis)
    for part in ("validation", "test"):
        assert metrics[part]["accuracy"] == before[part]["accuracy"]
        assert metrics[part]["log_loss"] == pytest.approx(before[part]["log_loss"])
    assert diagnosis["gap"]["validation_test"]["low"] > 0
    verdict = diagnosis["verdict"]
    assert verdict["kind"] == "undecided" and "needs the model" in verdict["sentence"]
    (candidate,) = verdict["candidates"]
    assert (candidate["kind"], candidate["features"], candidate["share"]) == ("feature_lost", [SCORE], None)
    decisions = {one["kind"]: one["decision"] for one in diagnosis["hypotheses"]}
    assert decisions["feature_lost"] == "kept" and decisions["no_gap"] == decisions["leak"] == "ruled out"
    needs = {"overfitting", "group_leak", "near_copies", "concept_drift"}
    assert {kind for kind, decision in decisions.items() if decision == "needs the model"} >= needs
    record = next(one for one in diagnosis["features"] if one["feature"] == SCORE)
    assert record["gap_share"] is record["repaired_accuracy"] is None
    assert record["information_validation"] > 0.5 > record["information_test"] + 0.3
    assert len(pd.read_csv(found.failures)) > 50 and diagnosis["not_said"]


def test_of_predictions_only_corrected_probabilities_are_tried(predicted):
    untried = read_json(predicted[0].remedies)["untried"]
    assert list(pd.read_csv(predicted[0].mitigations).mitigation) == ["baseline"]
    assert untried["without_suspect"] == "the diagnosis names no feature"


def test_the_page_says_what_needs_the_model(predicted, tmp_path):
    tree = Tree(hostile.write_page(tmp_path, predicted[1], predicted[0]))
    assert "what it costs needs the model" in tree.section("summary")
    assert "needs the model" in tree.section("hypotheses") and "What needs the model" in tree.section("test")
    assert "the model cannot be trained again" in tree.section("remedies")
    assert "experiment" not in tree.section("limitations") and "Figure" not in tree.section("attribution")


def test_the_torch_file_learns_and_obeys_its_seed():
    pytest.importorskip("torch")
    table, code = hostile.table(400, 1, lost=False).dropna(), Code(str(ROOT / "models" / "small_torch_net.py"))
    columns = plain_columns(table, {"numeric": [SCORE, OTHER], "categorical": [KIND]})
    X, y = encoded(table, columns), pd.Categorical(table[hostile.TARGET], categories=hostile.CLASSES).codes
    model = OwnModel(code, None, columns, hostile.CLASSES, {"passes": 30})
    first, again, other = (model.trained_again(X, y, seed).probabilities(X) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()
    assert np.mean(first.argmax(axis=1) == y) > 0.95


@needs_listings
@pytest.mark.long
@pytest.mark.parametrize("name", ["hist_gradient_boosting", "logistic_regression", "small_torch_net"])
def test_on_the_listings_every_model_loses_the_same_feature(name, tmp_path):
    pytest.importorskip("torch" if "torch" in name else "sklearn")
    workspace = Workspace(tmp_path / "gapscope")
    workspace.listings()
    overlay = {"data": {"source": "files"}, "train": {"activations": []}}
    overlay["models"] = {"mine": {"python": str(ROOT / "models" / f"{name}.py")}}
    workspace.snakemake("results/diagnosis.json", overlay=overlay)
    verdict = read_json(workspace.folder / "results" / "diagnosis.json")["verdict"]
    assert (verdict["kind"], verdict["features"]) == ("feature_lost", ["amenity_score"])
