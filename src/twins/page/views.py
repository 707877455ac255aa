"""What each page shows, gathered from both twins' panels. Long lists are searched and cut here, so a page stays small."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from twins.control import ControlledTwin
from twins.controls import looking
from twins.controls.answers import ControlError, number_of, one_of
from twins.http import Request
from twins.keep import Story
from twins.page import matching
from twins.page.matching import Pair
from twins.quickbooks.listing import KINDS
from twins.rows import DocumentRow

ON_A_PAGE = 50
SECONDS_KEPT = 30
"""What passing time alone changes is seen after so many seconds of the twins' clock."""

BOOKED = ("Bill", "VendorCredit", "JournalEntry")
"""What an accounting document can become."""

SIDES = {
    "": "all",
    "both": "in both",
    "differs": "in both, with different totals",
    "basware": "in Basware only",
    "quickbooks": "in QuickBooks only",
}


@dataclass
class Matched:
    """The pairs of documents made last, of what and when, and until when they do. Matching a hundred thousand takes seconds."""

    made_of: tuple[Any, ...] = ()
    pairs: Sequence[Pair] = ()
    at: datetime | None = None
    enough_until: float = 0.0


@dataclass(frozen=True)
class Visit:
    """One look at the page: what is shown of which companies. `matched` is kept from look to look."""

    story: Story
    request: Request
    matched: Matched = field(default_factory=Matched)

    @property
    def realm(self) -> str:
        """The QuickBooks company looked at: the one named, else the first; empty while there is none."""
        return self._chosen("realm", self.story.quickbooks)

    @property
    def tenant(self) -> str:
        """The Basware tenant looked at."""
        return self._chosen("tenant", self.story.basware)

    @property
    def realms(self) -> list[str]:
        """All QuickBooks companies."""
        return self.story.quickbooks.panel.companies()

    @property
    def tenants(self) -> list[str]:
        """All Basware tenants."""
        return self.story.basware.panel.companies()

    def asked(self, name: str) -> str:
        """A parameter of the address."""
        return self.request.parameter(name).strip()

    def address(self, path: str = "", **changes: str | int) -> str:
        """An address that keeps the companies looked at, and with no path all of the present one, but for the changes."""
        kept = {} if path else dict(self.request.query)
        for name in ("realm", "tenant", "refresh"):
            if self.asked(name):
                kept[name] = self.asked(name)
        kept |= {name: str(value) for name, value in changes.items()}
        query = urlencode({name: value for name, value in kept.items() if value})
        return f"{path or self.request.path}{'?' + query if query else ''}"

    def _chosen(self, name: str, twin: ControlledTwin) -> str:
        known, wanted = twin.panel.companies(), self.asked(name)
        if wanted:
            return one_of(wanted, known, "company")
        return known[0] if known else ""


