"""The page: figures, tables and formulas put into the template."""
