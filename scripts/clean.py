"""clean: drop rows with missing values, or impute them with values fitted on the training table."""

import numpy as np

from gapscope.common.files import write_array, write_json
from gapscope.common.stage import log, run
from gapscope.common.whole import scratch
from gapscope.data import clean
from gapscope.data.leaks import telling_columns
from gapscope.data.left_out import left_out_columns
from gapscope.data.parquet import stored
from gapscope.data.read import column_names, read_groups, read_weights, table_blocks
from gapscope.data.source import examined

READING = ("separator", "decimal", "thousands", "units", "dates", "truth", "encoding", "missing_values", "not_missing")


def main(input, output, settings):
    with scratch(output.summary) as folder:
        write_json(output.summary, cleaned_tables(input, output, settings, folder))


def cleaned_tables(input, output, settings, folder):
    """Write the cleaned tables and return the summary; `folder` holds the tables as read, as typed values."""
    data = settings["data"]
    paths = {name: input[name] for name in ("train", "test") if input.get(name)}
    of_test = {**data, **data["test_format"]}
    blocks = {"train": data, "test": of_test if data["test_labels"] == "present" else {**of_test, "target": None}}
    sources = {name: examined(path, blocks[name], column_names(blocks[name])) for name, path in paths.items()}
    raw = {}
    for name, source in sources.items():
        parts = table_blocks(source.path, blocks[name], 2 if name == "train" else 1, source)
        raw[name] = stored(folder / f"{name}.parquet", data["source"], parts)
        for remark in source.remarks:
            log.info("%s: %s", name, remark)
    imputation = clean.imputations(raw, data, settings["clean"], paths)
    tables, counted, kept = {}, {}, {}
    for name, table in raw.items():
        target = blocks[name]["target"]
        tables[name] = clean.write_cleaned(output[name], table, target, imputation[name], data["source"], paths[name])
        kept[name] = clean.kept_rows(table, imputation[name])
        counted |= write_columns_beside(name, output, paths[name], blocks[name], kept[name])
        log.info("%s: %s; %d of %d rows kept", name, sources[name].words, len(tables[name]), len(table))
    if output.get("train_left_out"):
        for name, columns in left_out_columns(paths, blocks, kept).items():
            stored(output[f"{name}_left_out"], data["source"], [columns])
    labelled = [name for name in tables if blocks[name]["target"]]
    unlearnt = clean.check_classes({name: tables[name][data["target"]] for name in labelled}, data, paths)
    if unlearnt:
        log.warning("%s: no row of %s, so no network can learn it", paths["train"], ", ".join(unlearnt))
    telling = telling_columns(tables["train"], data["target"])
    for name in telling:
        log.warning("%s: the column '%s' alone determines the class; was it derived from it?", input.train, name)
    return {
        "source": data["source"],
        "formats": {name: source.words for name, source in sources.items()},
        "reading": {name: data[name] for name in READING},
        "missing": settings["clean"]["missing"],
        "imputation": imputation,
        "rows": {name: clean.row_counts(table.blocks(), len(tables[name])) for name, table in raw.items()},
        "columns": {name: clean.column_types(table, data) for name, table in raw.items()},
        "columns_that_tell_the_class": telling,
        "test_rows_also_in_train": clean.shared_rows(tables["train"], tables["test"]) if "test" in tables else None,
        **({"weights": counted} if counted else {}),
    }


def write_columns_beside(name, output, path, block, kept):
    """Write row numbers, groups and weights of the kept rows, if asked for; returns the record of the weights."""
    if output.get(f"{name}_numbers"):
        write_array(output[f"{name}_numbers"], np.flatnonzero(kept) + 2)  # row 1 of the file is its header
    if output.get(f"{name}_groups"):
        groups = read_groups(path, block)[kept]
        write_array(output[f"{name}_groups"], np.unique(groups, return_inverse=True)[1])  # 0, 1, ... without gaps
    if not output.get(f"{name}_weights"):
        return {}
    weights = read_weights(path, block)[kept]
    write_array(output[f"{name}_weights"], weights)
    counted = clean.weight_record(weights)
    log.info("%s: the weighted rows are worth %.0f rows of equal weight", name, counted["effective_rows"])
    return {name: counted}


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
