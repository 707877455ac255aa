"""What a person can do here about each cause. A table of facts: who may do it is said beside it, how it is done in `fixing.py`.

Where only QuickBooks' own pages can do it, such as opening closed books, the way there is shown and the next run looks again.
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
    """Say which vendor of QuickBooks an invoice's is, or that it is new."""
    PAIR = "pair"
    """The same for a vendor that both systems keep."""
    BANK = "bank"
    """Approve or reject new bank details."""
    DUPLICATE = "duplicate"
    """Link to what QuickBooks has under the number, post anyway, or reject."""
    TAKEN_BACK = "taken back"
    """Delete or reverse what was posted, or keep it."""
    DATE = "change date"
    """Have the documents posted on another day."""
    FIRST_OPEN_DAY = "first open day"
    """Let what falls into closed books be posted on the first open day."""
    RULE = "rule"
    """Change what the connection's settings say about such documents."""
    DEFAULT = "default"
    """Say what rows without a code are in QuickBooks."""
    CODE = "code"
    """Say by which code Basware knows a record of QuickBooks."""
    GIVEN_CODE = "given code"
    """A code that two records would have: they are the same, or one gets another code."""
    REACTIVATE = "reactivate"
    """Have an inactive record of QuickBooks made active again.

    It needs the right to map, and not the one to decide: it says what codes may lead to, as creating a vendor does, and changes
    the lists and no document. So whoever releases documents for posting cannot also open what was closed to them, where
    one person is kept from doing both.
    """
    LINK = "link"
    """Look for it in QuickBooks, and link to what is there."""
    POST_ANYWAY = "post anyway"
    """Post it anew, whatever became of what was posted before."""
    LET_GO = "let go"
    """End a person's hold."""
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
    Act.DATE: Right.DECIDE,
    Act.FIRST_OPEN_DAY: Right.ADMINISTER,
    Act.RULE: Right.ADMINISTER,
    Act.DEFAULT: Right.MAP,
    Act.CODE: Right.MAP,
    Act.GIVEN_CODE: Right.MAP,
    Act.REACTIVATE: Right.MAP,
    Act.LINK: Right.DECIDE,
    Act.POST_ANYWAY: Right.DECIDE,
    Act.LET_GO: Right.DECIDE,
    Act.OPEN: Right.VIEW,
    Act.AGAIN: Right.DECIDE,
    Act.REJECT: Right.DECIDE,
    Act.IGNORE: Right.DECIDE,
}
"""What somebody needs to do it."""


WORDS: Mapping[Act, str] = {
    Act.MAP: "say what the code is in QuickBooks: the likely record is offered, any other is found by name or number",
    Act.VENDOR: "say which vendor of QuickBooks it is, or have a new one created",
    Act.PAIR: "say which vendor of QuickBooks it is, or have a new one created",
    Act.BANK: "approve or reject the new bank details",
    Act.DUPLICATE: "link it to what QuickBooks has under the number, or post it anyway",
    Act.TAKEN_BACK: "delete or reverse what was posted, or keep it",
    Act.DATE: "have it posted on another day, for all of them or for those you choose; the first open day is proposed",
    Act.FIRST_OPEN_DAY: "let what falls into closed books be posted on the first open day",
    Act.RULE: "change the rule for this and every later document (administrator)",
    Act.DEFAULT: "say what rows without a code are in QuickBooks",
    Act.CODE: "say by which code Basware knows it",
    Act.GIVEN_CODE: "give it another code, or say that both records are the same",
    Act.REACTIVATE: "have it made active in QuickBooks again, with your reason",
    Act.LINK: "look for it in QuickBooks by number, vendor, amount or date, and link it",
    Act.POST_ANYWAY: "post it anew",
    Act.LET_GO: "release the hold",
    Act.OPEN: "open the very page of QuickBooks where it is put right",
    Act.AGAIN: "have it looked at again with the next run, or at once",
    Act.REJECT: "give the documents back to Basware with your reason",
    Act.IGNORE: "say that they are handled elsewhere",
}
"""Each of them as a person is told it can be done on the card."""


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """What can be done about a cause, the likeliest first. `dimension`: the list a code is to be mapped to. `page`: where in
    QuickBooks it is put right, by the name of `deep_links.LISTS`. `settings`: what of the connection's settings decides about
    it, by dotted name."""

    acts: tuple[Act, ...]
    dimension: Dimension | None = None
    page: str = ""
    settings: tuple[str, ...] = ()


