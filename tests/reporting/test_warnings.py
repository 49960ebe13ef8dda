"""The page's warnings: nothing to say in a sound run, and one sentence for each thing gone wrong."""

from gapscope.reporting.page.warnings import warnings

SOUND = {"accuracy": 0.9, "majority_accuracy": 0.5}


def told(diverged=None, train=SOUND, remedies=0, lost=False, telling=()):
    networks = [{"name": "relu", "diverged": diverged or {}, "settings": {"learning_rate": 1e6}}]
    runs = [{"network": "shared", "seed": 3, "diverged": lost}]
    rows = [{"mitigation": "l2", "diverged": str(remedies)}]  # as a CSV has it
    cleaning = {"columns_that_tell_the_class": list(telling)}
    return warnings(networks, {"relu": {"train": train}}, rows, {"runs": runs}, cleaning)


def test_a_sound_run_has_no_warning():
    assert told() == []


def test_each_fault_has_its_sentence():
    (sentence,) = told(diverged={"42": 3, "43": 0})
    assert "relu diverged (seed 42 after iteration 3, 43 after iteration 0)" in sentence and "below 1e+06" in sentence
    assert "no better on its own training rows" in told(train={"accuracy": 0.5, "majority_accuracy": 0.5})[0]
    assert "l2 (2)" in told(remedies=2)[0]
    assert "shared, seed 3" in told(lost=True)[0]
    assert "The column price alone" in told(telling=["price"])[0]
