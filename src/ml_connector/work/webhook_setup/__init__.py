"""Setting webhooks up: Basware's subscriptions through its API, QuickBooks' by telling a person what to do in Intuit's portal."""
