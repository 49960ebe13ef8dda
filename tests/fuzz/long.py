"""A long random run of the same properties, outside CI: `make fuzz`."""

import logging
import sys
import time

from hypothesis import HealthCheck, given, settings
from test_generated import COUNT, one_line_or_none, right_or_refused, trained_on_or_refused
from test_written import read_right_or_said

from generated import configs, tables
from written import written_tables


def main(number_of_tables: str, number_of_configs: str) -> None:
    logging.getLogger("gapscope").setLevel(logging.CRITICAL)
    for name, made_up, judged, number in (
        ("tables", tables(), trained_on_or_refused, number_of_tables),
        (
            "written tables",
            written_tables(),
            lambda table: one_line_or_none(read_right_or_said, table),
            number_of_tables,
        ),
        ("configs", configs(), right_or_refused, number_of_configs),
    ):
        start = time.monotonic()
        COUNT.update(right=0, refused=0)
        many = settings(max_examples=int(number), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        many(given(made_up)(judged))()
        spent = time.monotonic() - start
        print(f"{name}: {COUNT['right']} right, {COUNT['refused']} refused in one line, nothing else; {spent:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
