"""Vendor credits and the bills they name: noticing them when they are posted, using them up, and what became of it."""
