"""How amounts, days and instants are written on a page: as people in the company's country write them, in its time zone."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup, escape

from ml_connector.model.money import format_money
from ml_connector.rules.triggers import spell

_DAYS = {"US": "%m/%d/%Y", "CA": "%Y-%m-%d", "DE": "%d.%m.%Y", "AT": "%d.%m.%Y", "CH": "%d.%m.%Y", "FI": "%d.%m.%Y"}
_ELSEWHERE = "%d/%m/%Y"
_NOWHERE = "%Y-%m-%d"
_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds
_SAID_DAY = re.compile(
    r"\b(dated|date|on|through|before|from|until|since|at|touch|of(?= \S+ over ))"
    r" (\d{4}-\d\d-\d\d)(?: (\d\d:\d\d) UTC)?(?![\w-])",
    re.IGNORECASE,
)
"""A day in a sentence of ours. A number may look like one, so it counts only after a word that a day follows."""
_FIRST_DAY = re.compile(r"^\d{4}-\d\d-\d\d(?=: )")
"""A day that a sentence explains."""
_KINDS = {"JournalEntry": "Journal entry", "VendorCredit": "Vendor credit", "PurchaseOrder": "Purchase order"}
_KIND = re.compile(rf"\b({'|'.join(_KINDS)})\b")
"""QuickBooks' names of transactions, which stand in sentences as they stand in its answers."""
_SUMS = {"grossSum": "gross total", "netSum": "net total", "taxSum": "tax total"}
_FIELD = re.compile(
    rf"\b(?:{'|'.join(_SUMS)}|(?:account|company|costCenter|businessUnit|paymentTerm|tax|supplier|project|product)Code"
    r"|matchedQuantity|referenceNumber|contractNumber)\b(?!=)"
)
"""What Basware's interface calls the fields that sentences speak of. Before `=` it is a condition, as people write conditions."""
_WORD_IN_FIELD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLAIN_AMOUNT = re.compile(r"(?<![\w.,-])(\d{4,}\.\d\d)(?= [A-Z]{3}\b)")
"""An amount with its currency and without separators, as sentences of the rules have it."""
_COMMAND = re.compile(r"`([^`]+)`")
_EXACT = re.compile(r"\b(?:HTTP \d{3}|intuit_tid|request id)\b")
"""What only the vendor's own support asks for."""


class Formats(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is QuickBooks' code of the company's country, empty where it is not known. Without one of two letters days are
    written as ISO 8601. `zone_told`: moments name their zone, where the page is of no company whose zone it could be."""

    country: str = ""
    time_zone: str = "UTC"
    zone_told: bool = False

    @property
    def _pattern(self) -> str:
        return _DAYS.get(self.country, _ELSEWHERE) if len(self.country) == 2 else _NOWHERE

    def day(self, value: date | str | None) -> str:
        """A day; of an instant the day in the company's time zone. Texts are days as ISO 8601; nothing is written for nothing."""
        if not value:
            return ""
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value[:10])
            except ValueError:
                return str(value)
        if isinstance(value, datetime):
            value = value.astimezone(ZoneInfo(self.time_zone))
        return value.strftime(self._pattern)

    @staticmethod
    def month(value: date | str) -> str:
        """A month by its name, which every country here reads alike: "November 2026". Texts are months as ISO 8601."""
        first = value if isinstance(value, date) else date.fromisoformat(f"{value}-01")
        return f"{first:%B %Y}"

    def read_day(self, text: str) -> date | None:
        """The day that a person wrote, as the company writes days or as ISO 8601; None for anything else."""
        for pattern in (self._pattern, _NOWHERE):
            try:
                return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
        return None

    def moment(self, value: datetime | None) -> str:
        """A day with the time of day, in the company's time zone."""
        if value is None:
            return ""
        local = value.astimezone(ZoneInfo(self.time_zone))
        return local.strftime(f"{self._pattern} %H:%M{' %Z' if self.zone_told else ''}")

    def sentence(self, text: str) -> Markup:
        """A sentence of ours for a page: days, instants and amounts in it as the company writes them, transactions and fields as
        people call them, what stands in backticks as code."""
        text = _FIRST_DAY.sub(lambda found: self.day(found[0]), text)
        said = _SAID_DAY.sub(lambda found: f"{found[1]} {self._said(found[2], found[3])}", text)
        pieces = _COMMAND.split(said)
        return Markup("").join(
            Markup("<code>{}</code>").format(piece) if number % 2 else escape(_worded(piece))
            for number, piece in enumerate(pieces)
        )

    @staticmethod
    def parted(text: str) -> tuple[str, str]:
        """What a problem says to people, and its exact detail out of the brackets at its end, empty where there is none."""
        depth = 0
        for at in range(len(text) - 1, 0, -1):
            depth += (text[at] == ")") - (text[at] == "(")
            if depth == 0:
                detail = text[at + 1 : -1]
                return (text[:at].rstrip(), detail) if _EXACT.search(detail) else (text, "")
        return text, ""

    def _said(self, day: str, time: str | None) -> str:
        try:
            return self.moment(datetime.fromisoformat(f"{day}T{time}+00:00")) if time else self.day(day)
        except ValueError:
            return f"{day} {time} UTC"

    @staticmethod
    def span(seconds: float) -> str:
        """How long, in its two largest units: "4 minutes", "3 hours and 10 minutes"; "less than a minute"."""
        if seconds < _MINUTE:
            return "less than a minute"
        exact = _HOUR if seconds >= _DAY else _MINUTE
        return spell(timedelta(seconds=seconds // exact * exact))

    @staticmethod
    def money(amount: Decimal | None, currency: str) -> str:
        """An amount with separators and its currency; nothing for nothing."""
        return "" if amount is None else format_money(amount, currency)


def _worded(text: str) -> str:
    """Transactions and Basware's fields as people call them, amounts with separators."""
    text = _KIND.sub(lambda found: _KINDS[found[0]], text)
    text = _PLAIN_AMOUNT.sub(lambda found: f"{Decimal(found[1]):,}", text)
    return _FIELD.sub(_field, text)


def _field(found: re.Match[str]) -> str:
    words = _SUMS.get(found[0]) or _WORD_IN_FIELD.sub(" ", found[0]).lower()
    return words.capitalize() if found.start() == 0 else words
