"""Payments back: how far each document is paid in QuickBooks is worked out from the copies and told to Basware."""
