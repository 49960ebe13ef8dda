"""The stages that a config leads to, and which reads which stage's results: what the page draws."""


def stages_of(config: dict) -> dict[str, list[str]]:
    """Each stage behind the page, after those that it reads directly.

    Stages that read a stage's results only through another are not repeated: `eda` reads `clean`, not `simulate`.
    """
    source, test = config["data"]["source"], config["data"]["test"] != "none"
    labelled = test and config["data"]["test_labels"] == "present"
    tables = {"simulated": ["simulate"], "download": ["fetch"], "files": []}[source]
    networks = [f"train_{name}" for name in config["train"]["activations"]]
    remedies = ["recommended", *config["mitigate"]["remedies"], *(["ceiling"] if labelled else [])]
    swept = bool(config["sweep"]["grid"] or config["sweep"]["table"])
    reads = {name: [] for name in tables}
    reads |= {"clean": tables, "eda": ["clean"], "encode": ["clean"], "split": ["encode"]}
    reads |= {name: ["split"] for name in [*networks, "depth_sweep", "shared_bias"]}
    reads |= {name: networks for name in ["gradients", "saliency", "test_eval"]}
    reads |= {"diagnose": ["test_eval"]} | ({"predictions": networks} if test and not labelled else {})
    reads |= {f"mitigate_{name}": ["test_eval"] for name in remedies}
    reads |= {f"mitigate_{name}": ["diagnose"] for name in remedies if follows_diagnosis(config, name)}
    reads["mitigate"] = ["diagnose", *(f"mitigate_{name}" for name in remedies)]
    if swept:
        reads |= {"sweep_points": ["encode"], "sweep": ["sweep_points"]}
    behind = {source for sources in reads.values() for source in sources}
    return reads | {"report": [name for name in reads if name not in behind]}


def follows_diagnosis(config: dict, remedy: str) -> bool:
    """Whether a remedy changes what the diagnosis names, and so waits for it."""
    if remedy in ("recommended", "ceiling"):
        return remedy == "recommended"
    entry = config["mitigate"]["remedies"][remedy]
    named = [
        entry.get("drop"),
        *(entry[key]["feature"] for key in ("noise", "feature_dropout", "mend") if key in entry),
    ]
    return "suspect" in named
