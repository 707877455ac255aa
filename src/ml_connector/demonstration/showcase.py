"""The showcase: four companies connected on twins, and some weeks of their work, so that every screen has something real on it.

People's acts come from the twins' own story, chapter by chapter; in between the connector does its jobs as an engine does. Time is
moved, never waited for: `Playing` moves the twins' clock and the installation's together.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ml_connector.app import App
from ml_connector.demonstration.companies import Company
from ml_connector.demonstration.stage import StageError
from ml_connector.store import documents
from ml_connector.store.connections import ConnectionRow
from ml_connector.work.decisions import Choice, decide, hold
from ml_connector.work.engine import Step
from ml_connector.work.engine import run as post
from ml_connector.work.engines.runs import run_job
from ml_connector.work.jobs import Job
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_proposals import accept, proposals
from ml_connector.work.mapping_tables import rule_for_code, set_rule
from ml_connector.work.registry import enabled_jobs
from ml_connector.work.review import Flow, set_review
from ml_connector.work.settings import SECRET_FIELDS, ConnectionFile, decode_settings, settings_from

ACTOR = "demo"
_MINUTE = 65.0
"""Seconds between two rounds of jobs: longer than anything waits for another job's outcome."""

ROUND = (
    Job.CHANGES, Job.VENDORS, Job.ORDERS, Job.MASTER_DATA, Job.INVOICES, Job.PAYMENTS, Job.OUTCOMES,
)  # fmt: skip
"""The jobs that bring one thing after the other, in an order in which one finds what another has just brought."""

REST = (Job.SIGN_IN, Job.EXTRACTS, Job.ATTACHMENTS, Job.NETWORK, Job.NOTICES)
"""The others, which are done at the beginning and at the end."""

_ROUNDS = 2


class Chapter(msgspec.Struct, frozen=True):
    """A chapter of the story and how many seconds after the one before it comes."""

    name: str
    after: float


class Playing(Protocol):
    """The story as it is told by the twins."""

    @property
    def chapters(self) -> Sequence[Chapter]:
        """All chapters in order."""
        ...

    def play(self, chapter: str) -> None:
        """Have people do what they do in a chapter."""
        ...

    def advance(self, seconds: float) -> None:
        """Move time, for the twins and for the installation."""
        ...


class Place(msgspec.Struct, frozen=True):
    """One company at one twin: the twin's address, and what whoever connects must know, as the twin told it."""

    url: str
    known: Mapping[str, Any]


class _Decision(msgspec.Struct, frozen=True):
    company: str
    invoice: str
    choice: Choice | None
    """None: the document is put on hold."""
    reason: str
    at_once: bool = False
    """Whether the connector acts on it before anything else happens."""


EPILOGUE = "while somebody looks"
"""The chapter that is played once everything is served; it is not among the others."""

DECISIONS: Mapping[str, Sequence[_Decision]] = {
    "papers": (
        _Decision("thames-uk", "TR-7006", Choice.LINK, "it is the bill I typed in", at_once=True),
        _Decision("calloway-us", "PP-6011", None, "we have never heard of this supplier; I am asking"),
    ),
    "changes": (
        _Decision("calloway-us", "F-2280", Choice.REJECT, "I typed it in by hand"),
        _Decision("thames-uk", "TR-7006", Choice.REVERSE, "agreed with accounts payable"),
    ),
}
"""What people decide after a chapter, once the jobs have run."""


