"""fetch: download the real listings, or copy them from a folder, and verify their sha256."""

import shutil
from pathlib import Path

from gapscope.common.files import whole
from gapscope.common.stage import log, run
from gapscope.data.download import fetch


def main(input, output, settings):
    download = settings["download"]
    for name in ("train", "test"):
        place = Path(download["folder"], f"{name}.csv")
        is_there = place.exists()
        fetch(f"{download['url']}/{name}.csv", place, download[f"{name}_sha256"], timeout_s=download["timeout_s"])
        with whole(output[name]) as temporary:
            shutil.copyfile(place, temporary)
        log.info("%s: %s, sha256 as expected", place, "found" if is_there else "downloaded")


if __name__ == "__main__":
    run(main, snakemake)  # noqa: F821
