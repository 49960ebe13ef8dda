"""Tables: source, reading, cleaning, encoding, splitting."""
