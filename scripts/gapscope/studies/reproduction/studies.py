"""Two studies of the published systems: a network with one thing changed, and a test set prepared in other ways.

Each yields its records network by network, and has a figure.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
from matplotlib.figure import Figure

from gapscope.common.files import read_columns
from gapscope.config.settings import training_settings
from gapscope.network.mlp import Network
from gapscope.network.model import Model
from gapscope.network.partition import Partition, read_partition, read_test_partition
from gapscope.network.training import train, train_together
from gapscope.reporting.plots.palette import BLUE, GREY, SEQUENCE, VERMILION
from gapscope.reporting.plots.style import panels

STATE = ("loss", "validation_loss", "train_accuracy", "validation_accuracy")  # columns of a history
PUBLISHED = 0.0692  # test accuracy of 25280072
SETTINGS = ("activation", "seed", "update_order", "blas_threads", "initialisation", "weight_scale")


def variant_curves(input, settings: dict) -> Iterator[list[dict]]:
    """Yield the states of one network after the other, from iteration 0 on: each variant's, over its seeds.

    A variant that changes nothing is the published network itself, whose history is among the input files.
    """
    partitions = [read_partition(input, name) for name in ("training", "validation")]
    for variant in settings["variants"]:
        change, every = variant["change"], variant.get("every", 1)
        rows = [partition.at(slice(None, None, every)) for partition in partitions]
        for seed in variant.get("seeds", [settings["train"]["seed"]]):
            of_network = training_settings(settings["train"], variant["activation"], {**change, "seed": seed})
            history = []
            if change:
                train(*rows, int(rows[0].y.max()) + 1, of_network, history.append)
            else:
                columns = read_columns(input[f"history_{variant['activation']}"])
                history = [dict(zip(columns, values)) for values in zip(*columns.values())]
            setting = {"variant": variant["name"], **{name: of_network[name] for name in SETTINGS}, "every": every}
            states = ({name.replace("train_", "training_"): row[name] for name in STATE} for row in history)
            yield [{**setting, "iteration": iteration, **state} for iteration, state in enumerate(states)]


def preparations(input, first: Model, settings: dict) -> Iterator[list[dict]]:
    """Yield the test accuracies of one network after the other, one record per preparation of the test set.

    The first network is the published one, those after it are trained with other settings, one per seed.
    """
    study = settings["study"]
    in_memory = slice(None)
    training, validation = (read_partition(input, name).at(in_memory) for name in ("training", "validation"))
    tests = {}
    for scaling, (columns, order) in product(study["scaling"], study["columns"].items()):
        prepared = {"scaling": scaling, "columns_by_position": order}
        tests[scaling, columns] = read_test_partition(input, first, prepared).at(in_memory)
    n_classes, train_settings = len(first.description["classes"]), {**settings["train"], **study["train"]}
    networks = [("first", first.description["settings"]["seed"], first.network)]
    second = train_together(training, validation, n_classes, train_settings, study["seeds"])
    networks += [("second", seed, network) for seed, network in zip(study["seeds"], second)]
    for name, seed, network in networks:
        fixed, accuracy = {"network": name, "seed": seed}, {"validation_accuracy": _accuracy(network, validation)}
        yield [
            {**fixed, "scaling": scaling, "columns": columns, **accuracy, "test_accuracy": _accuracy(network, test)}
            for (scaling, columns), test in tests.items()
        ]


def _accuracy(network: Network, rows: Partition) -> float:
    return float(np.mean(network.predict(rows.X) == rows.y))


def preparation(records: list[dict]) -> Figure:
    """Test accuracy of each seed by preparation of the test set, beside the published figure."""
    groups = {}
    for record in records:
        groups.setdefault((record["scaling"], record["columns"]), []).append(record["test_accuracy"])
    figure, (axes,) = panels(1, 1, height=0.9 + 0.42 * len(groups))
    for place, ((scaling, _), accuracies) in enumerate(groups.items()):
        colour = BLUE if scaling == "fitted" else VERMILION
        axes.plot(accuracies, [place] * len(accuracies), "o", color=colour, alpha=0.7)
    axes.axvline(PUBLISHED, color=GREY, linestyle=":")
    note = {"xytext": (4, 0), "textcoords": "offset points", "fontsize": 8, "color": GREY, "va": "center"}
    axes.annotate(f"published {PUBLISHED}", (PUBLISHED, -0.6), **note)
    labels = [f"{'scaled' if scaling == 'fitted' else 'not scaled'}, columns {columns}" for scaling, columns in groups]
    axes.set_yticks(range(len(groups)), labels)
    axes.set(xlabel="test accuracy, one point per seed", xlim=(0, 1), ylim=(len(groups) - 0.5, -0.9))
    axes.grid(axis="y", visible=False)
    return figure


def curves_by_variant(curves: list[list[dict]], variants: list[str]) -> Figure:
    """Losses and validation accuracy of every network against the iteration, one row of panels per variant."""
    figure, axes = panels(len(variants), 2, height=2.1, sharex=True, sharey="col")
    drawn = (("loss", "-", 0), ("validation_loss", ":", 0), ("validation_accuracy", "-", 1))
    for row, (name, colour) in enumerate(zip(variants, SEQUENCE)):
        for states in curves:
            if states[0]["variant"] == name:
                for column, dashes, panel in drawn:
                    values = [state[column] for state in states]
                    axes[2 * row + panel].plot(values, dashes, color=colour, linewidth=0.8, alpha=0.7)
        axes[2 * row].set_title(f"{name}: loss, validation dotted")
        axes[2 * row + 1].set_title(f"{name}: validation accuracy")
    for ax in axes[-2:]:
        ax.set_xlabel("iteration")
    return figure
