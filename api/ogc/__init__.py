"""OGC API (Features, Tiles) over the registry: what is said by the letter of those standards."""
