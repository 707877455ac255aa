"""What each QuickBooks refusal means to the people who keep the books, and what we do about it. Data only.

Source of the codes: Intuit, "QuickBooks Online API error codes" and "Fix common errors". 2410 is missing from those pages,
but the service answers with it when a transaction in a foreign currency has no exchange rate.
"""

from enum import StrEnum

import msgspec

from ml_connector.model.holds import Who


class Action(StrEnum):
    """What we do next about a refusal."""

    RETRY = "retry"
    """The service broke down on the way: send the identical request with the same request id again."""
    WAIT = "wait"
    """Nothing was done; the same request is fine later."""
    REAUTHORIZE = "reauthorize"
    """A person must sign in to QuickBooks again."""
    FIX_DATA = "fix data"
    """This transaction or record must change before it is accepted."""
    FIX_SETUP = "fix set-up"
    """A mapping, a preference or the subscription must change; other documents are concerned as well."""
    REFRESH_LISTS = "refresh lists"
    """Our copy of the company's lists is behind: read them again, then plan again."""
    REREAD = "reread"
    """The record changed meanwhile: read it, merge, send again."""
    LOOK_UP = "look up"
    """What we wanted to write may exist already: find it before anything else."""
    BUG = "bug"
    """The request was built wrongly; sending it again cannot help."""


class Rule(msgspec.Struct, frozen=True):
    """What to do about a code, who can do it, and a sentence an accountant understands."""

    action: Action
    who: Who
    sentence: str


_SIGN_IN = (
    "QuickBooks no longer accepts our sign-in for this company; an administrator of the company must connect it again."
)
_OUR_FAULT = (
    "QuickBooks did not understand the request; this is a fault of the connector, please report it with the reference."
)
_BAD_VALUE = "QuickBooks refused a value of this record because of its form."
_UPLOAD = "QuickBooks refused the attached file."
_TAX = "The tax code of a line cannot be used here; check the tax mapping."
_PARENT = "The record's parent in the list is wrong or its levels are nested too deep."
_SETTLED = "The transaction is matched, deposited or settled in QuickBooks and can no longer be changed from outside."

