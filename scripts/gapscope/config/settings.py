"""The settings of each rule, as Snakemake's params, and the list of stages for a config.

Each key of the config is a separate param, such as train_hidden={"train.hidden": [64, 32]}. The value repeats the key
because Snakemake compares values without their names, and prints the changed ones as the reason for a rerun.
"""

from collections.abc import Iterable

from gapscope.config.defaults import SCHEMA

RECOMMENDED = "recommended"  # the remedy that follows from the verdict
ALONE = "recommended_training"  # only the change of training in mitigate.recommended


def settings(config: dict, *keys: str, without: Iterable[str] = ()) -> dict[str, dict]:
    """Params for the config's `keys`, which can be blocks (`clean`) or single settings (`data.target`).

    `without` names keys to leave out. Raises KeyError for unknown keys.
    """
    params = {}
    for key in keys:
        value, node = config, SCHEMA
        for name in key.split("."):
            value, node = value[name], node["properties"][name]
        params |= dict(_leaves(key, value, node, without))
    return _named(params)


def training(config: dict, activation: str) -> dict[str, dict]:
    """Params with the flat training settings of one network."""
    flat = training_settings(config["train"], activation)
    return _named({f"train.{name}": canonical(flat[name]) for name in flat})


def training_settings(train: dict, activation: str, change: dict | None = None) -> dict:
    """Flat training settings of one network. `change` takes precedence over per_activation, and that over the rest."""
    shared = {key: value for key, value in train.items() if key not in ("activations", "per_activation")}
    of_activation = train["per_activation"].get(activation, {})
    return dict(sorted({**shared, **of_activation, **(change or {}), "activation": activation}.items()))


def remedy(config: dict, name: str) -> dict:
    """A remedy's name and its entry in the config."""
    mitigate = config["mitigate"]
    entry = mitigate["recommended"] if name in (RECOMMENDED, ALONE) else mitigate["remedies"][name]
    entry = {key: value for key, value in entry.items() if value != "explained"}
    return {"name": name, "remedy": canonical(entry)}


def remedies_of(config: dict) -> list[str]:
    """Names of all remedies: the baseline, the recommended one's change of training alone (if it has one), the
    recommended one, and the others."""
    entry, others = remedy(config, RECOMMENDED)["remedy"], config["mitigate"]["remedies"]
    alone = [ALONE] if entry["train"] or entry["rows"] == "all" or "activation" in entry else []
    return ["baseline", *alone, RECOMMENDED, *(name for name in others if name != "baseline")]


def remedy_networks(config: dict, name: str) -> dict:
    """Flat training settings, by activation, of the networks that a remedy may need."""
    changed_to = remedy(config, name)["remedy"].get("activation")
    names = sorted({*config["train"]["activations"], *filter(None, [changed_to])})
    train, change = _without_members(config["train"]), config["mitigate"]["train"]
    return {"networks": {name: canonical(training_settings(train, name, change)) for name in names}}


def suite_case(config: dict, name: str) -> dict:
    """Settings of the suite's entry `name`, which override the suite's, and its flat training settings; `model` is the
    entry of diagnose.activation in models, if it can be trained."""
    suite, entry = config["suite"], config["suite"]["injected"][name]
    own = config["models"].get(config["diagnose"]["activation"], {})
    shared = {key: suite[key] for key in ("train_rows", "test_rows", "seeds", "strengths", "seeds_per_strength")}
    change = {**suite["train"], **entry.get("train", {})}
    return canonical(
        {
            "name": name,
            "suite": shared | {key: value for key, value in entry.items() if key != "train"},
            "train": training_settings(_without_members(config["train"]), suite["activation"], change),
            "encode": config["encode"] | {"transform": suite["transform"]},
            **({"model": own} if "python" in own else {}),
        }
    )


def _named(values: dict) -> dict[str, dict]:
    return {key.replace(".", "_"): {key: values[key]} for key in sorted(values)}


def _leaves(key: str, value, node: dict, without: Iterable[str]):
    if key in without:
        return
    if "properties" not in node:
        yield key, canonical(value)
        return
    for name in value:
        yield from _leaves(f"{key}.{name}", value[name], node["properties"][name], without)


def _without_members(train: dict) -> dict:
    """Training settings without `members`: remedies and suite train several seeds anyway."""
    return {key: value for key, value in train.items() if key != "members"}


def canonical(value):
    """`value` with sorted keys, and whole numbers as integers, so that equal settings have equal text."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def jobs_of(config: dict) -> list[str]:
    """The names of the jobs behind the page, in an order in which they can run; of a sweep, the last."""
    data, train, labelled = config["data"], config["train"], config["data"]["test_labels"] == "present"
    tested = data["test"] != "none"
    return [
        *{"simulated": ["simulate"], "download": ["fetch"], "files": []}[data["source"]],
        *("clean", "eda", "encode", "split"),
        *(f"train_{name}" for name in (*train["activations"], *config["models"])),
        "depth_sweep",
        *(["shared_bias"] if has_shared_bias(config) else []),
        *(["gradients"] if train["activations"] else []),
        *("saliency", "test_eval", "diagnose"),
        *(["predictions"] if tested and not labelled else []),
        *(f"mitigate_{name}" for name in (*remedies_of(config), *(["ceiling"] if tested and labelled else []))),
        "mitigate",
        *(["sweep"] if config["sweep"]["grid"] or config["sweep"]["table"] else []),
        "report",
    ]


def has_shared_bias(config: dict) -> bool:
    """Whether the page has the study of the shared bias: by default with networks, and the target of the listings."""
    when, of_listings = config["shared_bias"]["when"], config["data"]["target"] == "price_class"
    return when == "always" or (when == "listings" and of_listings and bool(config["train"]["activations"]))


def follows_diagnosis(config: dict, remedy: str) -> bool:
    """Whether a remedy depends on the diagnosis."""
    if remedy in (RECOMMENDED, ALONE, "ceiling"):
        return remedy == RECOMMENDED
    entry = config["mitigate"]["remedies"][remedy]
    changed = [entry[key]["feature"] for key in ("noise", "feature_dropout", "mend") if key in entry]
    named = [entry.get("drop"), entry.get("blur"), *changed]
    return "suspect" in named or entry.get("mend", {}).get("how") == "undo"
