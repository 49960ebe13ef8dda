"""Gradient flow: how the layers' gradients of a training compare."""

import numpy as np
import pandas as pd


def gradient_flow(history: pd.DataFrame, vanishing_below: float, exploding_above: float) -> dict:
    """Per layer the median over the iterations of the mean absolute gradient, and the ratio first / last hidden layer.

    The ratio is the median over the iterations too. With one hidden layer or none there is nothing to compare: None.
    """
    columns = [name for name in history if name.startswith("grad_")]
    hidden = columns[:-1]
    ratio = None
    if len(hidden) > 1:
        last = history[hidden[-1]].replace(0.0, np.nan)
        ratio = float((history[hidden[0]] / last).median())
        ratio = None if np.isnan(ratio) else ratio
    return {
        "layers": {name: float(history[name].median()) for name in columns},
        "first_iteration": {name: float(history[name].iloc[0]) for name in columns},
        "last_iteration": {name: float(history[name].iloc[-1]) for name in columns},
        "first_to_last_hidden": ratio,
        "verdict": _verdict(ratio, vanishing_below, exploding_above),
        "iterations": int(history["iteration"].iloc[-1]),
        "final_loss": float(history["loss"].iloc[-1]),
        "final_train_accuracy": float(history["train_accuracy"].iloc[-1]),
        "final_validation_accuracy": float(history["validation_accuracy"].iloc[-1]),
    }


def _verdict(ratio: float | None, vanishing_below: float, exploding_above: float) -> str:
    if ratio is None:
        return "not comparable"
    if ratio < vanishing_below:
        return "vanishing"
    return "exploding" if ratio > exploding_above else "stable"
