"""The words of messages: an alert, a new cause, the day's digest, each with what to do and a link to the console.

Pure; reads no tables. Nothing here holds a secret: messages leave the house.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec

from ml_connector.model.holds import Hold
from ml_connector.model.money import format_money
from ml_connector.rules.causes import describe
from ml_connector.store.alerts import AlertRow
from ml_connector.store.schema import Severity

_MOST = 10


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The company a message is about. `address` is where its console is, empty where nobody said."""

    connection: str
    company: str = ""
    zone: str = "UTC"
    address: str = ""

    @property
    def name(self) -> str:
        """The company as people know it."""
        return self.company or self.connection

    def link(self, screen: str) -> str:
        """A line that leads to a screen of the console."""
        if not self.address:
            return f"Look at it in the console, or with `ml-connector status {self.connection}`."
        return f"{self.address}/c/{quote(self.connection)}/{screen}"

    def moment(self, at: datetime) -> str:
        """A moment on the company's own clock."""
        return at.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")


class HeldBy(msgspec.Struct, frozen=True, kw_only=True):
    """One cause and what it holds: how many documents, what they come to by currency, since when the oldest waits."""

    hold: Hold
    documents: int
    money: Mapping[str, Decimal]
    oldest: datetime | None = None


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """How the books of a company stand. `posted` is by currency what was posted since the last digest, credits negative."""

    since: datetime
    posted: int
    posted_money: Mapping[str, Decimal]
    held: Sequence[HeldBy]
    alerts: Sequence[AlertRow]
    under_way: int
    audit_head: str = ""
    """The head of the audit's chain, POSITION:HASH. Told elsewhere every day, so that nobody can cut the end off unseen."""
    people_head: str = ""
    """The same of the audit of people, its HASH alone: how much was done to people of all companies is nobody's business here."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A message as people read it."""

    title: str
    body: str


def of_alert(place: Place, alert: AlertRow) -> Text:
    """An alert."""
    title = "Needs you" if alert.severity is Severity.ERROR else "Good to know"
    said = f"{alert.message}\n\nSince {place.moment(alert.raised_at)}."
    return Text(title=f"{place.name}: {title}: {alert.kind}", body=f"{said}\n{place.link('needs-you')}")


def of_cause(place: Place, held: HeldBy) -> Text:
    """A cause that holds documents and did not before."""
    told = describe(held.hold if held.documents == 1 else of_several(held.hold))
    what = f"{_bills(held.documents)} cannot be posted{_worth(held.money)}."
    body = f"{what} {told.sentence}\n\nWhat to do: {told.what_to_do}\nWho can do it: {told.who.value}.\n{place.link('needs-you')}"
    return Text(title=f"{place.name}: {told.title}", body=body)


def of_digest(place: Place, digest: Digest) -> Text:
    """The day's digest: what was posted, what is held and why, what needs a person."""
    held = sum(one.documents for one in digest.held)
    lines = [
        f"Posted since {place.moment(digest.since)}: {_bills(digest.posted)}{_worth(digest.posted_money)}.",
        f"Under way: {_bills(digest.under_way)}.",
    ]
    if digest.held:
        lines += ["", "Held:"]
        lines += [_held_line(one) for one in digest.held[:_MOST]]
        lines += [f"… and {len(digest.held) - _MOST} more causes."] if len(digest.held) > _MOST else []
    if digest.alerts:
        lines += ["", "Needs you:", *(f"- {alert.message}" for alert in digest.alerts[:_MOST])]
        lines += [f"… and {len(digest.alerts) - _MOST} more."] if len(digest.alerts) > _MOST else []
    if not digest.held and not digest.alerts:
        lines += ["", "Nothing needs you."]
    lines += ["", place.link("today")]
    if digest.audit_head:
        check = f"ml-connector audit verify --connection {place.connection} --expect {digest.audit_head}"
        lines += [
            "",
            f"Keep this: the audit is sealed through {digest.audit_head}. Whether it still is, says `{check}`.",
        ]
    if digest.people_head:
        check = f"ml-connector audit verify --people --expect {digest.people_head}"
        lines += [
            "",
            f"And this: what was done to people is sealed through {digest.people_head}. Whether it still is, says `{check}`.",
        ]
    needs = "nothing is held" if not held else "1 document is held" if held == 1 else f"{held} documents are held"
    return Text(title=f"{place.name}: {digest.posted} posted, {needs}", body="\n".join(lines))


def _held_line(one: HeldBy) -> str:
    told = describe(one.hold if one.documents == 1 else of_several(one.hold))
    return f"- {told.title}: {one.documents}{_worth(one.money)}. {told.what_to_do}"


def of_several(hold: Hold) -> Hold:
    """The cause without the rows of the one document it was found on."""
    return msgspec.structs.replace(hold, rows=(), facts=hold.facts | {"rows": "some rows"})


def _bills(number: int) -> str:
    return {0: "no document", 1: "1 document"}.get(number, f"{number} documents")


def _worth(money: Mapping[str, Decimal]) -> str:
    amounts = ", ".join(format_money(amount, currency) for currency, amount in sorted(money.items()))
    return f" ({amounts})" if amounts else ""
