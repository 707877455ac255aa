"""Vendors both ways: what both systems say is read from the tables, merged field by field, and what either lacks is sent."""
