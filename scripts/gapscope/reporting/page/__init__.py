"""The page: figures, tables and formulas in a template."""
