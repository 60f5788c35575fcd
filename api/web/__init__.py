"""The registry's pages for people: pure rendering, no routes, no database."""
