"""Remedies: what follows from the verdict, tried and compared."""
