"""What is made once for all processes of pytest."""

import fcntl
import json
import os


def once(tmp_path_factory, name, make):
    """What make(folder) returns, as JSON gives it back; the first process that asks runs it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    answer = base / f"{name}.json"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the file is closed
        if not answer.exists():
            answer.write_text(json.dumps(make(base / name)), encoding="utf-8")
    return json.loads(answer.read_text(encoding="utf-8"))
