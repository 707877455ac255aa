"""Which documents a caller means, whether asked for in an address or named in a body: the same fields narrow them down."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import msgspec

from ml_connector.console.api.operation import Name, Paged, Text
from ml_connector.rules.calendar import span_of_day
from ml_connector.store.document_search import DocumentFilter
from ml_connector.store.schema import DocumentState

Amount = Annotated[str, msgspec.Meta(pattern=r"^(-?[0-9]{1,12}(\.[0-9]{1,4})?)?$")]
"""An amount in digits, such as 1250.50; empty for any."""


class DocumentQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents: in some states; with a text in their ids, numbers or suppliers, or a whole number or id of QuickBooks; over
    an amount, whatever its sign; that name an order; with a date from a day on or up to one; posted on a day of the company."""

    state: tuple[DocumentState, ...] = ()
    text: Text = ""
    amount: Amount = ""
    order: Text = ""
    since: date | None = None
    until: date | None = None
    posted: date | None = None


class ReleaseAll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is released: everything that waits and fits, if `seen` still stands for it. Filters are those of the documents."""

    seen: Name
    state: tuple[DocumentState, ...] = ()
    text: Text = ""
    amount: Amount = ""
    order: Text = ""
    since: date | None = None
    until: date | None = None
    posted: date | None = None


def wanted_of(asked: DocumentQuery | ReleaseAll, zone: str) -> DocumentFilter:
    """What to look for; days of posting are those of a time zone."""
    return DocumentFilter(
        states=frozenset(asked.state), text=asked.text, amount=amount_of(asked.amount), order=asked.order, since=asked.since,
        until=asked.until, posted=span_of_day(asked.posted, zone) if asked.posted else None,
    )  # fmt: skip


def amount_of(text: str) -> Decimal | None:
    """The amount in digits; None for any."""
    return Decimal(text) if text else None
