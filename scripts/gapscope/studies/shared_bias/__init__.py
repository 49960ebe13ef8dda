"""One bias vector used in two layers."""
