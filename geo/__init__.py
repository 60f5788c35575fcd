"""Pure computation on coordinates and address text."""
