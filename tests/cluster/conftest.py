"""Runs of the workflow are those of tests/workflow."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "workflow"))
