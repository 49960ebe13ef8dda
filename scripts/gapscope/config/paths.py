"""Paths in the configuration: ones that Snakemake, the shell's user and the disk take in the same sense."""

import os
from pathlib import Path

from gapscope.common.errors import UserError

LONGEST_NAME = 200  # bytes; most disks allow 255, of which a file under way takes some
PATHS = ("results", "data.train", "data.test", "download.folder")


def check_paths(config: dict) -> None:
    """Each path is one name, whoever reads it."""
    for key in PATHS:
        block, _, name = key.rpartition(".")
        path = config[block][name] if block else config[name]
        if path.startswith("~"):
            raise UserError(f"config: {key}: '~' is not filled in here; write {os.path.expanduser(path)!r} in full.")
        bad = next((char for char in path if char in "{}" or not char.isprintable()), None)
        if bad:
            raise UserError(f"config: {key}: {bad!r} has a meaning of its own in Snakemake's paths; rename {path!r}.")
        if max(map(len, os.fsencode(path).split(b"/"))) > LONGEST_NAME:
            raise UserError(f"config: {key}: a name of more than {LONGEST_NAME} bytes; give it a shorter one.")
        if path != path.strip():
            raise UserError(f"config: {key}: {path!r} starts or ends with a blank; take it away.")
    if os.path.normpath(config["results"]) in (".", "/", ".."):
        raise UserError(f"config: results: expected a folder of its own, got '{config['results']}'; write results.")


def results_folder(config: dict) -> str:
    """The folder of all results, as Snakemake writes paths.

    Raises:
        UserError: where it, or .snakemake in the folder of the run, cannot be made or written to.
    """
    folder = os.path.normpath(config["results"])
    _check_writable("config: results", folder)
    _check_writable("the folder of the run", ".snakemake")
    return folder


def _check_writable(what: str, folder: str) -> None:
    there = next(path for path in (Path(folder), *Path(folder).absolute().parents) if os.path.lexists(path))
    if not there.is_dir():
        raise UserError(f"{what}: '{there}' is there already and no folder; name another one.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{what}: '{there}' cannot be written to; mend its permissions or take a folder elsewhere.")


def check_input(key: str, path: str) -> None:
    """There is a file that can be read. `key`: the one of the config that names it."""
    place = Path(path)
    if place.is_file():
        if os.access(place, os.R_OK):
            return
        raise UserError(f"config: {key}: '{path}' may not be read; mend its permissions.")
    what = "no file"
    if place.is_dir():
        what = "a folder, no file:"
    elif place.is_symlink():
        what = f"a link to '{os.readlink(place)}', which is not there:"
    elif place.exists():
        what = "a pipe or device, no file:"
    raise UserError(
        f"config: {key}: {what} '{path}'; correct the path (it is relative to the folder you run in), or set "
        "data.source to simulated."
    )
