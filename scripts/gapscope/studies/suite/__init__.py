"""Known defects against the diagnosis."""
