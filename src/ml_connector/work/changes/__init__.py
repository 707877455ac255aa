"""Keeping copies of what is in QuickBooks: notices read in bulk, changes caught up with, everything compared when need be."""
