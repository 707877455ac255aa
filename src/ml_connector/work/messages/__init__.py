"""Telling people outside the console: of alerts, of new causes, and once a day how the books stand."""
