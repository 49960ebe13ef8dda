"""Many settings beside each other."""
