"""Settings: read, checked, and selected for each stage."""
