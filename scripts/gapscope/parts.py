"""The rows of a stage's inputs, as the networks are fed."""

from gapscope.files import read_array
from gapscope.network.model import Model, test_matrix
from gapscope.network.steps import Part


def part(input, name: str) -> Part:
    """The training or the validation part."""
    return Part(read_array(input[f"{name}_X"]), read_array(input[f"{name}_y"]))


def part_of_test(input, trained: Model, test_eval: dict) -> Part | None:
    """The test rows as evaluation hands them to `trained`: None without a test set, classes None where not known."""
    if not input.get("test_X"):
        return None
    y = read_array(input.test_y) if input.get("test_y") else None
    return Part(test_matrix(trained, read_array(input.test_X), test_eval), y)
