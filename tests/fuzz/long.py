"""A long random run of the same properties, outside CI: `make fuzz`."""

import logging
import sys
import time

from hypothesis import HealthCheck, settings
from test_generated import COUNT, test_a_config_is_right_or_refused, test_a_table_is_trained_on_or_refused


def main(tables: str, configs: str) -> None:
    logging.getLogger("gapscope").setLevel(logging.CRITICAL)
    wanted = {test_a_table_is_trained_on_or_refused: int(tables), test_a_config_is_right_or_refused: int(configs)}
    for test, examples in wanted.items():
        start, before = time.monotonic(), dict(COUNT)
        settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))(test)()
        right, refused = (COUNT[key] - before[key] for key in ("right", "refused"))
        spent = time.monotonic() - start
        print(
            f"{test.__name__}: {right} right, {refused} refused with one line, nothing else; {spent:.0f} s", flush=True
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
