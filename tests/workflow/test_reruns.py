"""A changed setting reruns the stages that read it and those behind them, nothing else."""

import re

import pytest

from runs import SMALL, overlaid, per_activation

REMEDIES = ["baseline", "l2", "class_weights", "class_weights_square_root", "dropout"]
FROM_DIAGNOSE = {"mitigate_without_suspect", "mitigate_recommended", "mitigate", "report", "all"}
DOWN_FROM_TRAIN_RELU = {
    "train_relu", "gradients", "saliency", "test_eval", "diagnose", "mitigate_ceiling",
    *(f"mitigate_{name}" for name in REMEDIES), *FROM_DIAGNOSE,
}  # fmt: skip


def jobs(run) -> set[str]:
    """Names in the table of jobs that a dry run prints."""
    table = re.search(r"^job +count\n-[- ]+\n(.*?)\ntotal", run.stdout + run.stderr, re.S | re.M)
    return {line.split()[0] for line in table.group(1).splitlines()} if table else set()


@pytest.mark.parametrize("change, expected", [
    ({}, set()),
    ({"report": {"title": "Another title"}}, {"report", "all"}),
    ({"saliency": {"methods": ["loss"]}}, {"saliency", "report", "all"}),
    (per_activation(relu={"learning_rate": 0.05}), DOWN_FROM_TRAIN_RELU),
    ({"eda": {"dominant_correlation": 0.5}}, {"eda", "report", "all"}),
    ({"shared_bias": {"iterations": 60}}, {"shared_bias", "report", "all"}),
    ({"gradients": {"saturated_below": 0.1}}, {"gradients", "report", "all"}),
    ({"gradients": {"depth_sweep": {"depths": 3}}}, {"depth_sweep", "report", "all"}),
    ({"mitigate": {"remedies": {"l2": {"train": {"l2": 0.02}}}}}, {"mitigate_l2", "mitigate", "report", "all"}),
    ({"mitigate": {"recommended": {"rows": "training"}}}, {"mitigate_recommended", "mitigate", "report", "all"}),
    ({"train": {"momentum": 0.9}}, set()),
    ({"diagnose": {"draws": 3}}, {"diagnose", *FROM_DIAGNOSE}),
])  # fmt: skip
def test_reruns(small_run, change, expected):
    assert jobs(small_run.snakemake("-n", overlay=overlaid(SMALL, change))) == expected
