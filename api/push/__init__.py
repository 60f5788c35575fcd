"""Webhooks (推送): changes sent to those who subscribed, signed, in order, at least once."""
