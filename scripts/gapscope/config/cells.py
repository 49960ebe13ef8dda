"""Rules for the settings that say how cells of tables are written."""

from gapscope.common.errors import UserError
from gapscope.config.rules import check_encoding


def check_cells(data: dict) -> None:
    """Settings for single columns are about columns that there are, and bins part the target as classes do."""
    kinds = {
        "dates": data["numeric"],
        "truth": data["categorical"],
        "not_missing": data["categorical"],
        "units": [*data["numeric"], data["target"], data["weight"]],
    }
    for key, names in kinds.items():
        stray = next((name for name in data[key] if name not in names), None)
        if stray is not None:
            raise UserError(f"config: data.{key} names '{stray}', which is none of its columns ({', '.join(names)}).")
    other = data["test_format"]
    check_encoding(other.get("encoding", data["encoding"]))
    for block in (data, {**data, **other}):
        if block["decimal"] == block["thousands"]:
            raise UserError(f"config: data.thousands: the {block['thousands']} is the decimal sign too; change one.")
    if data["bins"] and (len(data["bins"]) != len(data["classes"]) - 1 or sorted(data["bins"]) != data["bins"]):
        raise UserError(
            f"config: data.bins: {len(data['bins'])} bounds for {len(data['classes'])} classes; expected one bound "
            "less than there are classes, in rising order."
        )
