"""A sweep with its results in an object store (moto's server on this machine): none on the disk, no second run."""

from places import RUN, STORE


def test_a_sweep_in_an_object_store_is_not_made_twice(stored, bucket):
    assert not (stored.folder / "results").exists()
    again = stored.snakemake("-n", "sweep", *STORE, overlay=RUN, **bucket[1])
    assert "Nothing to be done" in again.stdout + again.stderr
