"""Transforms of a numeric column, fitted on the training table: what a network would else have to learn first."""

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np

from gapscope.common.errors import UserError

QUANTILES = 100  # stretches between the stored quantiles
LONGEST = 3e6  # days from 1970 of a date: year 9999


@dataclass(frozen=True)
class Log1p:
    """log(1 + x) for x >= 0, as the training table has them, and -log(1 - x) below, where a test table may stray."""

    kind: ClassVar[str] = "log1p"
    label: ClassVar[str] = "log1p"

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.copysign(np.log1p(np.abs(x)), x)


@dataclass(frozen=True)
class Quantile:
    """Rank among the training values as a share: piecewise linear between their quantiles, constant beyond them.

    Where quantiles are equal, one knot stands for them all, at the middle of their levels.
    """

    kind: ClassVar[str] = "quantile"
    label: ClassVar[str] = "quantile"
    knots: tuple[float, ...]  # rising values of the column
    levels: tuple[float, ...]  # the shares they are mapped to

    def __call__(self, x: np.ndarray) -> np.ndarray:
        return np.interp(x, self.knots, self.levels)


@dataclass(frozen=True)
class Wave:
    """sin or cos of 2 pi j u: u is x as a share of the training values' range, held in [0, 1] beyond it.

    An extreme value in a test table so reads as the nearest one known, instead of as any at all.
    """

    kind: ClassVar[str] = "fourier"
    function: str  # sin | cos
    frequency: int  # j, in periods per range
    low: float
    high: float

    @property
    def label(self) -> str:
        return f"{self.function}{self.frequency}"

    def __call__(self, x: np.ndarray) -> np.ndarray:
        u = np.clip((x - self.low) / ((self.high - self.low) or 1.0), 0.0, 1.0)
        return {"sin": np.sin, "cos": np.cos}[self.function](2.0 * np.pi * self.frequency * u)


@dataclass(frozen=True)
class Calendar:
    """A part of a date in days since 1970-01-01: year, month, weekday (Monday is 0), hour, or the elapsed days."""

    kind: ClassVar[str] = "calendar"
    label: str  # year | month | weekday | hour | days

    def __call__(self, x: np.ndarray) -> np.ndarray:
        if self.label == "days":
            return x
        seconds = np.rint(np.clip(x, -LONGEST, LONGEST) * 86400.0)
        date = (seconds // 86400.0).astype("int64").astype("datetime64[D]")
        if self.label == "hour":
            return seconds % 86400.0 // 3600.0
        if self.label == "weekday":
            return (date.astype("int64") + 3.0) % 7.0  # 1970-01-01 was a Thursday
        months = date.astype("datetime64[M]").astype("int64")
        return 1.0 + months % 12 if self.label == "month" else 1970.0 + months // 12


CALENDAR = ("days", "year", "month", "weekday", "hour")
Transform = Log1p | Quantile | Wave | Calendar
KINDS = {transform.kind: transform for transform in (Log1p, Quantile, Wave, Calendar)}


def fit_transforms(x: np.ndarray, column: str, setting: str | dict | list) -> list[Transform | None]:
    """One transform per encoded column of a numeric feature; None is the identity.

    Args:
        x (n,): the column's values in the training table. column: its name.
        setting: its entry in encode.transform: identity, log1p, quantile, calendar, {fourier: K}, or a list of these.
            {fourier: K} gives 2 K columns: sine and cosine of 1 to K periods. calendar gives the elapsed days, and
            year, month, weekday and hour where the training table has several.

    Raises:
        UserError: for log1p of a value below 0.
    """
    chosen = setting if isinstance(setting, list) else [setting]
    return [transform for one in chosen for transform in _fitted(x, column, one)]


def _fitted(x: np.ndarray, column: str, setting: str | dict) -> list[Transform | None]:
    if isinstance(setting, dict):
        low, high = float(x.min()), float(x.max())
        frequencies = range(1, setting["fourier"] + 1)
        return [Wave(function, frequency, low, high) for frequency in frequencies for function in ("sin", "cos")]
    if setting == "calendar":
        parts = [Calendar(label) for label in CALENDAR]
        return [part for part in parts if part.label == "days" or len(np.unique(part(x))) > 1]
    if setting == "log1p" and x.min() < 0:
        raise UserError(
            f"config: encode.transform.{column}: log1p expects values of at least 0, the training table has "
            f"{int((x < 0).sum())} below (the least is {x.min():g}); use quantile or identity."
        )
    return [{"identity": lambda: None, "log1p": Log1p, "quantile": lambda: _quantile(x)}[setting]()]


def _quantile(x: np.ndarray) -> Quantile:
    levels = np.linspace(0.0, 1.0, QUANTILES + 1)
    knots, place = np.unique(np.quantile(x, levels), return_inverse=True)
    middle = [(levels[place == knot].min() + levels[place == knot].max()) / 2 for knot in range(len(knots))]
    return Quantile(tuple(knots.tolist()), tuple(map(float, middle)))


def record(transform: Transform | None) -> dict | None:
    """The transform as plain JSON: its kind and its parameters."""
    return None if transform is None else {"kind": transform.kind, **asdict(transform)}


def of_record(written: dict | None) -> Transform | None:
    """The transform that record() has written, also as JSON gives it back."""
    if written is None:
        return None
    parameters = {key: tuple(value) if isinstance(value, list) else value for key, value in written.items()}
    return KINDS[parameters.pop("kind")](**parameters)


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
