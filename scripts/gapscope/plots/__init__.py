"""Plot functions: data in, a matplotlib Figure out."""
