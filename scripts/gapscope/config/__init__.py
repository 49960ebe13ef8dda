"""Settings: read, checked, and cut into what each stage gets."""
