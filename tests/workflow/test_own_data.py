"""The two commands for one's own data, as the README gives them."""

import subprocess
import sys

import numpy as np
import pandas as pd
import yaml

from gapscope.common.files import read_json


def test_start_and_run(workspace):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=90)
    table = pd.DataFrame({"id": range(90), "x": y + rng.normal(size=90), "kind": rng.choice(["u", "v"], 90), "y": y})
    (workspace.folder / "data").mkdir()
    table[:60].to_csv(workspace.folder / "data" / "train.csv", index=False, sep=";")
    table[60:].to_parquet(workspace.folder / "data" / "test.parquet")

    def begin(*arguments):
        command = [sys.executable, "scripts/start.py", "data/train.csv", "data/test.parquet", *arguments]
        return subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True)

    wrong = begin("--target", "y", "--encoding", "utf-9")
    assert wrong.returncode == 1 and wrong.stderr.startswith("error: ")
    assert wrong.stderr.endswith("(Here: with --encoding.)\n")
    said = begin("--target", "y").stdout.splitlines()[-1]
    assert said == "next: snakemake -c4 --configfile mine.yaml"
    chosen = {"train": {"activations": ["tanh"]}, "diagnose": {"activation": "tanh"}}
    chosen["mitigate"] = {"remedies": {"baseline": {}, "mine": {"drop": ["x"]}}}
    (workspace.folder / "chosen.yaml").write_text(yaml.safe_dump(chosen), encoding="utf-8")
    results = workspace.folder / "results/mine"
    workspace.snakemake("results/mine/models/tanh.npz", "--configfile", "mine.yaml", "chosen.yaml", cores="-c2")
    columns = read_json(results / "encode/encoding.json")["columns"]
    assert [column["name"] for column in columns] == ["x", "kind_u", "kind_v"]
    assert [path.name for path in (results / "models").iterdir()] == ["tanh.npz"]
