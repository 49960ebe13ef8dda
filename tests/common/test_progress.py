"""How far a loop is: lines every few seconds, with the time left."""

import pytest

from gapscope.common.progress import EVERY, Progress, duration


def loop(steps: int, seconds: float) -> list[str]:
    """What a loop of equal steps tells."""
    told, now = [], [0.0]
    progress = Progress(steps, told.append, clock=lambda: now[0])
    for step in range(steps):
        now[0] += seconds
        progress(f"step {step + 1}")
    assert progress.spent == pytest.approx(steps * seconds)
    return told


def test_a_short_loop_tells_nothing():
    assert loop(8, EVERY / 8) == []


def test_a_long_loop_tells_now_and_then_how_much_is_left():
    told = loop(60, EVERY / 6)  # 30 s in all
    assert len(told) == 9
    assert told[0] == "step 6; 27 s left" and told[-1] == "step 54; 3 s left"


def test_steps_of_different_weight():
    told, now = [], [0.0]
    progress = Progress(8, told.append, clock=lambda: now[0])
    now[0] = 10.0
    progress("five networks", 5)
    assert told == ["five networks; 6 s left"]


@pytest.mark.parametrize("seconds, words", [(0.4, "0 s"), (99, "99 s"), (600, "10 min"), (7200, "2.0 h")])
def test_durations(seconds, words):
    assert duration(seconds) == words
