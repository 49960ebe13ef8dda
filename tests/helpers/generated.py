"""Tables and configs that hypothesis draws: most of them wrong in some way, some of them right."""

import copy
import csv
import io
from functools import reduce

from hypothesis import strategies as st

from gapscope.config.defaults import shipped

SHIPPED = shipped()
TINY = {"hidden": [3], "iterations": 2, "batch_size": "auto", "activations": ["relu"], "per_activation": {}}

words = str.split
NUMBERS = words("0 1 -1 2.5 3 1e3 -0.0 1e99 -1e99 5e-324 1e-300 123456789012")
WEIGHTS = words("1 1 2.5 3 0.125 7e5 1e-100 1e100 0 -1")
NO_NUMBERS = [*words("abc 2024-01-01 1,5 inf -inf 1e308 1e400 0x1F 1_000 True ١ --1 1;2 =1+1"), "\0", "1 2"]
LEVELS = [*words("a b c A é 日本 =cmd -x ' a,b <b> {x} 1 %s"), " a", 'say "hi"', "two\nlines", "\t"]
MISSING = ["", "NA", "nan", "null", "?"]
NAMES = [*words("x y z class é x_a 0 nan index data_source {x} <i> a'b =f feature"), "a b", 'q"q']
CLASSES = ["lo", "mid", "hi", "é", 0, 1, 7, "x y"]
BYTES = [*["utf-8"] * 8, "utf-8-sig", "latin-1", "utf-16", "cut", "flipped", "empty", "quote", "noise"]
OTHERS = {  # settings of the data block, each other than shipped in one table of thirty
    "test": ["none"],
    "test_labels": ["absent"],
    "group": NAMES,
    "weight": NAMES,
    "codes": [[1, 2], ["a", "b", "c"], ["lo", "hi"]],
    "separator": ["semicolon", "tab"],
    "decimal": ["comma"],
    "encoding": ["latin-1", "utf-16", "cp1252", "utf-7", "base64", "nonsense"],
    "missing_values": [[], ["1", "a"]],
}
FIGURES = [0, 1, -1, 2, 1e308, -1e308, 5e-324, float("nan"), float("inf"), 10**30, 2**64, 1e-9, 0.5]
EXTREME = [*FIGURES, None, True, False, [], [0], {}, [[]], {"a": 1}, ["a", "a"], "", "1e-1", "~", "{x}", "\n", "\ud800"]


@st.composite
def tables(draw) -> tuple[dict, dict[str, bytes]]:
    """A config's changes, and the content of train.csv and test.csv."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    target, numeric = names[0], names[1 : 1 + draw(st.integers(0, len(names) - 1))]
    categorical = names[1 + len(numeric) :]
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=4, unique=True))
    pools = {target: [str(name) for name in classes]}
    pools |= {name: draw(st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=6)) for name in numeric}
    pools |= {name: draw(st.lists(st.sampled_from(LEVELS), min_size=1, max_size=6)) for name in categorical}
    weight = numeric[:1] if draw(st.integers(0, 9)) == 0 else []
    pools |= {name: draw(st.lists(st.sampled_from(WEIGHTS), min_size=1, max_size=3)) for name in weight}
    sound = draw(st.booleans())  # but for missing values and large numbers
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        wrong = MISSING if sound else draw(st.sampled_from([MISSING, NO_NUMBERS, LEVELS]))
        own = [] if draw(st.integers(0, 4)) == 0 and not sound else pools[name]
        pools[name] = [*own, draw(st.sampled_from(wrong))]
    separator, end = draw(st.sampled_from([",", ",", ",", ";", "\t"])), draw(st.sampled_from(["\n", "\n", "\r\n"]))
    files = {name: draw(_file(names, pools, separator, end, sound)) for name in ("train.csv", "test.csv")}
    data = {"target": target, "classes": classes, "numeric": numeric, "categorical": categorical}
    data |= {"weight": weight[0], "numeric": numeric[1:]} if weight else {}
    for key, values in OTHERS.items():
        if draw(st.integers(0, 29)) == 0:
            data[key] = draw(st.sampled_from(values))
    return {"data": data, "clean": {"missing": draw(st.sampled_from(["drop", "impute"]))}}, files


@st.composite
def _file(draw, names: list[str], pools: dict, separator: str, end: str, sound: bool) -> bytes:
    rows = draw(st.sampled_from([5, 20, 40] if sound else [0, 1, 2, 5, 20]))
    columns = [draw(st.lists(st.sampled_from(pools[name]), min_size=rows, max_size=rows)) for name in names]
    order = draw(st.permutations(range(len(names))))
    table = [[names[place] for place in order], *[[columns[place][row] for place in order] for row in range(rows)]]
    match "right" if sound else draw(st.sampled_from(["right"] * 8 + ["ragged", "short", "twice", "renamed"])):
        case "ragged":
            table[-1] = [*table[-1], "more"]
        case "short":
            table[-1] = table[-1][:-1]
        case "twice":
            table = [[*row, row[0]] for row in table]
        case "renamed":
            table[0] = [*table[0][:-1], "other"]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(table)
    return text.getvalue().encode() if sound else draw(_bytes(text.getvalue()))


@st.composite
def _bytes(draw, text: str) -> bytes:
    kind = draw(st.sampled_from(BYTES))
    content = text.encode(kind if kind.startswith(("utf", "latin")) else "utf-8", errors="replace")
    match kind:
        case "cut":
            return content[: draw(st.integers(0, len(content)))]
        case "flipped":
            place = draw(st.integers(0, len(content) - 1))
            return content[:place] + draw(st.binary(min_size=1, max_size=3)) + content[place + 1 :]
        case "empty":
            return draw(st.sampled_from([b"", b"\n", b"\n\n", b",\n", b"\xef\xbb\xbf"]))
        case "quote":
            return content + b'"open,'
        case "noise":
            return draw(st.binary(max_size=200))
    return content


def leaves(value, place: tuple = ()) -> list[tuple]:
    """Every place in the config, blocks and lists' first entries included."""
    below = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else []
    return [place, *(leaf for key, part in below for leaf in leaves(part, (*place, key)))]


