"""Remedies: derived from the verdict, tried and compared."""
