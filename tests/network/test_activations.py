"""Activation functions against independent forms, which autograd derives."""

import warnings

import numpy as np
import pytest
from autograd import elementwise_grad

from activation_forms import FAR_OUT, FORMS
from gapscope.config.defaults import SCHEMA
from gapscope.network.activations import ACTIVATIONS

Z = np.array([-3.0, -0.7, -1e-3, 1e-3, 0.2, 1.5, 8.0])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_functions_and_derivatives_against_independent_ones(name):
    own, form = ACTIVATIONS[name], FORMS[name].function
    a = own.function(Z)
    np.testing.assert_allclose(a, form(Z), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(own.derivative(Z, a), elementwise_grad(form)(Z), rtol=1e-12, atol=1e-15)


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
