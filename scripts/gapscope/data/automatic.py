"""Transforms that `auto` chooses for a numeric column, from the training table alone.

A column without values below 0 and with a long tail to the right (skewness above auto.log1p_above_skewness) gets log1p:
z-scores would press nearly all of its values together. Any other column with many distinct values in a large table gets
sines and cosines beside its value, so that a network can learn a shape with many bends from the start. The target plays
no part in the choice.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Choice:
    """A setting as encode.transform takes it, and why it was chosen."""

    setting: str | dict | list
    because: str


def chosen(x: np.ndarray, column: str, encode: dict) -> Choice:
    """The transforms of the numeric column x (n,): those that encode.transform names, or the automatic ones."""
    setting = encode["transform"].get(column, "auto")
    return automatic(x, encode["auto"]) if setting == "auto" else Choice(setting, "set in encode.transform")


def automatic(x: np.ndarray, auto: dict) -> Choice:
    """The choice for a column x (n,) of the training table by the block encode.auto of config.yaml."""
    skew, values = skewness(x), len(np.unique(x))
    if x.min() >= 0 and skew > auto["log1p_above_skewness"]:
        return Choice("log1p", f"no value below 0, skewness {skew:.1f} above {auto['log1p_above_skewness']:g}")
    if auto["fourier"] and values >= auto["fourier_from_values"] and len(x) >= auto["fourier_from_rows"]:
        because = f"{values} values (at least {auto['fourier_from_values']}) in {len(x)} rows"
        return Choice(["identity", {"fourier": auto["fourier"]}], because)
    return Choice("identity", f"skewness {skew:.1f}, {values} values in {len(x)} rows")


def skewness(x: np.ndarray) -> float:
    """Third standardised moment of x (n,), with n in the denominators; 0 for a constant column."""
    centred = x - x.mean()
    variance = (centred**2).mean()
    return float((centred**3).mean() / variance**1.5) if variance > 0 else 0.0
