"""An offline twin of QuickBooks Online, written from the vendor's documents; it knows nothing of ml_connector."""

from twins.quickbooks.faults import FaultError
from twins.quickbooks.switches import Switches
from twins.quickbooks.twin import QuickBooksTwin

__all__ = ["FaultError", "QuickBooksTwin", "Switches"]
