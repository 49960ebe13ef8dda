"""Checks of the settings for the format of tables."""

from gapscope.common.errors import UserError
from gapscope.config.rules import check_encoding


def check_cells(data: dict) -> None:
    """Check that settings for single columns name existing ones, and that there is a bin for each class."""
    kinds = {
        "dates": data["numeric"],
        "truth": data["categorical"],
        "not_missing": data["categorical"],
        "units": [*data["numeric"], data["target"], data["weight"]],
    }
    for key, names in kinds.items():
        stray = next((name for name in data[key] if name not in names), None)
        if stray is not None:
            raise UserError(
                f"config: data.{key} names '{stray}', which is not one of these columns: {', '.join(names)}."
            )
    other = data["test_format"]
    check_encoding(other.get("encoding", data["encoding"]))
    for block in (data, {**data, **other}):
        if block["decimal"] == block["thousands"]:
            raise UserError(f"config: data.thousands: the {block['thousands']} is also the decimal sign; change one.")
    if data["bins"] and (len(data["bins"]) != len(data["classes"]) - 1 or sorted(data["bins"]) != data["bins"]):
        raise UserError(
            f"config: data.bins: {len(data['bins'])} bounds for {len(data['classes'])} classes; expected one bound "
            "fewer than classes, in increasing order."
        )
