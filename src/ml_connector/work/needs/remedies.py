"""What a person can do here about each cause. A table of facts: who may do it is said beside it, how it is done in `fixing.py`.

Where neither system lets a program do it (nobody but a person may reactivate a vendor in QuickBooks), the way there is shown and
the next run looks again.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ml_connector.model.holds import OF_RECORDS, OF_TAKEN_BACK, Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import Right


class Act(StrEnum):
    """One thing that can be done about a cause."""

    MAP = "map"
    """Say what a code is in QuickBooks."""
    VENDOR = "vendor"
    """Say which vendor a supplier is, or that it is new."""
    PAIR = "pair"
    """The same for a vendor that both systems keep."""
    BANK = "bank"
    """Approve or reject new bank details."""
    DUPLICATE = "duplicate"
    """Link to what QuickBooks has under the number, post anyway, or reject."""
    TAKEN_BACK = "taken back"
    """Delete or reverse what was posted, or keep it."""
    FIRST_OPEN_DAY = "first open day"
    """Let what falls into closed books be posted on the first open day."""
    OPEN = "open"
    """Put it right in QuickBooks."""
    AGAIN = "again"
    """Look again with the next run, whatever has changed."""
    REJECT = "reject"
    """Give the documents back to Basware, with a reason."""
    IGNORE = "ignore"
    """The documents are handled elsewhere."""


RIGHTS: Mapping[Act, Right] = {
    Act.MAP: Right.MAP,
    Act.VENDOR: Right.MAP,
    Act.PAIR: Right.MAP,
    Act.BANK: Right.DECIDE,
    Act.DUPLICATE: Right.DECIDE,
    Act.TAKEN_BACK: Right.DECIDE,
    Act.FIRST_OPEN_DAY: Right.ADMINISTER,
    Act.OPEN: Right.VIEW,
    Act.AGAIN: Right.DECIDE,
    Act.REJECT: Right.DECIDE,
    Act.IGNORE: Right.DECIDE,
}
"""What somebody needs to do it."""


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about a cause, the likeliest first. `dimension`: the list a code is to be mapped to. `page`: where in
    QuickBooks it is put right, by the name of `deep_links.LISTS`."""

    acts: tuple[Act, ...]
    dimension: Dimension | None = None
    page: str = ""


def _mapped(dimension: Dimension, page: str) -> Remedy:
    return Remedy(acts=(Act.MAP, Act.OPEN), dimension=dimension, page=page)


def _in_quickbooks(page: str) -> Remedy:
    return Remedy(acts=(Act.OPEN,), page=page)


_SUPPLIER = Remedy(acts=(Act.VENDOR, Act.OPEN), dimension=Dimension.VENDOR, page="vendors")
_PAIR = Remedy(acts=(Act.PAIR, Act.OPEN), page="vendors")
_HERE = Remedy(acts=())

