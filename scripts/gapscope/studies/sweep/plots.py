"""A sweep: its best points with their intervals, what each setting does, and accuracy against the cost of training."""

from matplotlib.figure import Figure

from gapscope.reporting.plots.palette import BLUE, GREEN, GREY, VERMILION
from gapscope.reporting.plots.style import mark_source, panels

SHOWN = 15  # points in the first figure
LONGEST = 60  # characters of a point's label


def best(table: list[dict], knobs: list[str], source: str) -> Figure:
    """The first points of sweep.csv: validation accuracy with its interval; those as good as the winner in colour."""
    top = table[:SHOWN]
    figure, (axes,) = panels(1, 1, height=1.1 + 0.26 * len(top))
    for place, row in enumerate(top):
        colour = {"winner": VERMILION, "yes": BLUE}.get(row["as_good_as_winner"], GREY)
        ends = [row["validation_accuracy_low"], row["validation_accuracy_high"]]
        if ends[0] is not None:
            axes.plot(ends, [place] * 2, color=colour, lw=1.2)
        axes.plot(row["validation_accuracy"], place, "o", color=colour)
    axes.set_yticks(range(len(top)), [_label(row, knobs) for row in top], fontsize=7.5)
    axes.set(xlabel="validation accuracy", ylim=(len(top) - 0.4, -0.6))
    axes.grid(axis="y", visible=False)
    return mark_source(figure, source)


def sensitivity(table: list[dict], effects: list[dict], source: str) -> Figure:
    """One panel per setting, the one that decides most first: each point's accuracy, and the mean of each value."""
    shares = {row["setting"]: row["share"] for row in effects}
    by_share = sorted(shares.items(), key=lambda item: -item[1])
    columns = min(len(by_share), 3)
    figure, every = panels(-(-len(by_share) // columns), columns, sharey=True)
    for axes, (knob, share) in zip(every, by_share):
        own = [row for row in effects if row["setting"] == knob]
        places = {row["value"]: place for place, row in enumerate(own)}
        points = [(places[row[knob]], row["validation_accuracy"]) for row in table if row[knob] is not None]
        axes.plot(*zip(*points), ".", color=GREY, alpha=0.4, markersize=4)
        means, bests = ([row[name] for row in own] for name in ("mean_accuracy", "best_accuracy"))
        axes.plot(range(len(own)), means, "-o", color=BLUE, markersize=4, label="mean")
        axes.plot(range(len(own)), bests, "--", color=GREEN, label="best")
        every_so = -(-len(own) // 8)
        values = [row["value"] for row in own[::every_so]]
        axes.set_xticks(range(0, len(own), every_so), values, rotation=30, ha="right", fontsize=7)
        axes.set_title(f"{_short(knob)}: {share:.0%}")
    for axes in every[len(by_share) :]:
        axes.set_axis_off()
    for axes in every[::columns]:
        axes.set_ylabel("validation accuracy")
    figure.legend(*every[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return mark_source(figure, source)


def cost(table: list[dict], source: str) -> Figure:
    """Accuracy of each point against what training one network costs, with the points that no cheaper one equals."""
    figure, (axes,) = panels(1, 1, height=3.0)
    axes.plot(*_places(table), "o", color=GREY, alpha=0.6, markersize=4)
    front = _places(frontier(table))
    axes.step(*front, where="post", color=BLUE, label="no cheaper point is as good")
    axes.plot(*_places(table[:1]), "o", color=VERMILION, label="winner")
    lowest, highest = (extreme(row["gigaflop"] for row in table) for extreme in (min, max))
    if lowest > 0 and highest > 5 * lowest:
        axes.set_xscale("log")
    axes.set(xlabel="training one network, 10⁹ operations", ylabel="validation accuracy")
    axes.legend()
    return mark_source(figure, source)


def frontier(table: list[dict]) -> list[dict]:
    """The points that are more accurate than every cheaper one, the cheapest first."""
    front, best_before = [], -1.0
    for row in sorted(table, key=lambda row: (row["gigaflop"], -row["validation_accuracy"])):
        if row["validation_accuracy"] > best_before:
            front.append(row)
            best_before = row["validation_accuracy"]
    return front


def _places(table: list[dict]) -> list[list[float]]:
    return [[row[name] for row in table] for name in ("gigaflop", "validation_accuracy")]


def _short(knob: str) -> str:
    return knob.rpartition(".")[2]


def _label(row: dict, knobs: list[str]) -> str:
    text = ", ".join(f"{_short(knob)} {row[knob]}" for knob in knobs if row[knob] is not None)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"
