"""How far a loop is: lines every few seconds, with the time left."""

import pytest

from gapscope.common.progress import EVERY, Progress, duration


def loop(calls: int, seconds: float, steps: int = 1, more: int = 0) -> list[str]:
    """The lines of a loop whose calls take so many seconds and stand for so many steps; `more` steps do not come."""
    told, now = [], [0.0]
    progress = Progress(calls * steps + more, told.append, clock=lambda: now[0])
    for call in range(calls):
        now[0] += seconds
        progress(f"call {call + 1}", steps)
    assert progress.spent == pytest.approx(calls * seconds)
    return told


def test_a_short_loop_tells_nothing_and_a_long_one_now_and_then_how_much_is_left():
    assert loop(8, EVERY / 8) == []
    told = loop(60, EVERY / 6)  # 30 s in all
    assert len(told) == 9
    assert told[0] == "call 6; 27 s left" and told[-1] == "call 54; 3 s left"
    assert loop(1, 10.0, steps=5, more=3) == ["call 1; 6 s left"]


@pytest.mark.parametrize("seconds, words", [(0.4, "0 s"), (99, "99 s"), (600, "10 min"), (7200, "2.0 h")])
def test_durations(seconds, words):
    assert duration(seconds) == words
