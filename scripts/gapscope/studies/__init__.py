"""Studies beside the main path, each with its own plots and page section."""
