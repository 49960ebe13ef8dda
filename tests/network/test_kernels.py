"""The block form's activations against the plain ones, and the bits that the relu mask lets through."""

import numpy as np
import pytest

from gapscope.network.activations import ACTIVATIONS
from gapscope.network.kernels import KERNELS


def kept(kernel, z):
    """m and what waits in scratch."""
    m, scratch = (kernel.gamma * z).astype(z.dtype), np.empty_like(z)
    kernel.keep(m, np.zeros_like(z), scratch)
    return m, scratch


def passed(kernel, g, m, scratch):
    g = g.copy()
    kernel.through(g, m, scratch)
    return g


@pytest.fixture(params=["float32", "float64"])
def z(request) -> np.ndarray:
    """Ordinary values, both zeros, the smallest and the largest numbers, infinities."""
    tiny, big = np.finfo(request.param).smallest_subnormal, np.finfo(request.param).max
    edges = [0.0, -0.0, tiny, -tiny, 1e-20, -1e-20, 30.0, -30.0, big, -big, np.inf, -np.inf]
    with np.errstate(under="ignore"):
        return np.array([*np.linspace(-4, 4, 101), *edges], request.param)


def test_every_activation_has_a_kernel():
    assert KERNELS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", KERNELS)
def test_kernel_gives_the_activation_and_its_derivative(name, z):
    kernel, activation, dtype = KERNELS[name], ACTIVATIONS[name], z.dtype
    z = z[np.isfinite(z)] if name == "gelu" else z  # -infinity times 0 share is NaN in either form
    with np.errstate(all="ignore"):
        (m, scratch), rounding = kept(kernel, z), 4 * np.finfo(dtype).eps
    a = activation.function(z.astype(float))
    np.testing.assert_allclose(kernel.alpha + kernel.beta * m, a, rtol=rounding, atol=rounding)
    slope = kernel.beta * kernel.gamma * passed(kernel, np.ones_like(z), m, scratch)
    np.testing.assert_allclose(slope, activation.derivative(z.astype(float), a), rtol=0, atol=rounding)
    assert m.dtype == slope.dtype == dtype


def test_relu_passes_bits_unchanged_or_a_zero(z):
    """Also those of -0, of NaN and of infinity."""
    kernel = KERNELS["relu"]
    for value in (1 + np.finfo(z.dtype).eps, -0.0, -2e-30, np.inf, np.nan, -np.nan):
        g = np.full_like(z, value)
        expected = np.where(z > 0, g, 0.0).astype(z.dtype)
        assert passed(kernel, g, *kept(kernel, z)).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", KERNELS)
def test_nan_is_kept(name):
    for value in (np.nan, -np.nan):
        assert np.isnan(kept(KERNELS[name], np.full(37, value))[0]).all()


def test_relu_at_zero_keeps_no_sign():
    """-0 would pass for an active unit."""
    for dtype in ("float32", "float64"):
        for size in range(1, 70):
            n = np.full(size, -0.0, dtype)
            KERNELS["relu"].keep(n, np.zeros_like(n), np.empty_like(n))
            assert not np.signbit(n).any()
