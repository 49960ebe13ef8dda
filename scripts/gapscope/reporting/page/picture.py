"""Geometry of the picture on the first screen, from diagnosis.json's `picture`; part_picture.html.j2 draws it."""

import math

from gapscope.reporting.page import numbers

LEFT, RIGHT, TOP, ROW = 110.0, 470.0, 26.0, 44.0  # of the drawing, in its own units; one row per class or level
HISTOGRAM = 150.0  # height of the tallest bar
PARTITIONS = {"train": "Training", "test": "Test"}


def drawing(picture: dict | None, classes: list[str]) -> dict | None:
    """Marks, ticks and words of the picture; None where there is no picture.

    Parameters
    ----------
    picture : as diagnosis/picture.py makes it.
    classes : names of the classes, by code.
    """
    if picture is None:
        return None
    low, high = _ends(picture)
    scale = (RIGHT - LEFT) / ((high - low) or 1.0)

    def x(value: float) -> float:
        return round(LEFT + (value - low) * scale, 1)

    drawn = {"form": picture["form"], "feature": picture["feature"]}
    if picture["form"] == "histogram":
        marks, height = _steps(picture, x), TOP + HISTOGRAM
    else:
        marks, height = _rows(picture, classes, x), TOP + ROW * len(picture["rows"])
    ticks = [{"x": x(tick), "label": numbers.number(tick)} for tick in _ticks(low, high)]
    return drawn | {
        "marks": marks,
        "ticks": ticks,
        "bottom": height,
        "height": height + 24,
        "records": records(picture),
    }


def records(picture: dict) -> list[dict]:
    """The numbers behind the picture, one record per mark."""
    if picture["form"] == "histogram":
        bins = zip(picture["edges"], picture["edges"][1:], picture["train"], picture["test"])
        return [{"from": low, "to": high, "training_share": a, "test_share": b} for low, high, a, b in bins]
    return [
        {"row": row["name"], "partition": part, "values": " ".join(f"{value:.6g}" for value in _values(row[part]))}
        for row in picture["rows"]
        for part in PARTITIONS
    ]


def _values(value) -> list[float]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _ends(picture: dict) -> tuple[float, float]:
    if picture["form"] == "histogram":
        return picture["edges"][0], picture["edges"][-1]
    values = [value for row in picture["rows"] for part in PARTITIONS for value in _values(row[part])]
    if picture["form"] == "quantiles_by_class":
        return min(values, default=0.0), max(values, default=1.0)
    return 0.0, 1.0 if picture["form"] == "classes_by_level" else max(values, default=1.0)


def _ticks(low: float, high: float) -> list[float]:
    """Three to seven round numbers between the ends."""
    rough = (high - low or 1.0) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [round(place * step, 12) for place in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _rows(picture: dict, classes: list[str], x) -> list[dict]:
    marks = []
    for place, row in enumerate(picture["rows"]):
        name = classes[row["name"]] if isinstance(row["name"], int) else row["name"]
        for lower, (part, words) in enumerate(PARTITIONS.items()):
            values = _values(row[part])
            if picture["form"] == "classes_by_level":
                values = [sum(values[:count]) for count in range(len(values) + 1)] if values else []
            marks.append(
                {
                    "name": name,
                    "part": part,
                    "y": TOP + ROW * place + 8 + 17 * lower,
                    "at": [x(value) for value in values],
                    "words": f"{name}, {words.lower()}: {_told(picture['form'], _values(row[part]), classes)}",
                }
            )
    return marks


def _told(form: str, values: list[float], classes: list[str]) -> str:
    if not values:
        return "too few rows"
    if form == "quantiles_by_class":
        low, first, middle, third, high = map(numbers.number, values)
        return f"median {middle}, half of the rows {first} to {third}, nine in ten {low} to {high}"
    if form == "classes_by_level":
        return ", ".join(f"{name} {numbers.percent(value)}" for name, value in zip(classes, values))
    return numbers.percent(values[0])


def _steps(picture: dict, x) -> list[dict]:
    """The outline of each histogram, as the points of a polygon."""
    edges, tallest = picture["edges"], max(*picture["train"], *picture["test"])
    marks = []
    for part, words in PARTITIONS.items():
        points = [f"{x(edges[0])},{TOP + HISTOGRAM}"]
        for low, high, share in zip(edges, edges[1:], picture[part]):
            y = round(TOP + HISTOGRAM * (1 - share / tallest), 1)
            points += [f"{x(low)},{y}", f"{x(high)},{y}"]
        points.append(f"{x(edges[-1])},{TOP + HISTOGRAM}")
        peak = max(range(len(picture[part])), key=picture[part].__getitem__)
        span = f"{numbers.number(edges[peak])} to {numbers.number(edges[peak + 1])}"
        told = f"{words}: most often {span} ({numbers.percent(picture[part][peak])} of the rows)"
        marks.append({"part": part, "points": " ".join(points), "words": told})
    return marks
