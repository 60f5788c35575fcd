"""Quality (质量): what must hold of the whole registry, asked of all of it at once."""
