"""mitigate: compare the remedies in a table and a figure, with the one that follows from the verdict."""

from gapscope.common.files import read_array, read_json, write_json, write_records
from gapscope.common.stage import log, run
from gapscope.remedies.comparison import comparison, judged_rows, summary
from gapscope.reporting.plots.evaluation import remedies
from gapscope.reporting.plots.style import write_figure


def main(input, output, settings):
    source, mitigate, diagnosis = settings["data"]["source"], settings["mitigate"], read_json(input.diagnosis)
    records = [read_json(path) for path in input.results]
    rights = [read_array(path) for path in input.rights]
    trials = [(record, right) for record, right in zip(records, rights) if "untried" not in record]
    weights = None
    if input.get("test_weights"):
        weights = read_array(input.test_weights)
        weights = weights[judged_rows(len(weights), mitigate["rows"], mitigate["seeds"][0])]
    rows = comparison(trials, diagnosis["verdict"], mitigate["confidence"], weights, mitigate["train"])
    ceiling = read_json(input.ceiling)["accuracies"] if input.get("ceiling") else None
    result = summary(records, rows, diagnosis, ceiling)
    write_records(output.table, rows, source)
    write_json(output.summary, {"source": source, "confidence": mitigate["confidence"], **result})
    write_figure(output.figure, remedies(rows, result, source))
    log.info("%s: %s", result["recommended"] or "no remedy", result["because"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
