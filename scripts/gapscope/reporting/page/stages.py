"""The stages behind the page as a drawing: layers from the data down, after Sugiyama, Tagawa and Toda (1981)."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

BOX, GAP, MARGIN = (118, 28), 14, 8  # width and height of a stage; space between neighbours; space around all
NOTED = 44  # height of a stage with a note
BETWEEN = 34  # space between layers
MOST = 4  # stages of one family (train_relu, train_tanh, ...) that are drawn one by one
SWEEPS = 8
PLACES = {
    **dict.fromkeys(("simulate", "fetch", "clean", "eda"), "data"),
    **dict.fromkeys(("encode", "split", "train"), "networks"),
    **{"gradients": "gradients", "depth": "gradients", "saliency": "attribution", "test": "test"},
    **{"diagnose": "hypotheses", "mitigate": "remedies", "shared": "shared-bias", "report": "summary"},
}  # by the first word of a stage's name: the section that shows its results

Graph = dict[str, list[str]]  # each stage, and the stages whose results it reads


@dataclass(frozen=True)
class Note:
    """Words below a stage's name, the length of its bar (0 to 1), and the place that it links to."""

    words: str
    bar: float
    place: str


def drawing(reads: Graph, notes: dict[str, Note] | None = None) -> Markup:
    """The graph as an SVG element; without `notes`, by stage or family, stages link to the report's sections."""
    graph = reduced(in_families(reads))
    layers, chains = layered(graph)
    width = max(len(layer) for layer in layers) * (BOX[0] + GAP) - GAP
    height = NOTED if notes else BOX[1]
    at = {}
    for depth, layer in enumerate(layers):
        start = MARGIN + (width - len(layer) * (BOX[0] + GAP) + GAP) / 2 + BOX[0] / 2
        for place, name in enumerate(layer):
            at[name] = (start + place * (BOX[0] + GAP), MARGIN + depth * (height + BETWEEN))
    size = (width + 2 * MARGIN, MARGIN * 2 + len(layers) * (height + BETWEEN) - BETWEEN)
    edges = Markup("").join(_edge([at[name] for name in chain], height) for chain in chains)
    boxes = Markup("").join(_box(name, *at[name], notes[name] if notes else None) for name in graph)
    return Markup('<svg class="stages" width="{0}" height="{1}" viewBox="0 0 {0} {1}">{2}{3}</svg>').format(
        *(round(side) for side in size), edges, boxes
    )


def families(reads: Graph) -> dict[str, str]:
    """Each stage's name in the drawing: its own, or `mitigate_… (8)` if many stages share their first word."""
    alike: dict[str, list[str]] = {}
    for name in reads:
        if "_" in name:
            alike.setdefault(name.split("_")[0], []).append(name)
    names = {name: name for name in reads}
    for first, members in alike.items():
        if len(members) > MOST:
            names |= dict.fromkeys(members, f"{first}_… ({len(members)})")
    return names


def in_families(reads: Graph) -> Graph:
    """The graph with each family as one stage."""
    names, graph = families(reads), {}
    for name, sources in reads.items():
        family = graph.setdefault(names[name], [])
        new = dict.fromkeys(names[source] for source in sources)
        family += [source for source in new if source not in (*family, names[name])]
    return graph


def reduced(graph: Graph) -> Graph:
    """The graph without arrows to a stage from what it also reads through another stage."""

    def behind(names: Iterable[str]) -> set[str]:
        """All that these stages read, directly or through others."""
        return {source for name in names for source in {*graph[name], *behind(graph[name])}}

    return {name: [source for source in sources if source not in behind(sources)] for name, sources in graph.items()}


def layered(graph: Graph) -> tuple[list[list], list[list]]:
    """Layers of names from the sources down, and each arrow as the chain of what it passes, one entry per layer.

    Where an arrow passes a layer, the triple (from, to, depth) keeps a place free for it.
    """
    depth: dict[str, int] = {}

    def depth_of(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((depth_of(source) for source in graph[name]), default=-1)
        return depth[name]

    layers: list[list] = [[] for _ in range(1 + max(map(depth_of, graph)))]
    for name in graph:
        layers[depth[name]].append(name)
    chains = []
    for name, sources in graph.items():
        for source in sources:
            passed = [(source, name, level) for level in range(depth[source] + 1, depth[name])]
            chains.append([source, *passed, name])
            for free in passed:
                layers[free[2]].append(free)
    _untangle(layers, chains)
    return layers, chains


def _untangle(layers: list[list], chains: list[list]) -> None:
    """Order each layer by the mean place of its neighbours, above and below in turn."""
    above: dict = {}
    below: dict = {}
    for chain in chains:
        for upper, lower in zip(chain, chain[1:]):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for layer in layers if down else reversed(layers):
            place = {name: (i + 0.5) / len(row) for row in layers for i, name in enumerate(row)}
            means = {name: sum(map(place.get, near[name])) / len(near[name]) for name in layer if name in near}
            layer.sort(key=lambda name: means.get(name, place[name]))  # noqa: B023


def _edge(points: list[tuple[float, float]], height: int) -> Markup:
    (x, y), *rest = points
    path = f"M{x:.0f},{y + height:.0f}"
    for place, (next_x, next_y) in enumerate(rest):
        y += height
        if place:  # past a layer
            path += f"V{y:.0f}"
        middle = (y + next_y) / 2
        path += f"C{x:.0f},{middle:.0f} {next_x:.0f},{middle:.0f} {next_x:.0f},{next_y:.0f}"
        x, y = next_x, next_y
    return Markup('<path class="edge" d="{}"/>').format(path)


def _box(name: str, x: float, y: float, note: Note | None) -> Markup:
    left, place = x - BOX[0] / 2, note.place if note else PLACES.get(name.split("_")[0], "data")
    below = note and Markup(
        '<text class="note" x="{:.0f}" y="{:.0f}">{}</text>'
        '<rect class="bar" x="{:.0f}" y="{:.0f}" width="{:.1f}" height="4"/>'
    ).format(x, y + 33, note.words, left, y + NOTED - 4, BOX[0] * note.bar)
    return Markup(
        '<a href="#{}"><rect x="{:.0f}" y="{:.0f}" width="{}" height="{}" rx="4"/>'
        '<text x="{:.0f}" y="{:.0f}">{}</text>{}</a>'
    ).format(place, left, y, BOX[0], NOTED if note else BOX[1], x, y + 18, name, below or "")
