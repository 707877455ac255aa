"""Everything that knows how QuickBooks Online talks: signing in, calls and their limits, refusals, and the shapes of its records.

Knows the model and nothing else of this product. Written from Intuit's public API reference.
"""
