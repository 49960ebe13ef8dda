"""Activation functions against independent forms and difference quotients."""

import warnings

import numpy as np
import pytest

from activation_forms import FAR_OUT, FORMS
from gapscope.config.defaults import SCHEMA
from gapscope.network.activations import ACTIVATIONS

Z = np.array([-3.0, -0.7, -1e-3, 1e-3, 0.2, 1.5, 8.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_functions_against_independent_ones(name):
    np.testing.assert_allclose(ACTIVATIONS[name].function(Z), FORMS[name].function(Z), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivative_against_difference_quotient(name):
    function, derivative = ACTIVATIONS[name].function, ACTIVATIONS[name].derivative
    quotient = (function(Z + 1e-5) - function(Z - 1e-5)) / 2e-5
    np.testing.assert_allclose(derivative(Z, function(Z)), quotient, atol=1e-9)


def test_relu_has_slope_0_at_0():
    zero = np.zeros(2)
    assert ACTIVATIONS["relu"].derivative(zero, zero).tolist() == [0, 0]
    assert ACTIVATIONS["relu"].derivative(zero, zero).dtype == np.float64


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_out_no_warning_and_no_nan(name):
    z = np.array(FAR_OUT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        a = ACTIVATIONS[name].function(z)
        slope = ACTIVATIONS[name].derivative(z, a)
    np.testing.assert_array_equal(a, FORMS[name].values)
    np.testing.assert_array_equal(slope, FORMS[name].slopes)


def test_names_are_the_keys_and_those_of_the_schema():
    assert all(key == activation.name for key, activation in ACTIVATIONS.items())
    assert SCHEMA["$defs"]["activation"]["enum"] == list(ACTIVATIONS) == list(FORMS)