_OF_CAUSE: Mapping[Cause, Remedy] = {
    Cause.ACCOUNT_NOT_MAPPED: _mapped(Dimension.ACCOUNT, "accounts"),
    Cause.ACCOUNT_INACTIVE: _mapped(Dimension.ACCOUNT, "accounts"),
    Cause.ACCOUNT_NOT_POSTABLE: _in_quickbooks("accounts"),
    Cause.LOCATION_NOT_MAPPED: _mapped(Dimension.LOCATION, "locations"),
    Cause.LOCATION_INACTIVE: _mapped(Dimension.LOCATION, "locations"),
    Cause.LOCATION_TRACKING_OFF: _in_quickbooks("settings"),
    Cause.CLASS_NOT_MAPPED: _mapped(Dimension.CLASS, "classes"),
    Cause.CLASS_INACTIVE: _mapped(Dimension.CLASS, "classes"),
    Cause.CLASS_TRACKING_OFF: _in_quickbooks("settings"),
    Cause.CUSTOMER_NOT_MAPPED: _mapped(Dimension.CUSTOMER, "customers"),
    Cause.CUSTOMER_INACTIVE: _mapped(Dimension.CUSTOMER, "customers"),
    Cause.ITEM_NOT_MAPPED: _mapped(Dimension.ITEM, "items"),
    Cause.ITEM_INACTIVE: _mapped(Dimension.ITEM, "items"),
    Cause.ITEM_NOT_PURCHASABLE: _in_quickbooks("items"),
    Cause.BILLABLE_SWITCHED_OFF: _in_quickbooks("settings"),
    Cause.TERM_NOT_MAPPED: _mapped(Dimension.TERM, "terms"),
    Cause.TERM_INACTIVE: _mapped(Dimension.TERM, "terms"),
    Cause.TAX_CODE_NOT_MAPPED: _mapped(Dimension.TAX_CODE, "taxes"),
    Cause.TAX_CODE_NOT_FOR_PURCHASES: _mapped(Dimension.TAX_CODE, "taxes"),
    Cause.VENDOR_UNKNOWN: _SUPPLIER,
    Cause.VENDOR_AMBIGUOUS: _SUPPLIER,
    Cause.VENDOR_INACTIVE: _SUPPLIER,
    Cause.VENDOR_NAME_TAKEN: _SUPPLIER,
    Cause.VENDOR_CURRENCY_DIFFERS: _SUPPLIER,
    Cause.CURRENCY_NOT_ENABLED: _in_quickbooks("settings"),
    Cause.EXCHANGE_RATE_MISSING: _in_quickbooks("currencies"),
    Cause.PERIOD_CLOSED: Remedy(acts=(Act.FIRST_OPEN_DAY, Act.OPEN), page="settings"),
    Cause.DUPLICATE_NUMBER: Remedy(acts=(Act.DUPLICATE,)),
    Cause.CHANGED_AFTER_PAYMENT: _in_quickbooks("bills"),
    Cause.CHANGED_IN_CLOSED_PERIOD: _in_quickbooks("settings"),
    Cause.TAKEN_BACK: Remedy(acts=(Act.TAKEN_BACK,)),
    Cause.TAKEN_BACK_PAID: Remedy(acts=(Act.OPEN, Act.TAKEN_BACK), page="bills"),
    Cause.TAKEN_BACK_IN_CLOSED_PERIOD: Remedy(acts=(Act.TAKEN_BACK, Act.OPEN), page="settings"),
    Cause.TAKEN_BACK_NOT_REVERSIBLE: Remedy(acts=(Act.TAKEN_BACK, Act.OPEN), page="bills"),
    Cause.VENDOR_UNSURE: _PAIR,
    Cause.VENDOR_GONE: _PAIR,
    Cause.VENDOR_TAX_ID_DIFFERS: _in_quickbooks("vendors"),
    Cause.VENDOR_TERM_UNKNOWN: _in_quickbooks("terms"),
    Cause.VENDOR_NOT_TAKEN: _in_quickbooks("vendors"),
    Cause.VENDOR_BANK_CHANGED: Remedy(acts=(Act.BANK,)),
    Cause.ORDER_NUMBER_TAKEN: _in_quickbooks("orders"),
    Cause.ORDER_NOT_USABLE: _in_quickbooks("orders"),
}
"""What is particular to a cause; what fits all documents follows in `remedy_of`."""


def remedy_of(cause: Cause) -> Remedy:
    """What can be done about a cause. Every document can besides be looked at again, given back and ignored."""
    own = _OF_CAUSE.get(cause, _HERE)
    if cause is Cause.VENDOR_BANK_CHANGED:
        return own
    more: tuple[Act, ...] = (Act.AGAIN,)
    if cause not in OF_RECORDS | OF_TAKEN_BACK:
        more = (Act.AGAIN, Act.REJECT, Act.IGNORE)
    return msgspec.structs.replace(own, acts=(*own.acts, *more))
