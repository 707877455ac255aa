"""What a person looks for among documents, as it stands in the address of a list."""

from datetime import date
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from ml_connector.rules.calendar import span_of_day
from ml_connector.store.document_search import DocumentFilter, Order
from ml_connector.store.schema import DocumentState

LONGEST = 200
"""Characters of what is looked for; nothing that is found has longer names."""


class Search:
    """What a person looks for, as it stands in the address. What cannot be read as an amount or a day finds nothing."""

    def __init__(self, given: QueryParams) -> None:
        self.text, self.amount, self.order = (
            given.get(name, "").strip()[:LONGEST] for name in ("text", "amount", "order")
        )
        self.since, self.until, self.posted = (given.get(name, "") for name in ("since", "until", "posted"))
        self.order_by = given.get("sort", "") if given.get("sort", "") in set(Order) else ""
        self.states = [one for one in given.getlist("state") if one]
        typed = (("amount", self.amount), ("since", self.since), ("until", self.until), ("posted", self.posted))
        self.unreadable = [name for name, value in typed if value and self._read(name, value) is None]

    @staticmethod
    def _read(name: str, value: str) -> date | Decimal | None:
        try:
            return date.fromisoformat(value) if name != "amount" else amount_of(value)
        except ValueError:
            return None

    def filter(self, zone: str) -> DocumentFilter:
        """The same for the store; days of posting are those of a time zone."""
        amount, since, until, posted = (
            self._read(name, value)
            for name, value in (
                ("amount", self.amount), ("since", self.since), ("until", self.until), ("posted", self.posted)
            )
        )  # fmt: skip
        return DocumentFilter(
            states=frozenset(DocumentState(one) for one in self.states if one in set(DocumentState)),
            text=self.text,
            amount=amount if isinstance(amount, Decimal) else None,
            order=self.order,
            since=since if isinstance(since, date) else None,
            until=until if isinstance(until, date) else None,
            posted=span_of_day(posted, zone) if isinstance(posted, date) else None,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for: then every document fits."""
        return not (self.text or self.states or self.amount or self.order or self.since or self.until or self.posted)

    def address(self, **more: object) -> str:
        """The query of an address with this search."""
        named = {
            "text": self.text,
            "amount": self.amount,
            "order": self.order,
            "since": self.since,
            "until": self.until,
            "posted": self.posted,
            "sort": self.order_by,
        }
        pairs = [(name, value) for name, value in named.items() if value]
        pairs += [("state", one) for one in self.states] + [(name, str(value)) for name, value in more.items()]
        return "?" + urlencode(pairs)


def _amount(text: str) -> Decimal:
    """An amount as people type it, with separators or without; the last point or comma before two digits is the decimal one."""
    digits = text.replace(" ", "").replace("\u202f", "").replace("'", "")
    if "," in digits and ("." not in digits or digits.rindex(",") > digits.rindex(".")):
        whole, _, cents = digits.rpartition(",")
        digits = f"{whole.replace('.', '').replace(',', '')}.{cents}" if len(cents) != 3 else digits.replace(",", "")
    else:
        digits = digits.replace(",", "")
    found = Decimal(digits)
    if not found.is_finite():
        raise ValueError(text)
    return found


def amount_of(text: str) -> Decimal | None:
    """The amount that a text is, if it is one."""
    try:
        return _amount(text)
    except (ValueError, InvalidOperation):
        return None
