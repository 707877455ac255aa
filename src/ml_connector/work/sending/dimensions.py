"""The steps that give Basware accounts, dimensions, terms, tax codes and rates of QuickBooks."""

from ml_connector.work.sending.steps import Step

DIMENSION_STEPS: tuple[Step, ...] = ()
"""In the order in which they need each other."""
