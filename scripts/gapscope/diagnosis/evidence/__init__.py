"""The figures that the verdict rests on."""
