"""Reproduction of the published systems."""
