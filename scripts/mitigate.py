"""mitigate: the remedies beside each other, in a table and a figure, with the one that follows from the verdict."""

from gapscope.common.files import read_array, read_json, write_json, write_records
from gapscope.common.stage import log, run
from gapscope.remedies.comparison import comparison, summary
from gapscope.remedies.resampling import judged_rows
from gapscope.reporting.plots.mitigation import remedies
from gapscope.reporting.plots.saving import write_figure


def main(input, output, settings):
    source, diagnosis = settings["data"]["source"], read_json(input.diagnosis)
    records = [read_json(path) for path in input.results]
    rights = [read_array(path) for path in input.rights]
    tried = [(record, right) for record, right in zip(records, rights) if "untried" not in record]
    weights = None
    if input.get("test_weights"):
        weights = read_array(input.test_weights)
        weights = weights[judged_rows(len(weights), settings["mitigate"]["rows"], settings["mitigate"]["seeds"][0])]
    rows = comparison(tried, diagnosis["verdict"], settings["mitigate"]["confidence"], weights)
    ceiling = read_json(input.ceiling)["accuracies"] if input.get("ceiling") else None
    found = summary(records, diagnosis, ceiling)
    write_records(output.table, rows, source)
    write_json(output.summary, {"source": source, "confidence": settings["mitigate"]["confidence"], **found})
    write_figure(output.figure, remedies(rows, found, source))
    log.info("%s: %s", found["recommended"] or "no remedy", found["because"])


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
