"""Codes on door plates: what a symbol says, and the symbol as a picture."""
