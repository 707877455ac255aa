"""What Basware is to hold of QuickBooks' lists, in the terms of the business, and what is known about codes there.

How such a record is written for Basware is told in `basware/`, which code a record gets in `flows/`.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.model.mapping import Dimension


class Kind(StrEnum):
    """A list of QuickBooks, by the name accountants use; a record is called `Account 42`."""

    ACCOUNT = "Account"
    LOCATION = "Location"
    CLASS = "Class"
    CUSTOMER = "Customer"
    EMPLOYEE = "Employee"
    TERM = "Term"
    TAX_CODE = "Tax code"


DIMENSION_OF: dict[Kind, Dimension] = {
    Kind.ACCOUNT: Dimension.ACCOUNT,
    Kind.LOCATION: Dimension.LOCATION,
    Kind.CLASS: Dimension.CLASS,
    Kind.CUSTOMER: Dimension.CUSTOMER,
    Kind.TERM: Dimension.TERM,
    Kind.TAX_CODE: Dimension.TAX_CODE,
}
"""What the code of a record decides on an invoice; employees decide nothing."""

CODE_LIMIT, EXTERNAL_CODE_LIMIT, PROJECT_NAME_LIMIT, NAME_LIMIT, SHORTEST_NAME = 25, 36, 100, 2000, 2
"""Characters (Basware P2P specification: accountCode and the like, externalCode, projectName, translation)."""


class Choice(StrEnum):
    """What a person decided about a record: nothing, give it to Basware in any case, or never."""

    BY_RULE = "by rule"
    GIVE = "give"
    LEAVE_OUT = "leave out"


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The code a QuickBooks record has in Basware, for good. Both codes are empty while it has none and a person only chose."""

    quickbooks_id: str
    code: str = ""
    external_code: str = ""
    choice: Choice = Choice.BY_RULE


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A record that Basware's interface shows, whoever gave it. `here`: it belongs to the connection's companies, or to none in
    particular; `active` in any of them."""

    external_code: str
    code: str
    name: str
    active: bool
    here: bool = True


class MasterRecord(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What all records share. An inactive one can no longer be chosen in Basware."""

    external_code: str
    code: str
    name: str
    active: bool


class AccountRecord(MasterRecord, frozen=True, kw_only=True):
    """An account that rows may be coded with."""


class CostCenterRecord(MasterRecord, frozen=True, kw_only=True):
    """A cost centre: QuickBooks' location."""


class ProjectRecord(MasterRecord, frozen=True, kw_only=True):
    """A project: QuickBooks' customer or project."""


class ListItem(MasterRecord, frozen=True, kw_only=True):
    """An entry of a generic list. `content` is Basware's word for what such a list holds, such as `BusinessUnit`."""

    content: str


class TaxCodeRecord(MasterRecord, frozen=True, kw_only=True):
    """A tax code. `percent` is 25 for 25 %."""

    percent: Decimal


class TermRecord(MasterRecord, frozen=True, kw_only=True):
    """Payment terms. The due date is the invoice date plus `days`, then the end of that month and of the following ones as often as
    `month_ends` says, then `days_after`. `computed` is False where Basware cannot compute what the terms mean."""

    computed: bool
    days: int = 0
    month_ends: int = 0
    days_after: int = 0
    discount_percent: Decimal | None = None
    discount_days: int = 0


class RateRecord(MasterRecord, frozen=True, kw_only=True):
    """How many units of `to` one unit of `source` is worth from a day on."""

    source: str
    to: str
    rate: Decimal
    valid_from: date


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of one QuickBooks record in Basware: a record to hold there, or why there is none.

    `taken_over`: the code was Basware's already, and this record is kept under it from now on. `why` says how the code came about.
    """

    quickbooks_id: str
    subject: str
    name: str
    external_code: str
    code: str = ""
    record: MasterRecord | None = None
    holds: tuple[Hold, ...] = ()
    taken_over: bool = False
    why: str = ""


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Who may use the records: companies by code, and below them with `inherit`. `language` of names besides en-US, or empty.

    `elsewhere` are companies that another connection of the same Basware has, which says itself who may use what there.
    """

    companies: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()
    language: str = ""
    inherit: bool = True
