"""benchmark: the network's step beside other ways to do the same work, in one run, in turns, on one core."""

from gapscope.common.stage import log, run

from importlib.util import find_spec

import pandas as pd

from gapscope.common.errors import UserError
from gapscope.common.files import whole
from gapscope.reporting.plots.benchmark import comparison
from gapscope.reporting.plots.saving import write_figure


def main(input, output, settings):
    require("torch", "sklearn")
    from gapscope.benchmark.run import measured  # only now: it imports them

    table, parts = map(pd.DataFrame, measured(settings, log.info))
    for path, rows in ((output.table, table), (output.profile, parts)):
        with whole(path) as temporary:
            rows.round(4).to_csv(temporary, index=False, lineterminator="\n")
    write_figure(output.figure, comparison(table))


def require(*packages: str) -> None:
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise UserError(
            f"the packages to compare with are not installed ({', '.join(missing)} missing): "
            "run `make benchmark`, which installs them and runs this."
        )


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
