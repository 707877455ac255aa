"""The check of a record against QuickBooks' entity catalogue, for tests: `violations(entity, record)`."""

from contract.quickbooks_catalogue import Catalogue, catalogue, violations

__all__ = ["Catalogue", "catalogue", "violations"]
