"""The published systems, figure by figure."""
