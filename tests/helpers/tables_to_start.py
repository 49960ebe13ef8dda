"""A small table for start.py to look at."""

import numpy as np
import pandas as pd


def table(rows=120, seed=0, **more):
    rng = np.random.default_rng(seed)
    y = rng.integers(3, size=rows)
    columns = {
        "n": (y + rng.normal(size=rows)).round(3),
        "level": rng.choice(list("uvw"), rows),
        "y": np.array(["b", "a", "c"])[y],
    }
    return pd.DataFrame(columns | {name: make(rng, y) for name, make in more.items()})
