"""Checks of the settings for the format of tables."""

from gapscope.common.errors import UserError


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
    for block in (data, {**data, **data["test_format"]}):
        check_encoding(block["encoding"])
        if block["decimal"] == block["thousands"]:
            raise UserError(f"config: data.thousands: the {block['thousands']} is also the decimal sign; change one.")
    if data["bins"] and (len(data["bins"]) != len(data["classes"]) - 1 or sorted(data["bins"]) != data["bins"]):
        raise UserError(
            f"config: data.bins: {len(data['bins'])} bounds for {len(data['classes'])} classes; expected one bound "
            "fewer than classes, in increasing order."
        )


def check_encoding(encoding: str) -> None:
    """Check that Python knows the text encoding."""
    try:
        "".encode(encoding)
    except (LookupError, ValueError):
        raise UserError(
            f"config: data.encoding: Python has no encoding '{encoding}'; expected utf-8, cp1252, latin-1, "
            "utf-16 or another one."
        ) from None
