"""Who follows the feed: webhooks, deliveries and acknowledgements (订阅)."""