@st.composite
def configs(draw) -> dict:
    """The shipped config with one to three places changed, a key misspelt or left out."""
    config = copy.deepcopy(SHIPPED)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(leaves(config)[1:]))
        block = reduce(lambda inner, key: inner[key], way, config)
        what = draw(st.sampled_from(["value"] * 6 + ["gone", "misspelt", "number", "number"]))
        if what == "number":
            block[last] = draw(st.one_of(st.floats(), st.integers(-(10**20), 10**20)))
        elif what == "value" or isinstance(block, list):
            block[last] = copy.deepcopy(draw(st.sampled_from(EXTREME)))
        elif what == "gone":
            del block[last]
        else:
            block[f"{last}x"] = block.pop(last)
    return config


def trainings() -> st.SearchStrategy[dict]:
    """Settings of config.yaml's train block, at and beyond what is sensible, with a table's worth of work at most."""
    large = [0.0, 5e-324, 1e-9, 0.1, 1.0, 1e6, 1e30, 1e300]
    rates = st.sampled_from(large[1:])
    return st.fixed_dictionaries(
        {},
        optional={
            "hidden": st.sampled_from([[], [1], [0], [2, 2, 2, 2, 2, 2], [200]]),
            "initialisation": st.sampled_from(["xavier", "he", "normal"]),
            "weight_scale": rates,
            "optimizer": st.sampled_from(["gradient_descent", "momentum", "adam"]),
            "learning_rate": rates,
            "schedule": st.sampled_from(["constant", "cosine", "linear"]),
            "momentum": st.sampled_from([0.0, 0.9, 1 - 1e-16]),
            "batch_size": st.sampled_from(["full", "auto", 1, 7, 10**18]),
            "iterations": st.sampled_from([0, 1, 3, 3.0]),
            "early_stopping": st.sampled_from([0, 1, 10**18]),
            "l1": st.sampled_from(large),
            "l2": st.sampled_from(large),
            "dropout": st.sampled_from([0.0, 0.5, 1 - 1e-9]),
            "input_noise": st.sampled_from(large),
            "label_smoothing": st.sampled_from([0.0, 0.1, 1 - 1e-9]),
            "class_weights": st.sampled_from(["none", "balanced", "square_root"]),
            "members": st.sampled_from([1, 2]),
            "form": st.sampled_from(["blocks", "plain"]),
            "precision": st.sampled_from(["float32", "float64"]),
            "update_order": st.sampled_from(["after_backward", "during_backward"]),
            "activations": st.sampled_from([["relu"], ["sigmoid"], ["tanh"], ["leaky_relu"], ["gelu"]]),
        },
    )


def merged(changes: dict) -> dict:
    """The shipped config, small, with the changed blocks of a generated table."""
    config = copy.deepcopy(SHIPPED)
    for block, own in changes.items():
        config[block] |= own
    config["train"] |= TINY
    config["encode"]["transform"] = {}
    return config
