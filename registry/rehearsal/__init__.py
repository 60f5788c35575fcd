"""Rehearsal (预演): the registry as a plan would leave it, readable before the day."""
