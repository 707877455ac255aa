"""A vendor as far as both systems keep it: the fields they share, each as text in one common form, and when they changed last.

Neither system's names or limits appear here; `quickbooks/` and `basware/` translate, `rules/vendor_merge.py` decides.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

NAME, ACTIVE, EMAIL, PHONE, WEBSITE = "name", "active", "email", "phone", "website"
ADDRESS, TERM, CURRENCY, TAX_ID = "address", "term", "currency", "tax_id"

FIELDS = (NAME, ACTIVE, EMAIL, PHONE, WEBSITE, ADDRESS, TERM, CURRENCY, TAX_ID)
"""Everything of a vendor that both systems have. An address is one field: half of one and half of another would be no address."""

YES, NO = "true", "false"

Values = Mapping[str, str]
"""Fields by name. Empty text: the side has none. A field that is not there: the side cannot say."""


class Side(StrEnum):
    """Where a value was written."""

    QUICKBOOKS = "QuickBooks"
    BASWARE = "Basware"


class Stamped(msgspec.Struct, frozen=True, kw_only=True):
    """A value with the moment at which it was written, in UTC by our own clock, and where."""

    value: str
    at: datetime
    side: Side


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A postal address. `street` is everything above the city, its lines joined with commas."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""

    def text(self) -> str:
        """The address as the value of a field; empty when nothing is known of it."""
        parts = (self.street, self.city, self.region, self.postal_code, self.country)
        tidy = [" ".join(part.split()) for part in parts]
        return "\n".join(tidy) if any(tidy) else ""

    @classmethod
    def of(cls, text: str) -> "Address":
        """The address a field says."""
        street, city, region, postal_code, country = (*text.split("\n"), "", "", "", "")[:5]
        return cls(street=street, city=city, region=region, postal_code=postal_code, country=country)


class VendorNow(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor as one system has it now. `key` is that system's own: QuickBooks' id, Basware's external code (empty where a person
    typed the vendor into Basware's screens). `code` is QuickBooks' vendor number, Basware's vendor code."""

    key: str
    code: str = ""
    values: dict[str, str] = {}
    at: datetime
    tax_tail: str = ""
    """The last characters of a tax id that is shown masked."""
    account: str = ""
    """Our account number at the vendor, where a side keeps one."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.values.get(NAME, "")

    @property
    def active(self) -> bool:
        """Whether it is in use."""
        return self.values.get(ACTIVE, YES) == YES
