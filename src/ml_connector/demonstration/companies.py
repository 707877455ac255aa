"""The four companies of the showcase as a person would connect them: settings, and what they map by hand.

Names and codes are those of the twins' showcase, which `twins serve --company showcase` sets up; docs/demo.md tells of it.
"""

from datetime import date, timedelta
from typing import Any

import msgspec

from ml_connector.model.mapping import Dimension

D = Dimension


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """One company: what its connection is called, the settings beyond addresses, and the codes that a person maps.

    `codes` are triples of dimension, Basware's code and what QuickBooks calls the record. `time_zone` is where its people sit.
    """

    name: str
    time_zone: str
    basware: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    vendors: dict[str, Any] = {}
    codes: tuple[tuple[Dimension, str, str], ...] = ()


_HELD_LONG = {"answer_fixable_in_basware": "after hold time", "hold_days": 45}
"""So that a visitor finds what waits still waiting; most companies give it back at once."""


def companies(today: date) -> tuple[Company, ...]:
    """The companies in the order in which the twins hold them, connected on a day."""
    return (_calloway(), _thames(), _harbor(today), Company(name="oldmill-books", time_zone="America/Chicago"))


def _calloway() -> Company:
    """Everything switched on: vendors both ways, lists, payments, orders and contracts, the Network, Data Access, images."""
    return Company(
        name="calloway-us",
        time_zone="America/New_York",
        basware={
            "company_codes": ["US10", "US11"],
            "vendors": {"enabled": True},
            "master_data": {"enabled": True},
            "orders": {"enabled": True, "contracts": True},
            "extracts": {"enabled": True},
            "network": {"enabled": True},
            "attachments": {"files": "all"},
        },
        vendors={"to_basware": True, "to_quickbooks": True},
        policy={
            **_HELD_LONG,
            "company_codes": ["US10"],
            "payment_block": "hold",
            "taken_back": "delete",
            "sources": {"item": "productCode", "billable": "text1"},
        },
        codes=(
            (D.ACCOUNT, "6140", "6140"), (D.ACCOUNT, "1100", "1100"), (D.LOCATION, "DEN", "Denver"),
            (D.CLASS, "FOR", "Forensics"), (D.CUSTOMER, "P-2630", "Lakefront Arena"), (D.TERM, "NET10", "Net 10"),
            (D.ITEM, "F-1", "Fax paper"), (D.ITEM, "H-1", "Advisory hours"), (D.ITEM, "C-1", "Desk chair"),
            (D.ITEM, "T-1", "Toner black"), (D.VENDOR, "V-10026", "107"), (D.VENDOR, "V-10048", "112"),
        ),
    )  # fmt: skip


def _thames() -> Company:
    """Value added tax and foreign currencies; one location and one class for a whole bill."""
    return Company(
        name="thames-uk",
        time_zone="Europe/London",
        basware={"company_codes": ["GB20"]},
        policy={
            **_HELD_LONG,
            "several_locations": "hold",
            "empty_location": "hold",
            "empty_class": "hold",
            "taken_back": "reverse",
        },
        codes=(
            (D.VENDOR, "V-10048", "112"), (D.TAX_CODE, "VAT20", "31"), (D.TAX_CODE, "VAT5", "32"), (D.TAX_CODE, "VAT0", "33"),
            (D.TAX_CODE, "VATS", "34"),
        ),
    )  # fmt: skip


def _harbor(today: date) -> Company:
    """A small firm that orders in both systems and accrues what is not approved yet."""
    return Company(
        name="harbor-lane",
        time_zone="America/Los_Angeles",
        basware={
            "company_codes": ["US30"],
            "matching_orders": {"enabled": True},
            "orders": {"enabled": True, "post": True},
        },
        policy={
            **_HELD_LONG,
            "start_date": (today - timedelta(days=60)).isoformat(),
            "us_tax": "own line",
            "unknown_vendor": "create",
            "prebook": "accrue",
            "sources": {"billable": "text1"},
        },
    )
