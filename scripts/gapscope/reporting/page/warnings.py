"""What a reader must know before believing the page: trainings that diverged, columns that give the class away."""


def warnings(networks: list[dict], metrics: dict, mitigations: list[dict], shared_bias: dict, cleaning: dict) -> list:
    """One sentence each.

    Args:
        networks: `results.network_records`. metrics: metrics.json. mitigations: the rows of mitigations.csv.
        shared_bias, cleaning: the stages' summaries.
    """
    diverged = {network["name"]: network for network in networks if network["diverged"]}
    return [
        *(_telling(feature) for feature in cleaning["columns_that_tell_the_class"]),
        *(_diverged(network) for network in diverged.values()),
        *(_untaught(name) for name, parts in metrics.items() if name not in diverged and _no_better(parts["train"])),
        *_remedies({row["mitigation"]: int(row["diverged"]) for row in mitigations}),
        *_shared_bias(shared_bias["runs"]),
    ]


def _telling(feature: str) -> str:
    return (
        f"The column {feature} alone tells the class of every training row. If it was made from the target, or is "
        "known only after it, take it out of the features: all figures below lean on it."
    )


def _diverged(network: dict) -> str:
    seeds = ", ".join(f"{seed} after iteration {iteration}" for seed, iteration in network["diverged"].items())
    return (
        f"The training of {network['name']} diverged (seed {seeds}): its loss or weights grew beyond all bounds. The "
        f"figures below are of the network before that; a learning rate below {network['settings']['learning_rate']:g} "
        "is the first thing to try."
    )


def _no_better(train: dict) -> bool:
    return train["accuracy"] <= train["majority_accuracy"]


def _untaught(name: str) -> str:
    return f"The network {name} is no better on its own training rows than always naming the largest class."


def _remedies(diverged: dict[str, int]) -> list[str]:
    names = ", ".join(f"{name} ({times})" for name, times in diverged.items() if times)
    return (
        [f"Trainings of these remedies diverged, and their last networks before are judged: {names}."] if names else []
    )


def _shared_bias(runs: list[dict]) -> list[str]:
    lost = [f"{run['network']}, seed {run['seed']}" for run in runs if run["diverged"]]
    return [f"In Question 2 these runs diverged and end early: {'; '.join(lost)}."] if lost else []
