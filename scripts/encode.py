"""encode: write the cleaned tables as matrices, with one-hot columns and transforms fitted on the training table."""

from gapscope.common.files import write_array, write_blocks, write_json
from gapscope.common.stage import log, run
from gapscope.data.encode import encoded, fit_columns, pooled_levels, records, transform_choices, unseen_levels
from gapscope.data.parquet import Stored


def main(input, output, settings):
    data = settings["data"]
    tables = {name: Stored(input[name]) for name in ("train", "test") if input.get(name)}
    choices = transform_choices(tables["train"], data, settings["encode"])
    columns = fit_columns(tables["train"], data, settings["encode"], choices)
    unseen = unseen_levels(tables["test"], columns) if "test" in tables else {}
    for feature, levels in unseen.items():
        log.warning(
            "test: %d rows have a level of '%s' that training does not know: %s",
            sum(levels.values()),
            feature,
            ", ".join(levels),
        )
    pooled = pooled_levels(tables, columns)
    for record in pooled:
        log.warning(
            "%s: %d levels, of which the %d commonest have columns of their own and the others (%d training rows) one",
            *(record["feature"], record["levels"], record["kept"], record["rows"]["train"]),
        )
    for name, table in tables.items():
        shape = len(table), len(columns)
        write_blocks(output[f"{name}_X"], shape, (encoded(block, columns) for block in table.blocks()))
        if output.get(f"{name}_y"):
            write_array(output[f"{name}_y"], table[data["target"]].to_numpy())
    transforms = {name: {"setting": choice.setting, "because": choice.because} for name, choice in choices.items()}
    for name, choice in transforms.items():
        log.debug("%s: %s, since %s", name, choice["setting"], choice["because"])
    encoding = {
        "source": data["source"],
        "unseen_levels": unseen,
        "pooled_levels": pooled,
        "transforms": transforms,
        "columns": records(columns),
    }
    write_json(output.encoding, encoding)
    log.info("%d features as %d columns", len({column.feature for column in columns}), len(columns))


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