class Showcase:
    """The companies of one installation while their story is told."""

    def __init__(self, app: App, playing: Playing, rows: Sequence[ConnectionRow], companies: Sequence[Company]) -> None:
        self._app, self._playing = app, playing
        self._companies = {row.id: company for row, company in zip(rows, companies, strict=True)}
        self._rows = list(rows)

    def perform(self, *, tell: Callable[[str], None] = lambda _words: None) -> None:
        """Tell the whole story."""
        beginning, *others = self._playing.chapters
        self._playing.play(beginning.name)
        for row in self._rows:
            self._set_up(row)
        self._work(REST, self._rows)
        for chapter in others:
            self._playing.advance(chapter.after)
            if chapter.name in TOLD:
                tell(f"{self._app.clock.now():%d %B}: {TOLD[chapter.name]}")
            self._playing.play(chapter.name)
            if chapter.name.startswith("day "):
                self._work([Job.INVOICES], self._rows[:1])
                self._map_what_is_new(self._rows[:1])
            else:
                self._work(ROUND, self._rows, rounds=_ROUNDS)
                self._map_what_is_new(self._rows)
            for decision in DECISIONS.get(chapter.name, ()):
                self._decide(decision)
            if chapter.name == REVIEWED_AFTER:
                self._review()
        self._work(ROUND + REST, self._rows)
        self._work(ROUND, self._rows)

    # the connector at work

    def _work(self, jobs: Collection[Job], rows: Sequence[ConnectionRow], *, rounds: int = 1) -> None:
        for _ in range(rounds):
            for row in rows:
                enabled = enabled_jobs(decode_settings(row.settings))
                for job in jobs:
                    if job in enabled:
                        run_job(self._app, row, job, worker=ACTOR)
            self._playing.advance(_MINUTE)

    # what people do here

    def _set_up(self, row: ConnectionRow) -> None:
        """Somebody looks at the lists and maps what no proposal can know."""
        desk = self._app.desk(row)
        try:
            refresh_lists(desk)
            books = load_books(desk)
            for dimension, code, target in self._companies[row.id].codes:
                set_rule(desk, rule_for_code(books, dimension, code, target), actor=ACTOR)
            post(desk, [Step.INTAKE])
        finally:
            desk.close()

    def _map_what_is_new(self, rows: Sequence[ConnectionRow]) -> None:
        """Somebody takes over the certain proposals for codes that are new."""
        for row in rows:
            desk = self._app.desk(row)
            try:
                certain = [one for one in proposals(desk) if one.confidence == "certain"]
                accept(desk, certain, actor=ACTOR)
            finally:
                desk.close()

    def _review(self) -> None:
        """The second company wants to see what will be written before it is."""
        desk = self._app.desk(self._rows[1])
        try:
            set_review(desk, Flow.INVOICES, on=True, actor=ACTOR)
        finally:
            desk.close()
        self._rows = [self._app.connection(row.id) for row in self._rows]

    def _decide(self, decision: _Decision) -> None:
        """An accountant decides about a document that waits. Raises DecisionError when it waits for no such thing."""
        row = next(one for one in self._rows if one.name == decision.company)
        desk = self._app.desk(row)
        try:
            with desk.database.read() as tx:
                document = documents.find(tx, desk.connection_id, decision.invoice)
            if document is None:
                raise StageError(f"{decision.company} has no invoice {decision.invoice}")
            if decision.choice is None:
                hold(desk, document, reason=decision.reason, actor=ACTOR)
            else:
                decide(desk, document, decision.choice, link_to="", reason=decision.reason, actor=ACTOR)
        finally:
            desk.close()
        if decision.at_once:
            self._work([Job.INVOICES], [row])


TOLD: Mapping[str, str] = {
    "first papers": "the first invoices are approved, posted and answered",
    "day 1": "from here on, invoices come every working day",
    "day 14": "half of the four weeks is over",
    "out of use": "accounts, locations and other records go out of use",
    "papers": "one paper arrives for each thing that can be wrong with it",
    "changes": "posted bills are changed, paid, deleted and taken back",
    "objections": "QuickBooks and Basware refuse some of what they are sent",
    "for review": "three invoices wait for a release",
}
"""What whoever waits is told of a chapter."""

REVIEWED_AFTER = "objections"
"""The chapter after which the second company has invoices wait for a release."""


def connect(
    app: App, companies: Sequence[Company], quickbooks: Sequence[Place], basware: Sequence[Place]
) -> list[ConnectionRow]:
    """Add a connection for each company, as `connection add` does; `quickbooks` and `basware` in the same order."""
    return [
        app.add_connection(*_connection_file(company, ours, theirs))
        for company, ours, theirs in zip(companies, quickbooks, basware, strict=True)
    ]


def _connection_file(company: Company, quickbooks: Place, basware: Place) -> tuple[ConnectionFile, dict[str, str]]:
    own = basware.known
    codes = [one["companyCode"] for one in own["companies"]]
    tree = {
        "quickbooks": {
            "base_url": quickbooks.url,
            "discovery_url": f"{quickbooks.url}/.well-known/openid_configuration",
            "authorize_url": f"{quickbooks.url}/connect/oauth2",
            "token_url": f"{quickbooks.url}/oauth2/v1/tokens/bearer",
            "revoke_url": f"{quickbooks.url}/v2/oauth2/tokens/revoke",
        },
        "basware": {"base_url": basware.url, "company_codes": codes, **company.basware},
        "policy": company.policy,
        "vendors": company.vendors,
        "schedule": {"time_zone": company.time_zone},
    }
    named = {
        **{
            f"quickbooks.{name}": quickbooks.known.get(name) for name in ("client_id", "client_secret", "refresh_token")
        },
        "quickbooks.realm_id": quickbooks.known.get("realm_id"),
        **{f"basware.{name}": own.get(name) for name in ("client_id", "client_secret")},
        **{f"basware.network_{name}": own.get("network", {}).get(name) for name in ("user", "password")},
    }
    secrets = {field: str(named[field]) for field in SECRET_FIELDS if named.get(field)}
    return ConnectionFile(name=company.name, settings=settings_from(tree), secrets=dict(secrets)), secrets
