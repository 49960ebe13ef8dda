"""The files in results/ that other tools read, on simulated data, the real listings, and by default."""

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

import readme_picture
from gapscope.common.files import read_json
from gapscope.config.defaults import read_yaml
from runs import LISTINGS, ROOT, SMALL, needs_listings

HISTORY = ["iteration", "loss", "train_accuracy", "validation_loss", "validation_accuracy"]
HISTORY += ["grad_1", "grad_2", "grad_3"]
TOLD = (".csv", ".json", ".html", ".svg", ".parquet")  # files that say whether their data are simulated
README = (ROOT / "README.md").read_text(encoding="utf-8")
REAL = {"data": {"source": "files", "train": str(LISTINGS / "train.csv"), "test": str(LISTINGS / "test.csv")}}


@pytest.fixture(scope="module")
def real_run(finished):
    return finished(overlay={**REAL, "mitigate": read_yaml(ROOT / "workflow/presets/airbnb.yaml")["mitigate"]})


def check_contract(folder, source, iterations=20):
    assert (folder / "report.html").stat().st_size > 0
    metrics = read_json(folder / "metrics.json")
    for activation in ("relu", "sigmoid"):
        for part in ("train", "validation", "test"):
            result = metrics[activation][part]
            low, high = result["accuracy_interval"]
            assert low < result["accuracy"] < high
            assert {"balanced_accuracy", "macro_f1", "log_loss", "confusion_matrix", "rows"} <= set(result)
            assert np.array(result["confusion_matrix"]).sum() == result["rows"]
        history = pd.read_csv(folder / f"history/{activation}.csv")
        assert list(history)[:8] == HISTORY
        assert history["iteration"].tolist() == list(range(iterations + 1))
        assert history["train_accuracy"].iloc[-1] == pytest.approx(metrics[activation]["train"]["accuracy"])
        np.load(folder / f"models/{activation}.npz", allow_pickle=False)
    saliency = pd.read_csv(folder / "saliency.csv")
    assert list(saliency)[:5] == ["activation", "method", "feature", "importance", "rank"]
    first = saliency[(saliency["level"] == "feature") & (saliency["rank"] == 1)].set_index("method")["feature"]
    assert (first.drop("permutation_test") == "amenity_score").all() and len(first) == 8
    agreement = pd.read_csv(folder / "saliency" / "agreement.csv")
    by_features = agreement[agreement["method"].isin(["gradient", "integrated_gradients"])]
    assert (by_features.loc[by_features["judge"] == "permutation_validation", "spearman"] > 0.5).all()
    remedies = pd.read_csv(folder / "mitigations.csv")
    assert list(remedies)[0] == "mitigation"
    assert {"validation_accuracy", "test_accuracy", "test_macro_f1", "test_accuracy_sd"} <= set(remedies)
    assert (remedies["data_source"] == source).all()
    return metrics, read_json(folder / "diagnosis.json"), remedies.set_index("mitigation")


def check_story(metrics, diagnosis, remedies):
    """A network that is right on validation, wrong on test, because of amenity_score; leaving it out helps."""
    assert metrics["relu"]["validation"]["accuracy"] > 0.8
    assert metrics["relu"]["test"]["accuracy"] < 0.45
    assert diagnosis["verdict"]["kind"] == "feature_lost"
    assert diagnosis["verdict"]["features"] == ["amenity_score"]
    assert diagnosis["features"][0]["feature"] == "amenity_score"
    assert diagnosis["features"][0]["gap_share"] > 0.95 * diagnosis["gap"]["validation_test"]["difference"]
    assert {"gap", "verdict", "features", "hypotheses"} <= set(diagnosis)
    assert remedies.loc["without_suspect", "test_accuracy"] > remedies.loc["baseline", "test_accuracy"] + 0.15
    assert remedies.loc["recommended", "dropped"] == "amenity_score"
    assert remedies.loc["recommended", "test_change_low"] > 0.2
    assert set(remedies.index[remedies["addresses_cause"] == "yes"]) == {"without_suspect", "recommended"}
    assert remedies.index[remedies["recommended"] == "yes"].tolist() == ["recommended"]


def check_readme(diagnosis, place):
    """The README quotes the verdicts on the real listings and of the default run, in this order."""
    quoted = re.findall(r"The drop from [^:]*: amenity_score no longer relates to price_class", README)[place]
    readme_picture.agree(quoted, diagnosis["verdict"]["sentence"].split(" in the test set")[0])


def test_small_run(small_run):
    check_story(*check_contract(small_run.folder / "results", "simulated", iterations=10))
    truth = read_json(small_run.folder / "results/simulated/truth.json")
    assert (truth["kind"], truth["feature"]) == ("feature_lost", "amenity_score")


@pytest.mark.long
def test_default_run(finished):
    metrics, diagnosis, remedies = check_contract(finished().folder / "results", "simulated")
    check_story(metrics, diagnosis, remedies)
    check_readme(diagnosis, 1)


@pytest.mark.long
@needs_listings
def test_real_listings(real_run):
    metrics, diagnosis, remedies = check_contract(real_run.folder / "results", "files")
    check_story(metrics, diagnosis, remedies)
    check_readme(diagnosis, 0)
    assert f"Retrained without it: {remedies.loc['recommended', 'test_accuracy']:.2f}." in README
    readme_picture.check(real_run.folder / "results/report.html")
    results = [path for path in (real_run.folder / "results").rglob("*") if path.suffix in TOLD]
    assert [path for path in results if b"simulated" in path.read_bytes()] == []


@pytest.mark.long
@needs_listings
def test_the_recommended_remedy_is_as_accurate_as_boosted_trees(real_run):
    """Trees on the same rows without amenity_score: not below by two standard errors of the difference."""
    results = real_run.folder / "results"
    categories = dict.fromkeys(["neighbourhood_group", "room_type"], "category")
    train, test = (pd.read_parquet(results / f"clean/{name}.parquet").astype(categories) for name in ("train", "test"))
    features = [name for name in train if name not in ("amenity_score", "price_class")]
    trees = []
    for seed in range(5):
        model = HistGradientBoostingClassifier(random_state=seed).fit(train[features], train["price_class"])
        trees.append(model.score(test[features], test["price_class"]))
    remedy = pd.read_csv(results / "mitigations.csv").set_index("mitigation").loc["recommended"]
    error = np.sqrt((np.var(trees, ddof=1) + remedy["test_accuracy_sd"] ** 2) / 5)
    assert remedy["test_accuracy"] >= np.mean(trees) - 2 * error, (remedy["test_accuracy"], trees)
    assert remedy["seeds"] == 5 and error < 0.003


def test_every_simulated_page_and_file_says_so(small_run):
    results = small_run.folder / "results"
    told = [path for path in results.rglob("*") if path.suffix in TOLD and path.parent.name != "simulated"]
    assert [path for path in told if b"simulated" not in path.read_bytes()] == []
    for path in (results / "models").iterdir():
        assert "simulated" in str(np.load(path)["description"])


def test_a_second_run_has_nothing_to_do(small_run):
    assert "Nothing to be done" in small_run.snakemake("results/report.html", overlay=SMALL, cores="").stderr
