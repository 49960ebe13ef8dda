"""The graph of jobs as the user draws it."""

import shutil
import subprocess

import pytest

STAGES = [
    "clean",
    "encode",
    "split",
    "train_relu",
    "train_sigmoid",
    "gradients",
    "saliency",
    "test_eval",
    "diagnose",
    "report",
]


def test_dag_names_every_stage_and_nothing_else_reaches_standard_output(workspace):
    graph = workspace.snakemake("--dag").stdout
    assert graph.startswith("digraph snakemake_dag {")
    for stage in STAGES:
        assert f'label = "{stage}"' in graph


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz's dot is not installed")
def test_graphviz_draws_the_dag(workspace):
    graph = workspace.snakemake("--dag").stdout
    drawing = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, text=True, check=True).stdout
    for stage in STAGES:
        assert f">{stage}</text>" in drawing


def test_each_activation_has_a_rule_of_its_own(workspace):
    overlay = {"train": {"activations": ["tanh"]}}
    jobs = workspace.snakemake("-n", overlay=overlay).stdout
    assert "train_tanh" in jobs
    assert "train_relu" not in jobs
