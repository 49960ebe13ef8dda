"""Additional studies, with their plots and page sections."""