RULES: dict[str, Rule] = {
    # Sign-in and access
    "100": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "110": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "120": Rule(
        Action.REAUTHORIZE,
        Who.ADMINISTRATOR,
        "The person who connected QuickBooks lost access to the company; another of its administrators must connect it.",
    ),
    "130": Rule(Action.WAIT, Who.NOBODY, "QuickBooks is moving this company to another server; we try again."),
    "140": Rule(Action.WAIT, Who.NOBODY, "QuickBooks has locked the company for the moment; we try again."),
    "150": Rule(Action.WAIT, Who.NOBODY, "QuickBooks is maintaining this company; we try again."),
    "3001": Rule(
        Action.WAIT, Who.NOBODY, "QuickBooks received too many requests for this company; we go on in a minute."
    ),
    "3100": Rule(
        Action.REAUTHORIZE,
        Who.ADMINISTRATOR,
        "Our permission does not fit this QuickBooks company, or was withdrawn; connect the company again, "
        "and check that a test company is not addressed as a live one.",
    ),
    "3200": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "AuthenticationFailed": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "AuthorizationFailed": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "invalid_grant": Rule(Action.REAUTHORIZE, Who.ADMINISTRATOR, _SIGN_IN),
    "invalid_client": Rule(
        Action.FIX_SETUP,
        Who.ADMINISTRATOR,
        "Intuit does not accept the app's client id and secret; check them in the settings.",
    ),
    "invalid_request": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "5020": Rule(
        Action.FIX_SETUP,
        Who.ADMINISTRATOR,
        "The person who connected QuickBooks may not do this; give them the right.",
    ),
    "5030": Rule(Action.FIX_SETUP, Who.ADMINISTRATOR, "The company's QuickBooks edition does not have this feature."),
    "6190": Rule(
        Action.FIX_SETUP,
        Who.ADMINISTRATOR,
        "The QuickBooks subscription has ended or is unpaid, so the company can only be read; renew it and posting goes on.",
    ),
    # How requests are built
    "500": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "600": Rule(Action.LOOK_UP, Who.NOBODY, "QuickBooks has seen this request before; we look up what became of it."),
    "1040": Rule(
        Action.BUG, Who.ADMINISTRATOR, "More records were sent at once than QuickBooks takes; please report it."
    ),
    "2000": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "2010": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "2030": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "2130": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "4000": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "4001": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    "4002": Rule(Action.BUG, Who.ADMINISTRATOR, _OUR_FAULT),
    # Values
    "2020": Rule(Action.FIX_DATA, Who.AP_TEAM, "A value that QuickBooks requires is missing."),
    "2040": Rule(Action.FIX_DATA, Who.AP_TEAM, "A text has characters that this QuickBooks company does not accept."),
    "2050": Rule(Action.FIX_DATA, Who.AP_TEAM, "A text is longer than QuickBooks allows."),
    "2170": Rule(Action.FIX_DATA, Who.AP_TEAM, "A choice field has a value that QuickBooks does not know."),
    "2200": Rule(Action.FIX_DATA, Who.AP_TEAM, "A web or mail address is not well formed."),
    "2210": Rule(Action.FIX_DATA, Who.AP_TEAM, "A web or mail address is not well formed."),
    "2220": Rule(Action.FIX_DATA, Who.AP_TEAM, "QuickBooks does not know the currency."),
    "2230": Rule(Action.FIX_DATA, Who.AP_TEAM, _BAD_VALUE),
    "2240": Rule(Action.FIX_DATA, Who.AP_TEAM, _BAD_VALUE),
    "2250": Rule(Action.FIX_DATA, Who.AP_TEAM, "The transaction has no lines."),
    "2260": Rule(Action.BUG, Who.ADMINISTRATOR, "A journal line says neither debit nor credit; please report it."),
    "2270": Rule(
        Action.FIX_DATA,
        Who.MAPPER,
        "A journal line's tax code does not say whether it is sales or purchase tax.",
    ),
    "2280": Rule(Action.FIX_DATA, Who.MAPPER, "A journal line has a tax code but no tax amount."),
    "2290": Rule(
        Action.FIX_DATA, Who.AP_TEAM, "A line has a negative amount where QuickBooks takes only positive ones."
    ),
    "2300": Rule(Action.FIX_DATA, Who.AP_TEAM, "Debits and credits of the journal entry are not equal."),
    "2410": Rule(Action.FIX_DATA, Who.AP_TEAM, "A transaction in a foreign currency needs an exchange rate."),
    # References to lists and other transactions
    "610": Rule(
        Action.REFRESH_LISTS,
        Who.MAPPER,
        "An account, vendor, customer, class or location of this transaction was made inactive in QuickBooks.",
    ),
    "620": Rule(Action.FIX_DATA, Who.ACCOUNTANT, "The transaction cannot be linked to the other one."),
    "700": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _PARENT),
    "800": Rule(Action.FIX_DATA, Who.ACCOUNTANT, "The record cannot be deleted because others depend on it."),
    "900": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _PARENT),
    "2500": Rule(
        Action.REFRESH_LISTS, Who.MAPPER, "The transaction names a record that QuickBooks does not have (any more)."
    ),
    "5010": Rule(Action.REREAD, Who.NOBODY, "Somebody changed this record in QuickBooks meanwhile; we read it again."),
    # Business rules
    "6000": Rule(
        Action.FIX_DATA,
        Who.ACCOUNTANT,
        "One of QuickBooks' business rules forbids this; its own words say which.",
    ),
    "6010": Rule(
        Action.FIX_SETUP, Who.MAPPER, "The account's type is missing or does not fit this use; check the mapping."
    ),
    "6020": Rule(Action.BUG, Who.ADMINISTRATOR, _UPLOAD),
    "6030": Rule(Action.FIX_DATA, Who.AP_TEAM, "The attached file is larger than QuickBooks takes."),
    "6040": Rule(Action.BUG, Who.ADMINISTRATOR, _UPLOAD),
    "6041": Rule(Action.FIX_DATA, Who.AP_TEAM, _UPLOAD),
    "6050": Rule(Action.BUG, Who.ADMINISTRATOR, _UPLOAD),
    "6070": Rule(Action.FIX_DATA, Who.AP_TEAM, "The amount of a line is not its quantity times its unit price."),
    "6080": Rule(Action.FIX_DATA, Who.AP_TEAM, "A vendor needs a display name."),
    "6100": Rule(Action.FIX_SETUP, Who.MAPPER, _TAX),
    "6140": Rule(
        Action.LOOK_UP,
        Who.ACCOUNTANT,
        "QuickBooks has a transaction with this number; we look whether it is this document.",
    ),
    "6150": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _PARENT),
    "6160": Rule(Action.FIX_SETUP, Who.MAPPER, _TAX),
    "6170": Rule(Action.FIX_SETUP, Who.MAPPER, _TAX),
    "6180": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _PARENT),
    "6200": Rule(Action.FIX_DATA, Who.ACCOUNTANT, "The books are closed for the transaction's date."),
    "6210": Rule(Action.FIX_DATA, Who.ACCOUNTANT, "The books are closed with a password for the transaction's date."),
    "6220": Rule(Action.FIX_DATA, Who.ACCOUNTANT, "The record cannot be deleted because it has a balance."),
    "6240": Rule(
        Action.LOOK_UP, Who.ACCOUNTANT, "A vendor, customer or employee with this name exists already in QuickBooks."
    ),
    "6310": Rule(Action.FIX_DATA, Who.MAPPER, "A billable line needs a customer."),
    "6320": Rule(Action.FIX_DATA, Who.MAPPER, "The billable status of a line is not allowed."),
    "6430": Rule(Action.FIX_SETUP, Who.MAPPER, "The account's type does not fit this use; check the mapping."),
    "6440": Rule(Action.FIX_DATA, Who.MAPPER, "A line with an amount has no account."),
    "6450": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _SETTLED),
    "6470": Rule(Action.FIX_SETUP, Who.MAPPER, _TAX),
    "6480": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _SETTLED),
    "6540": Rule(Action.FIX_DATA, Who.ACCOUNTANT, _SETTLED),
    # The service itself
    "10000": Rule(
        Action.RETRY, Who.NOBODY, "QuickBooks had an internal error; we make sure of the result and try again."
    ),
    "10100": Rule(Action.BUG, Who.ADMINISTRATOR, "QuickBooks' answer would be too large; please report it."),
    "10200": Rule(
        Action.FIX_SETUP,
        Who.ADMINISTRATOR,
        "The QuickBooks company was reset, so everything must be read anew; connect it again.",
    ),
}

VALUE_RULE = Rule(Action.FIX_DATA, Who.AP_TEAM, _BAD_VALUE)
"""For 2060 to 2190 without a line of their own: dates, numbers and ranges that are not well formed."""

DELETED_RULE = Rule(Action.REREAD, Who.ACCOUNTANT, "Somebody deleted this transaction in QuickBooks.")
"""For a 610 that speaks of a deleted transaction, not of an inactive list record."""

NO_FAULT_RULE = Rule(
    Action.BUG, Who.ADMINISTRATOR, "Intuit refused the call without a reason; please report it with the reference."
)
"""For refusals without any code, such as a web page from Intuit's gateway."""

UNKNOWN_RULE = Rule(
    Action.FIX_DATA,
    Who.ACCOUNTANT,
    "QuickBooks refused this for a reason we do not know; its own words are shown.",
)
"""For codes nobody has documented: nothing is repeated, a person reads QuickBooks' own words."""
