"""Figures found in the results of a run, and the claims that they decide."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml

from followed import WORDS as PAGE
from followed import context_of, numbers_of, unfollowed
from gapscope.config.check import check
from gapscope.config.defaults import SCHEMA_FILE, merged, shipped
from gapscope.studies.reproduction.figures import rounds_to, settled, value_of
from stage_scripts import Files, stage

PRESETS = SCHEMA_FILE.parents[1] / "presets"


@pytest.fixture
def folder(tmp_path):
    features = [{"feature": "a", "share": 0.1}, {"feature": "b", "share": 0.3}]
    (tmp_path / "found.json").write_text(json.dumps({"gap": {"value": 0.5}, "features": features}))
    table = pd.DataFrame({"remedy": ["x", "y", "y"], "accuracy": [0.4, 0.5, 0.7]})
    table.to_csv(tmp_path / "table.csv", index=False)
    return tmp_path


def test_figures_of_json_and_csv(folder):
    assert value_of(folder, {"file": "found.json", "at": ["gap", "value"]}) == 0.5
    share = {"file": "found.json", "at": ["features", {"feature": "b"}, "share"]}
    assert value_of(folder, share) == 0.3
    assert value_of(folder, {**share, "over": {"file": "found.json", "at": ["gap", "value"]}}) == pytest.approx(0.6)
    cell = {"file": "table.csv", "where": {"remedy": "y"}, "column": "accuracy"}
    assert value_of(folder, cell) == pytest.approx(0.6)
    assert value_of(folder, {**cell, "take": "min"}) == 0.5
    with pytest.raises(ValueError, match="no row with"):
        value_of(folder, {**cell, "where": {"remedy": "z"}})


@pytest.mark.parametrize(
    "bound, decision",
    [
        ({"above": 0.25}, "holds"),
        ({"above": 0.3}, "does not hold"),
        ({"below": 0.4}, "holds"),
        ({"below": 0.3}, "does not hold"),
        ({"above": 0.2, "below": 0.4}, "holds"),
    ],
)
def test_the_first_figure_decides(folder, bound, decision):
    share = {"figure": "share", "file": "found.json", "at": ["features", {"feature": "b"}, "share"]}
    other = {"figure": "gap", "file": "found.json", "at": ["gap", "value"]}
    (claim,) = settled([{"claim": "c", "holds": bound, "evidence": [share, other]}], str(folder))
    assert claim["decision"] == decision
    assert [item["value"] for item in claim["evidence"]] == [0.3, 0.5]


def test_a_published_figure_is_equal_if_it_is_so_when_rounded():
    assert rounds_to(0.81814, "0.8181") and not rounds_to(0.81816, "0.8181")


def test_every_claim_asks_for_remedies_that_the_system_tries():
    claims = yaml.safe_load((PRESETS / "claims.yaml").read_text(encoding="utf-8"))
    remedies = yaml.safe_load((PRESETS / "25280022.yaml").read_text(encoding="utf-8"))["mitigate"]["remedies"]
    figures = [item for claim in claims for item in claim["evidence"]]
    figures += [item["over"] for item in figures if "over" in item]
    asked = {item["where"]["mitigation"] for item in figures if item["file"].endswith("mitigations.csv")}
    assert asked <= set(remedies) and len(asked) >= 5


@pytest.mark.parametrize("preset", ["remedies", "25280022", "airbnb", "small"])
def test_presets_with_remedies_are_right(preset):
    change = yaml.safe_load((PRESETS / f"{preset}.yaml").read_text(encoding="utf-8"))["mitigate"]
    check(merged(shipped(), {"mitigate": change}))


SYSTEMS = {"25280022": ["weights first", "gradient first"], "25280072": ["weights of 0.01", "Xavier weights"]}
THREADS = ["weights first with one thread", "weights first with two threads"]
FIGURES = ["0.5659", "0.0692", "0.241", "0.484"]
PUBLISHED = {*SYSTEMS, *FIGURES, "0.5", "0.01", "0.1", "300", "64", "50", "0.07", "0.6"}  # and their settings


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """What the stage `reproduce` reads, of random figures: input, output and the tables that it summarises."""
    folder, rng = tmp_path_factory.mktemp("reproduce"), np.random.default_rng(0)
    input = Files({name: str(folder / f"{name}.csv") for name in ("orders", "starts", "test_preparation")})
    tables = {}
    for name, (system, variants) in zip(("orders", "starts"), SYSTEMS.items()):
        rows = [(variant, seed) for variant in [*variants, *THREADS] for seed in (1, 2, 3)]
        table = pd.DataFrame(rows, columns=["variant", "seed"]).assign(activation="sigmoid", every=7, iteration=4)
        for column in ("loss", "validation_loss", "training_accuracy", "validation_accuracy"):
            table[column] = rng.random(len(table))
        tables[name] = table
        table.to_csv(input[name], index=False)
        table.to_csv(input.setdefault(f"{name}_curves", str(folder / f"{name}_curves.csv")), index=False)
        history = folder / system / "history"
        history.mkdir(parents=True)
        for network in ("relu", "sigmoid"):
            (history / f"{network}.csv").write_text("iteration,loss,train_accuracy,grad_1\n0,0.5,0.25,0.125\n")
    rows = [(n, c, s, k) for n in ("first", "second") for c in ("as trained", "amenity_score last")
            for s in ("none", "fitted") for k in ((1,) if n == "first" else (1, 2))]  # fmt: skip
    tables["test_preparation"] = pd.DataFrame(rows, columns=["network", "columns", "scaling", "seed"])
    tables["test_preparation"]["test_accuracy"] = rng.random(len(rows))
    tables["test_preparation"].to_csv(input.test_preparation, index=False)
    drawn = [f"{figure}_{system}" for figure in ("curves", "gradients") for system in SYSTEMS]
    for name in ("orders_figure", "starts_figure", "preparation", *drawn):
        input[name] = str(folder / f"{name}.svg")
        (folder / f"{name}.svg").write_text('<svg width="9pt" height="9pt"></svg>')
    cell = {"file": "test_preparation.csv", "where": {"network": "first", "columns": "as trained", "scaling": "none"}}
    figure = {"figure": "loss", "published": "0.12", **cell, "column": "test_accuracy"}
    for system in SYSTEMS:
        tables["test_preparation"].to_csv(folder / system / "test_preparation.csv", index=False)
    claim = {"claim": "c", "system": "both", "because": "b", "holds": {"above": -1}}
    claim["evidence"] = [{**figure, "file": "test_preparation.csv"}]
    for name, content in {"published": {system: [figure] for system in SYSTEMS}, "claims": [claim]}.items():
        input[name] = str(folder / f"{name}.yaml")
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    output = Files(table=str(folder / "out.csv"), page=str(folder / "out.html"))
    return input, output, tables, str(folder)


def test_every_number_on_the_page_is_one_of_its_files(published):
    input, output, tables, folder = published
    template, context = context_of("reproduce", lambda: stage("reproduce")(input, output, {"results": folder}))
    texts, computed = unfollowed(template, context)
    assert {number for text in texts for number in re.findall(r"[\d.]*\d", PAGE.sub("", text))} <= PUBLISHED
    ours = tables["test_preparation"]["test_accuracy"][0]
    known = {-1.0, 0.12, ours - 0.12, *range(5), 7, *map(int, SYSTEMS)}  # bound, published, difference, how many, every
    for name in ("orders", "starts"):
        figures = tables[name].drop(columns="activation").groupby("variant")
        known |= numbers_of([figures.agg(how).to_numpy().tolist() for how in ("median", "min", "max")])
    accuracy = tables["test_preparation"].groupby(["network", "columns", "scaling"])["test_accuracy"]
    known |= numbers_of([accuracy.agg(how).tolist() for how in ("mean", "min", "max")])
    shown = numbers_of({key: value for key, value in context.items() if key not in ("figures", "downloads")})
    assert not [one for one in shown if min(abs(one - value) for value in known) > 1e-12] and len(shown) > 60
    assert set(computed) <= {"1", "3", "4"}  # how many figures, claims and decisions there are
