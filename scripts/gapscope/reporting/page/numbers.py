"""Numbers as the page prints them: sensible digits, thousands separators, and a dash for what is missing."""

import math
import re

DASH = "–"
NARROW = "\u202f"  # a narrow space that does not break the line
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float | None, digits: int = 3) -> str:
    """Counts in full, other numbers with `digits` significant digits, as powers of ten if very small or large."""
    if _missing(value):
        return DASH
    if value == 0:
        return "0"
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e7):
        return _minus(f"{value:,.0f}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    exponent = int(exponent)
    if -3 <= exponent < 7:
        return _minus(f"{value:,.{max(0, digits - 1 - exponent)}f}")
    return _minus(mantissa) + f"{NARROW}×{NARROW}10" + str(exponent).translate(SUPERSCRIPT)


def share(value: float | None) -> str:
    """An accuracy, a loss or a share, with three decimals."""
    return DASH if _missing(value) else _minus(f"{value:z.3f}")


def amount(value: float | None, decimals: int) -> str:
    """A quantity with as many decimals as the others in its column."""
    return DASH if _missing(value) else _minus(f"{value:z,.{decimals}f}")


def signed(value: float | None) -> str:
    """A difference with three decimals, or with one digit if that would hide its sign."""
    return DASH if _missing(value) else _minus(f"{value:+z.{_decimals(value)}f}")


def p_value(value: float | None) -> str:
    """A p-value with two digits; one too small for a number of double precision as a bound."""
    return f"<{NARROW}10⁻³⁰⁰" if value is not None and value < 1e-300 else number(value, 2)


def percent(value: float | None) -> str:
    """A share in per cent, with one decimal unless it is a whole number."""
    return DASH if _missing(value) else _minus(f"{value:z.1%}").replace(".0%", "%")


def place(value: float) -> str:
    """A share as a length in CSS: its place on an axis from 0 to 1."""
    return f"{100 * min(max(value, 0.0), 1.0):.2f}%"


def minus(words: str) -> str:
    """The words with a true minus sign in negative numbers and in differences."""
    return re.sub(r"(?<!\S)-(?=[\d.]|\s)|(?<=\()-(?=\d)", "−", words)


def spread(mean: float | None, deviation: float | None) -> str:
    """mean ± deviation with three decimals, or the mean alone if the deviation is unknown."""
    if _missing(deviation):
        return share(mean)
    digits = "0" if deviation < 1e-8 else amount(deviation, _decimals(deviation))  # 0: all are alike
    return f"{share(mean)}{NARROW}±{NARROW}{digits}"


def span(ends: list[float] | dict[str, float] | None, form=share) -> str:
    """The two ends of an interval, or the `low` and `high` of a figure, each formatted by `form`."""
    if isinstance(ends, dict):
        ends = ends["low"], ends["high"]
    return DASH if ends is None or None in ends else f"{form(ends[0])} to {form(ends[1])}"


def text(value) -> str:
    """A value of a setting or a table as it was given: lists and blocks with commas, a missing one as a dash."""
    if value is None or value == "":
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _minus(f"{value:,}" if isinstance(value, int) else f"{value:g}")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(text, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text(item)}" for key, item in value.items()) or "none"
    return str(value)


FORMS = (number, share, amount, signed, p_value, percent, place, minus, span, text)  # filters of the templates


def _decimals(value: float) -> int:
    """Three, or as many as it takes to show a small value's first digit, up to eight."""
    needed = math.ceil(-math.log10(abs(value))) if value else 3
    return needed if 3 < needed <= 8 else 3


def _missing(value: float | None) -> bool:
    return value is None or math.isnan(value)


def _minus(text: str) -> str:
    """The number with a true minus sign, and without one if it was rounded to zero."""
    if text.startswith("-") and not text.strip("-0.,%"):
        text = text[1:]
    return text.replace("-", "−")
