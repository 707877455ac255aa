"""Everything that knows Basware's wire: addresses, sign-in, the Purchase-to-Pay calls, faults and translation.

It imports the model and nothing else of the product, and never QuickBooks' package.
"""
