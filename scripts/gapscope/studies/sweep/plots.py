"""Figures of a sweep: the best points with their intervals, the effect of each setting, and accuracy against cost."""

from matplotlib.figure import Figure

from gapscope.reporting.page.numbers import number, share, span
from gapscope.reporting.plots.palette import BLUE, GREEN, GREY, VERMILION
from gapscope.reporting.plots.style import log_scale, mark_source, panels, touch

SHOWN = 15  # points in the first figure
LONGEST = 60  # characters of a point's label


def best(table: list[dict], knobs: list[str], source: str) -> Figure:
    """Validation accuracy of the best points with its interval; the winner and points as good as it are coloured."""
    top = table[:SHOWN]
    figure, (axes,) = panels(1, 1, height=1.1 + 0.26 * len(top))
    for place, row in enumerate(top):
        colour = {"winner": VERMILION, "yes": BLUE}.get(row["as_good_as_winner"], GREY)
        ends = [row["validation_accuracy_low"], row["validation_accuracy_high"]]
        if ends[0] is not None:
            axes.plot(ends, [place] * 2, color=colour, lw=1.2)
        axes.plot(row["validation_accuracy"], place, "o", color=colour)
        words = f"{_label(row, knobs)}: {share(row['validation_accuracy'])} ({span(ends)})"
        touch(axes, [row["validation_accuracy"]], [place], [words])
    axes.set_yticks(range(len(top)), [_label(row, knobs) for row in top])
    axes.set(xlabel="validation accuracy", ylim=(len(top) - 0.4, -0.6))
    axes.grid(axis="y", visible=False)
    return mark_source(figure, source)


def sensitivity(table: list[dict], effects: list[dict], source: str) -> Figure:
    """One panel per setting, the most important first: accuracy of each point; mean and best of each value."""
    shares = {row["setting"]: row["share"] for row in effects}
    knobs = sorted(shares, key=lambda knob: -shares[knob])
    columns = min(len(knobs), 3)
    figure, grid = panels(-(-len(knobs) // columns), columns, sharey=True)
    for axes, knob in zip(grid, knobs):
        rows = [row for row in effects if row["setting"] == knob]
        places = {row["value"]: place for place, row in enumerate(rows)}
        points = [(places[row[knob]], row["validation_accuracy"]) for row in table if row[knob] is not None]
        axes.plot(*zip(*points), ".", color=GREY, alpha=0.4, markersize=4)
        for name, dashes, colour in (("mean", "-", BLUE), ("best", "--", GREEN)):
            values = [row[f"{name}_accuracy"] for row in rows]
            drawn = axes.plot(range(len(rows)), values, dashes, color=colour, marker="o", markersize=4, label=name)
            words = [f"{_short(knob)} {row['value']}, {name}: {share(value)}" for row, value in zip(rows, values)]
            touch(axes, range(len(rows)), values, words, name, drawn)
        step = -(-len(rows) // 8)
        axes.set_xticks(range(0, len(rows), step), list(places)[::step], rotation=30, ha="right", fontsize=7)
        axes.set_title(f"{_short(knob)}: {shares[knob]:.0%}")
    for axes in grid[len(knobs) :]:
        axes.set_axis_off()
    for axes in grid[::columns]:
        axes.set_ylabel("validation accuracy")
    figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return mark_source(figure, source)


def cost(table: list[dict], source: str) -> Figure:
    """Accuracy of each point against the cost of training one network, with the points that no cheaper one equals."""
    figure, (axes,) = panels(1, 1, height=3.0)
    (costs, accuracies), front = _places(table), frontier(table)
    axes.plot(costs, accuracies, "o", color=GREY, alpha=0.6, markersize=4)
    label = "no cheaper point is as good" if len(front) > 1 else None
    axes.step(*_places(front), where="post", color=BLUE, marker="o", fillstyle="none", label=label)
    axes.plot(*_places(table[:1]), "o", color=VERMILION, label="winner")
    words = [
        f"point {row['point']}: {number(row['gigaflop'])} × 10⁹ operations, {share(row['validation_accuracy'])}"
        for row in table
    ]
    touch(axes, costs, accuracies, words)
    if min(costs) > 0 and max(costs) > 5 * min(costs):
        log_scale(axes, "x")
    axes.set(xlabel="training one network, 10⁹ operations", ylabel="validation accuracy")
    axes.legend()
    return mark_source(figure, source)


def frontier(table: list[dict]) -> list[dict]:
    """The points that are more accurate than every cheaper one, the cheapest first."""
    front = []
    for row in sorted(table, key=lambda row: (row["gigaflop"], -row["validation_accuracy"])):
        if not front or row["validation_accuracy"] > front[-1]["validation_accuracy"]:
            front.append(row)
    return front


def _places(table: list[dict]) -> list[list[float]]:
    return [[row[name] for row in table] for name in ("gigaflop", "validation_accuracy")]


def _short(knob: str) -> str:
    return knob.rpartition(".")[2]


def _label(row: dict, knobs: list[str]) -> str:
    text = ", ".join(f"{_short(knob)} {row[knob]}" for knob in knobs if row[knob] is not None)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
