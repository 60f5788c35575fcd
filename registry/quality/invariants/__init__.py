"""One file is one invariant: a query that returns what breaks it, `subject` and `finding`."""