@dataclass(frozen=True)
class Sheet:
    """One page of a long list."""

    rows: Sequence[Any]
    total: int
    number: int

    @property
    def last(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // ON_A_PAGE))

    @property
    def first_row(self) -> int:
        """Number of the first row shown, from 1."""
        return (self.number - 1) * ON_A_PAGE + 1 if self.rows else 0


def sheet(visit: Visit, rows: Sequence[Any]) -> Sheet:
    """The page of a list that the address asks for; one that lies behind the end is the last."""
    last = max(1, -(-len(rows) // ON_A_PAGE))
    number = min(max(1, number_of(visit.request, "page", 1)), last)
    start = (number - 1) * ON_A_PAGE
    return Sheet(rows[start : start + ON_A_PAGE], len(rows), number)


def clock(story: Story) -> Mapping[str, Any]:
    """The twins' instant and how it moves."""
    if not story.clock.running:
        how = "stopped"
    else:
        how = "running" if story.clock.scale == 1 else f"running {story.clock.scale:g} times as fast"
    return {"now": story.clock.now(), "how": how}


def faults(story: Story) -> list[str]:
    """Rules in force, in a word or two."""
    return [
        f"{twin.panel.name}: {row['kind']}, struck {row['hits']}"
        for twin in (story.quickbooks, story.basware)
        for row in twin.faults.report()
    ]


def overview(visit: Visit) -> Mapping[str, Any]:
    """Companies, and how much each holds."""
    story = visit.story
    pairs = _pairs(visit)
    counts = {name: sum(_is_on(pair, name) for pair in pairs) for name in SIDES}
    return {
        "sides": SIDES,
        "counts": counts,
        "credentials": {
            twin.panel.name: [_public(row) for row in twin.panel.credentials()]
            for twin in (story.quickbooks, story.basware)
        },
        "calls": {twin.panel.name: dict(twin.panel.calls()) for twin in (story.quickbooks, story.basware)},
    }


def documents(visit: Visit) -> Mapping[str, Any]:
    """Documents of both systems side by side, or QuickBooks' payments and orders."""
    kind, side, search = visit.asked("kind"), visit.asked("side"), visit.asked("search")
    if kind:
        one_of(kind, [name for name in KINDS if name not in BOOKED], "kind")
        rows = [Pair(None, row) for row in reversed(_booked(visit, (kind,)))]
    else:
        rows = [pair for pair in _pairs(visit) if _is_on(pair, one_of(side, list(SIDES), "side") if side else "")]
    found = [pair for pair in rows if pair.contains(search)] if search else rows
    return {
        "sheet": sheet(visit, found),
        "at": None if kind else visit.matched.at,
        "sides": SIDES,
        "side": side,
        "search": search,
        "kind": kind,
        "kinds": {"": "documents", "BillPayment": "payments", "PurchaseOrder": "purchase orders"},
    }


def document(visit: Visit) -> Mapping[str, Any]:
    """One record in full, with what was posted for it, or answered to it."""
    name = one_of(visit.asked("twin"), ("quickbooks", "basware"), "twin")
    twin, company = (
        (visit.story.quickbooks, visit.realm) if name == "quickbooks" else (visit.story.basware, visit.tenant)
    )
    kind, key = visit.asked("kind"), visit.asked("id")
    try:
        record = twin.panel.record(company, kind, key)
    except KeyError as error:
        raise ControlError(f"there is no {kind} {key}", str(error.args[0]), status=404) from error
    entries = twin.panel.ledger(company, document=f"{kind}:{key}" if name == "quickbooks" else key)
    return {"name": name, "kind": kind, "key": key, "record": record, "entries": entries}


def vendors(visit: Visit) -> Mapping[str, Any]:
    """Vendors of both systems side by side."""
    search = visit.asked("search")
    basware = visit.story.basware.panel.vendors(visit.tenant) if visit.tenant else ()
    quickbooks = visit.story.quickbooks.panel.vendors(visit.realm) if visit.realm else ()
    pairs = matching.vendors(basware, quickbooks)
    return {"sheet": sheet(visit, [pair for pair in pairs if not search or pair.contains(search)]), "search": search}


def ledger(visit: Visit) -> Mapping[str, Any]:
    """The check of both books, QuickBooks' trial balance, and what is owed to each vendor."""
    panel = visit.story.quickbooks.panel
    accounts = panel.trial_balance(visit.realm) if visit.realm else ()
    owed = [row for row in (panel.vendors(visit.realm) if visit.realm else ()) if row.balance]
    return {
        "accounts": accounts,
        "debit": sum((row.debit for row in accounts), Decimal(0)),
        "credit": sum((row.credit for row in accounts), Decimal(0)),
        "owed": sheet(visit, sorted(owed, key=lambda row: row.name.casefold())),
        "findings": {
            "QuickBooks": _check(visit.story.quickbooks, visit.realm),
            "Basware": _check(visit.story.basware, visit.tenant),
        },
    }


def postings(visit: Visit) -> Mapping[str, Any]:
    """The ledger lines of one account or one vendor."""
    wanted = {name: visit.asked(name) for name in ("account", "vendor") if visit.asked(name)}
    found = visit.story.quickbooks.panel.ledger(visit.realm, **wanted) if visit.realm else ()
    return {"sheet": sheet(visit, list(found)), "wanted": wanted}


def requests(visit: Visit) -> Mapping[str, Any]:
    """What either twin was asked, newest first."""
    name = visit.asked("twin") or "quickbooks"
    twin = _twin(visit, name)
    found = looking.matching(twin.recorder.exchanges, visit.request)
    wanted = {key: visit.asked(key) for key in ("path", "method", "status", "contains")}
    return {"name": name, "sheet": sheet(visit, found[::-1]), "wanted": wanted}


def request(visit: Visit) -> Mapping[str, Any]:
    """One request in full."""
    name = visit.asked("twin") or "quickbooks"
    return {"name": name, "exchange": looking.one_request(_twin(visit, name), visit.request)}


def notifications(visit: Visit) -> Mapping[str, Any]:
    """What either twin sends on its own."""
    both = (visit.story.quickbooks, visit.story.basware)
    sent = [{"twin": twin.panel.name, **row} for twin in both for row in looking.deliveries(twin, visit.request)]
    tried = [{"twin": twin.panel.name, **row} for twin in both for row in looking.attempts(twin, visit.request)]
    return {
        "listeners": {twin.panel.name: twin.panel.webhooks() for twin in both},
        "sheet": sheet(visit, sent[::-1]),
        "attempts": sorted(tried, key=itemgetter("at"), reverse=True)[:ON_A_PAGE],
    }


def _twin(visit: Visit, name: str) -> ControlledTwin:
    one_of(name, ("quickbooks", "basware"), "twin")
    return visit.story.quickbooks if name == "quickbooks" else visit.story.basware


def _pairs(visit: Visit) -> Sequence[Pair]:
    """All pairs, made anew when anything has changed since, but only for a tenth of the time, as the twins wait meanwhile."""
    story, matched = visit.story, visit.matched
    companies = (visit.realm, visit.tenant)
    made_of = (*companies, story.mark, int(story.clock.now().timestamp()) // SECONDS_KEPT)
    if made_of != matched.made_of and (monotonic() >= matched.enough_until or companies != matched.made_of[:2]):
        began = monotonic()
        basware = story.basware.panel.documents(visit.tenant) if visit.tenant else ()
        matched.pairs = matching.documents(basware, _booked(visit, BOOKED))
        matched.made_of, matched.at = made_of, story.clock.now()
        matched.enough_until = monotonic() + 9 * (monotonic() - began)
    return matched.pairs


def _booked(visit: Visit, kinds: Sequence[str]) -> list[DocumentRow]:
    rows = visit.story.quickbooks.panel.documents(visit.realm) if visit.realm else ()
    return [row for row in rows if row.kind in kinds]


def _is_on(pair: Pair, side: str) -> bool:
    return side in {"", pair.side} or (side == "differs" and pair.differs)


def _check(twin: ControlledTwin, company: str) -> list[str]:
    return twin.panel.check(company) if company else []


def _public(credentials: Mapping[str, Any]) -> dict[str, Any]:
    """What is no secret of a company's credentials."""
    shown = ("realm_id", "client_id", "user", "bwcid", "region", "environment", "companies")
    return {name: credentials[name] for name in shown if name in credentials}
