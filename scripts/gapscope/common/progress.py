"""Progress of a long loop: a line every few seconds with the time left."""

import time
from collections.abc import Callable

EVERY = 3.0  # seconds between two lines


class Progress:
    """Call it with text after each of `steps` equal steps; every few seconds `tell` gets the text and the time left."""

    def __init__(self, steps: int, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic):
        self.steps, self.tell, self.clock = steps, tell, clock
        self.done, self.start = 0, clock()
        self.last_line = self.start

    @property
    def spent(self) -> float:
        """Seconds since the start of the loop."""
        return self.clock() - self.start

    def __call__(self, words: str, steps: int = 1) -> None:
        self.done += steps
        if self.done < self.steps and self.clock() - self.last_line >= EVERY:
            self.last_line = self.clock()
            self.tell(f"{words}; {duration(self.spent / self.done * (self.steps - self.done))} left")


def duration(seconds: float) -> str:
    """'40 s', '12 min' or '3.5 h'."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
