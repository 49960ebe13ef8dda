"""clean: rows with missing values dropped or imputed, with values fitted on the training table."""

from gapscope.stage import log, run

from gapscope.errors import UserError
from gapscope.files import write_array, write_json
from gapscope.tables import parquet
from gapscope.tables.clean import (
    check_classes,
    cleaned,
    column_types,
    complete,
    fit_imputation,
    group_numbers,
    row_counts,
    shared_rows,
    weight_record,
)
from gapscope.tables.leaks import telling_columns
from gapscope.tables.read import column_names, read_groups, read_table, read_weights
from gapscope.tables.source import examined


def main(input, output, settings):
    data, clean = settings["data"], settings["clean"]
    paths = {name: input[name] for name in ("train", "test") if input.get(name)}
    blocks = {"train": data, "test": data if data["test_labels"] == "present" else {**data, "target": None}}
    formats = {name: examined(path, data, column_names(blocks[name])).words for name, path in paths.items()}
    raw = {name: read_table(path, blocks[name]) for name, path in paths.items()}
    imputation = {"train": None, "test": None}
    if clean["missing"] == "impute":
        imputation["train"] = fit_imputation(raw["train"], data, clean["impute"], input.train)
        imputation["test"] = imputation["train"]
        if clean["impute"]["test_from"] == "test":
            imputation["test"] = fit_imputation(raw["test"], data, clean["impute"], input.test)
    tables = {name: cleaned(table, blocks[name]["target"], imputation[name]) for name, table in raw.items()}
    counted = {}
    for name, table in tables.items():
        if table.empty:
            raise UserError(
                f"{input[name]}: every row misses some value, so none is left; set clean.missing to impute, or "
                "remove the emptiest column from the config's data block."
            )
        with parquet.writer(output[name], data["source"]) as add:
            add(table)
        if output.get(f"{name}_groups"):
            kept = complete(raw[name], imputation[name])
            write_array(output[f"{name}_groups"], group_numbers(read_groups(paths[name], data)[kept]))
        if output.get(f"{name}_weights"):
            kept = complete(raw[name], imputation[name])
            weights = read_weights(paths[name], data)[kept]
            write_array(output[f"{name}_weights"], weights)
            counted[name] = weight_record(weights)
            log.debug("%s: the rows say as much as %.0f of equal weight", name, counted[name]["effective_rows"])
        log.info("%s: %s; %d of %d rows kept", name, formats[name], len(table), len(raw[name]))
    labelled = [name for name in tables if blocks[name]["target"]]
    unlearnt = check_classes({name: tables[name][data["target"]] for name in labelled}, data, paths)
    if unlearnt:
        log.warning("%s: no row of %s, which no network can so learn", paths["train"], ", ".join(unlearnt))
    telling = telling_columns(tables["train"], data["target"])
    for name in telling:
        log.warning("%s: the column '%s' alone tells the class of every row; was it made from it?", input.train, name)
    write_json(
        output.summary,
        {
            "source": data["source"],
            "formats": formats,
            "reading": {name: data[name] for name in ("separator", "decimal", "encoding", "missing_values")},
            "missing": clean["missing"],
            "imputation": imputation,
            "rows": {name: row_counts(raw[name], tables[name]) for name in raw},
            "columns": {name: column_types(table, data) for name, table in raw.items()},
            "columns_that_tell_the_class": telling,
            "test_rows_also_in_train": shared_rows(tables["train"], tables["test"]) if "test" in tables else None,
            **({"weights": counted} if counted else {}),
        },
    )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
