"""Routes: parse, call one verb, commit, answer."""
