"""Address text to a registered door: normalise, parse, score, locate."""
