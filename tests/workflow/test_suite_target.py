"""`snakemake diagnosis_suite`, with few entries and few data sets."""

import pandas as pd
import yaml


def test_the_suite_writes_its_tables_and_figures(workspace):
    defaults = workspace.folder / "workflow/defaults/suite.yaml"
    suite = yaml.safe_load(defaults.read_text())["suite"]
    injected = {name: suite["injected"][name] for name in ("none", "feature_lost")}
    injected["none"]["seeds"] = 2
    suite |= {"injected": injected, "seeds": 2, "strengths": [0.1], "seeds_per_strength": 1}
    defaults.write_text(yaml.safe_dump({"suite": suite}), encoding="utf-8")
    workspace.snakemake("diagnosis_suite")
    folder = workspace.folder / "results/diagnosis_suite"
    tables = {f"{name}.{ending}" for name in ("confusion", "detectable") for ending in ("csv", "svg")}
    assert {path.name for path in folder.iterdir()} == {"by_break", "cases.csv", *tables}
    told = pd.read_csv(folder / "cases.csv")
    counts = told.groupby(["injected", "strength"]).size().to_dict()
    assert counts == {("feature_lost", 0.1): 1, ("feature_lost", 1.0): 2, ("none", 1.0): 2}
    assert (told.loc[told["strength"] == 1, "outcome"] == "recognised").all()
    assert not (workspace.folder / "results/report.html").exists()
