"""Tables: where they come from, cleaning, encoding, splitting."""
