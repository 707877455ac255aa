"""How a connection keeps vendors in step. Writing is off on both sides until a person switches it on."""

from typing import Annotated

import msgspec

from ml_connector.basware.vendor_bodies import VendorShape
from ml_connector.rules.vendor_names import TakenName


class VendorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Vendors both ways. Needs `basware.vendors.enabled`, for what Basware has, and `basware.master_data.enabled`, for the job."""

    to_basware: bool = False
    """Whether QuickBooks' vendors are given to Basware and kept up to date there."""
    to_quickbooks: bool = False
    """Whether Basware's vendors are created in QuickBooks and kept up to date there."""
    taken_name: TakenName = TakenName.HOLD
    """What happens to a vendor whose name a customer, an employee or another vendor of QuickBooks has."""
    tax_scheme: Annotated[str, msgspec.Meta(min_length=1, max_length=32)] = "TaxId"
    """The kind of identifier, as set up in Basware, that is the vendor's tax id."""
    payment_means: Annotated[str, msgspec.Meta(min_length=1, max_length=25)] = "Check"
    """The payment means of vendors that are new in Basware; it carries the vendor's currency."""
    clock_tolerance: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 5.0
    """Seconds within which nobody can say which of two changes came later, since clocks differ: QuickBooks' stands then."""

    @property
    def enabled(self) -> bool:
        """Whether vendors are kept in step in any direction."""
        return self.to_basware or self.to_quickbooks

    def shape(self, companies: tuple[str, ...]) -> VendorShape:
        """What Basware has to be told about every vendor."""
        return VendorShape(companies=companies, tax_scheme=self.tax_scheme, payment_means=self.payment_means)