def _mapped(dimension: Dimension, page: str) -> Remedy:
    return Remedy(acts=(Act.MAP, Act.OPEN), dimension=dimension, page=page)


def _inactive(dimension: Dimension, page: str) -> Remedy:
    return Remedy(acts=(Act.REACTIVATE, Act.MAP, Act.OPEN), dimension=dimension, page=page)


def _by_default(dimension: Dimension, page: str, *settings: str) -> Remedy:
    acts = (Act.DEFAULT, *([Act.RULE] if settings else []))
    return Remedy(acts=acts, dimension=dimension, page=page, settings=settings)


def _in_quickbooks(page: str, *settings: str) -> Remedy:
    return Remedy(acts=(Act.OPEN, *([Act.RULE] if settings else [])), page=page, settings=settings)


def _by_rule(*settings: str) -> Remedy:
    return Remedy(acts=(Act.RULE,), settings=settings)


_VENDOR = Remedy(acts=(Act.VENDOR, Act.PAIR, Act.OPEN), dimension=Dimension.VENDOR, page="vendors")
_PAIR = Remedy(acts=(Act.PAIR, Act.OPEN), page="vendors")
_HERE = Remedy(acts=())

_OF_CAUSE: Mapping[Cause, Remedy] = {
    Cause.WRONG_COMPANY: _by_rule("policy.company_codes"),
    Cause.BEFORE_START_DATE: Remedy(acts=(Act.LINK, Act.DATE, Act.RULE), settings=("policy.start_date",)),
    Cause.MISSING_DATE: Remedy(acts=(Act.DATE, Act.RULE), settings=("policy.posting_date",)),
    Cause.TOO_MANY_LINES: _by_rule("policy.too_many_lines", "policy.several_locations"),
    Cause.AMOUNT_PRECISION: _by_rule("policy.rounding_limit", "policy.rounding_account_id"),
    Cause.MIXED_SIGNS: _by_rule("policy.several_locations"),
    Cause.LINES_DIFFER_FROM_TOTAL: _by_rule("policy.rounding_limit", "policy.rounding_account_id"),
    Cause.ACCOUNT_MISSING: _by_default(Dimension.ACCOUNT, "accounts"),
    Cause.ACCOUNT_NOT_MAPPED: _mapped(Dimension.ACCOUNT, "accounts"),
    Cause.ACCOUNT_INACTIVE: _inactive(Dimension.ACCOUNT, "accounts"),
    Cause.ACCOUNT_NOT_POSTABLE: _mapped(Dimension.ACCOUNT, "accounts"),
    Cause.LOCATION_MISSING: _by_default(Dimension.LOCATION, "locations", "policy.empty_location"),
    Cause.LOCATION_NOT_MAPPED: _mapped(Dimension.LOCATION, "locations"),
    Cause.LOCATION_INACTIVE: _inactive(Dimension.LOCATION, "locations"),
    Cause.LOCATION_TRACKING_OFF: _in_quickbooks("settings", "policy.sources.location"),
    Cause.SEVERAL_LOCATIONS: _by_rule("policy.several_locations"),
    Cause.CLASS_MISSING: _by_default(Dimension.CLASS, "classes", "policy.empty_class"),
    Cause.CLASS_NOT_MAPPED: _mapped(Dimension.CLASS, "classes"),
    Cause.CLASS_INACTIVE: _inactive(Dimension.CLASS, "classes"),
    Cause.CLASS_TRACKING_OFF: _in_quickbooks("settings", "policy.sources.class"),
    Cause.SEVERAL_CLASSES: _in_quickbooks("settings"),
    Cause.CUSTOMER_NOT_MAPPED: _mapped(Dimension.CUSTOMER, "customers"),
    Cause.CUSTOMER_INACTIVE: _inactive(Dimension.CUSTOMER, "customers"),
    Cause.ITEM_NOT_MAPPED: _mapped(Dimension.ITEM, "items"),
    Cause.ITEM_INACTIVE: _inactive(Dimension.ITEM, "items"),
    Cause.ITEM_NOT_PURCHASABLE: _mapped(Dimension.ITEM, "items"),
    Cause.ITEM_QUANTITY_MISSING: _by_rule("policy.stock_without_quantity", "policy.sources.quantity"),
    Cause.ITEM_NEEDS_BILL: _by_rule("policy.several_locations"),
    Cause.BILLABLE_UNCLEAR: _by_rule("policy.sources.billable"),
    Cause.BILLABLE_WITHOUT_CUSTOMER: _by_rule("policy.sources.billable"),
    Cause.BILLABLE_SWITCHED_OFF: _in_quickbooks("settings", "policy.sources.billable"),
    Cause.TERM_NOT_MAPPED: _mapped(Dimension.TERM, "terms"),
    Cause.TERM_INACTIVE: _inactive(Dimension.TERM, "terms"),
    Cause.TAX_CODE_MISSING: _by_default(Dimension.TAX_CODE, "taxes"),
    Cause.TAX_CODE_NOT_MAPPED: _mapped(Dimension.TAX_CODE, "taxes"),
    Cause.TAX_CODE_NOT_FOR_PURCHASES: _mapped(Dimension.TAX_CODE, "taxes"),
    Cause.TAX_ACCOUNT_MISSING: _by_rule("policy.tax_account_id", "policy.us_tax"),
    Cause.TAX_DIFFERS: _by_rule("policy.rounding_limit"),
    Cause.VENDOR_UNKNOWN: Remedy(
        acts=(Act.VENDOR, Act.OPEN, Act.RULE),
        dimension=Dimension.VENDOR,
        page="vendors",
        settings=("policy.unknown_vendor",),
    ),
    Cause.VENDOR_AMBIGUOUS: _VENDOR,
    Cause.VENDOR_INACTIVE: msgspec.structs.replace(_VENDOR, acts=(Act.REACTIVATE, *_VENDOR.acts)),
    Cause.VENDOR_NAME_TAKEN: _VENDOR,
    Cause.VENDOR_CURRENCY_DIFFERS: _VENDOR,
    Cause.CURRENCY_NOT_ENABLED: _in_quickbooks("settings"),
    Cause.EXCHANGE_RATE_MISSING: _in_quickbooks("currencies", "policy.rate_source"),
    Cause.PAYABLE_ACCOUNT_MISSING: _by_rule("policy.payable_account_ids"),
    Cause.PERIOD_CLOSED: Remedy(acts=(Act.DATE, Act.OPEN, Act.FIRST_OPEN_DAY), page="settings"),
    Cause.DUPLICATE_NUMBER: Remedy(acts=(Act.DUPLICATE, Act.LINK)),
    Cause.ACCRUAL_ACCOUNT_MISSING: _by_rule("policy.accrual_account_id"),
    Cause.PAYMENT_BLOCKED: _by_rule("policy.payment_block"),
    Cause.CHANGED_AFTER_PAYMENT: _in_quickbooks("bills"),
    Cause.CHANGED_IN_CLOSED_PERIOD: _in_quickbooks("settings"),
    Cause.CHANGED_KIND: Remedy(acts=(Act.OPEN, Act.POST_ANYWAY), page="bills"),
    Cause.POSTED_TRANSACTION_GONE: Remedy(acts=(Act.POST_ANYWAY, Act.LINK)),
    Cause.ON_HOLD: Remedy(acts=(Act.LET_GO,)),
    Cause.TAKEN_BACK: Remedy(acts=(Act.TAKEN_BACK, Act.RULE), settings=("policy.taken_back",)),
    Cause.TAKEN_BACK_PAID: Remedy(acts=(Act.OPEN, Act.TAKEN_BACK), page="bills"),
    Cause.TAKEN_BACK_IN_CLOSED_PERIOD: Remedy(acts=(Act.TAKEN_BACK, Act.OPEN), page="settings"),
    Cause.TAKEN_BACK_NOT_REVERSIBLE: Remedy(acts=(Act.TAKEN_BACK, Act.OPEN), page="bills"),
    Cause.CODE_TAKEN: Remedy(acts=(Act.GIVEN_CODE,)),
    Cause.VENDOR_UNSURE: _PAIR,
    Cause.VENDOR_GONE: _PAIR,
    Cause.VENDOR_TAX_ID_DIFFERS: _in_quickbooks("vendors"),
    Cause.VENDOR_TERM_UNKNOWN: _mapped(Dimension.TERM, "terms"),
    Cause.VENDOR_NOT_TAKEN: _in_quickbooks("vendors"),
    Cause.VENDOR_BANK_CHANGED: Remedy(acts=(Act.BANK,)),
    Cause.ORDER_VENDOR_UNKNOWN: Remedy(acts=(Act.CODE, Act.OPEN), dimension=Dimension.VENDOR, page="vendors"),
    Cause.ORDER_CODE_MISSING: Remedy(acts=(Act.CODE, Act.RULE), settings=("basware.matching_orders.codes_required",)),
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
