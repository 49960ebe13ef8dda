"""What causes the gap between validation and test accuracy."""
