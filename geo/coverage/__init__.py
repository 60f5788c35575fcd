"""Exact coverages: territories of one level that share their edges; what breaks one, what mends it."""
