"""The bound: a step's matrix products alone, as one large product that the BLAS library is best at."""

import numpy as np

from gapscope.benchmark.problem import Problem

BOUND = "matrix products alone"  # the contender's name


class OneProduct:
    """Two square float32 matrices with as many multiplications as the products of one step."""

    def __init__(self, problem: Problem):
        side = round(problem.multiplications ** (1 / 3))
        rng = np.random.default_rng(0)
        self.A, self.B = (rng.standard_normal((side, side), dtype=np.float32) for _ in range(2))
        self.C = np.empty_like(self.A)

    def step(self) -> None:
        np.matmul(self.A, self.B, out=self.C)
