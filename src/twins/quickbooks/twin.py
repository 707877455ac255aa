"""The twin of QuickBooks Online: sign-in, REST API and books of several companies, as one synchronous state machine.

It is written from the vendor's documents and knows nothing of the product that talks to it. `handle` answers requests;
everything else is for setting up, acting as a person, and looking into the books.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from twins.clock import Clock
from twins.http import Request, Response
from twins.outgoing import Outbox
from twins.quickbooks import acts, audit, seeding
from twins.quickbooks.api import Api
from twins.quickbooks.attachments import fetch
from twins.quickbooks.company import Company
from twins.quickbooks.context import Context
from twins.quickbooks.metering import Meter
from twins.quickbooks.presenting import FILES_PATH
from twins.quickbooks.sign_in import ACTIONS as CONNECTION_ACTIONS
from twins.quickbooks.sign_in import SignIn
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, stamp
from twins.quickbooks.webhooks import Webhooks, WebhookSettings

API_ROOT = "/v3/company/"


class QuickBooksTwin:
    """QuickBooks Online for tests, demonstrations and trials. Hosts do not matter, only paths do."""

    def __init__(self, clock: Clock, switches: Switches | None = None) -> None:
        self.clock = clock
        self.switches = switches or Switches()
        self.calls: Counter[str] = Counter()
        """Calls so far by kind: requests, reads, writes, queries, cdc, batches, batch_items, uploads, tokens, throttled, blocked,
        replayed, old_minor_version."""
        self.companies: dict[str, Company] = {}
        self.sign_in = SignIn(clock, self.switches, self.companies)
        self.webhooks = Webhooks(clock, self.switches, self.sign_in)
        self._api = Api(self.companies, self.sign_in, self.switches, self.calls)
        self._answered = 0

    def add_company(self, seed: Json) -> None:
        """Add a company: realm id, application keys, first refresh value, CompanyInfo, Preferences, and entities by name.

        `webhooks`, if given, is where its application wants notifications (see `WebhookSettings`). Raises FaultError when a
        record of the seed is one the service could not hold, ValueError for an unknown entity or bad webhook settings.
        """
        webhooks = msgspec.convert(seed["webhooks"], WebhookSettings) if seed.get("webhooks") else None
        company = seeding.new_company(seed, stamp(self.clock.now()))
        seeding.fill(Context(company, self.switches, self.clock.now(), True, lenient=True), seed.get("entities", {}))
        self.sign_in.set_up(company.realm_id, seed)
        self.companies[company.realm_id] = company
        if webhooks is not None:
            self.webhooks.configure(seed["client_id"], webhooks)
        self.webhooks.watch(company)

    @property
    def outbox(self) -> Outbox:
        """What the twin sends on its own."""
        return self.webhooks.outbox

    def authorize(self, realm_id: str, client_id: str, redirect_uri: str) -> str:
        """An authorization code, as if a person had agreed on the consent page."""
        return self.sign_in.authorize(realm_id, client_id, redirect_uri)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self._answered += 1
        now = self.clock.now()
        tid = f"1-{int(now.timestamp()):08x}-{self._answered:024x}"
        if request.path.startswith(FILES_PATH):
            return fetch(self._api.files, request, now.timestamp())
        if not request.path.startswith(API_ROOT):
            return self._signed_in(request, tid)
        with self.webhooks.during(request):
            answer = self._api.handle(request, now)
        headers = {
            "Intuit-Tid": tid,
            "Qbo-Version": "1994.101",
            "Service-Time": "total=85, db=54",
            "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
            "Expires": "0",
        }
        return Response(answer.status, {**headers, **answer.headers}, answer.body, answer.delay)

    def _signed_in(self, request: Request, tid: str) -> Response:
        """Answer what is no API call; this service spells the header for support with an underscore."""
        self.calls["tokens"] += request.path.startswith("/oauth2/")
        answer = self.sign_in.handle(request) or Response(404, {"Content-Type": "text/html"}, b"<html>Not Found</html>")
        headers = {"intuit_tid": tid, "Cache-Control": "no-cache, no-store"}
        return Response(answer.status, {**headers, **answer.headers}, answer.body, answer.delay)

    def forget_answers(self, realm_id: str) -> None:
        """Lose all answers kept for request ids, as if they were older than the service remembers: a repeat is done anew."""
        self._api.forget(realm_id)

    @property
    def meter(self) -> Meter:
        """The monthly meter of reads, by workspace and company."""
        return self._api.meter

    # a person's view

    def act(self, realm_id: str, action: str, **details: Any) -> Json:
        """Do something as a person in QuickBooks' own pages; see `acts.ACTIONS`, and `sign_in.ACTIONS` for connections."""
        if action in CONNECTION_ACTIONS:
            return CONNECTION_ACTIONS[action](self.sign_in, realm_id, **details)
        return acts.act(Context(self.companies[realm_id], self.switches, self.clock.now()), action, **details)

    def books(self, realm_id: str) -> Json:
        """All records of a company by entity, with its CompanyInfo and Preferences. Deleted transactions are gone."""
        company = self.companies[realm_id]
        entities: dict[str, Iterable[Json]] = {
            name: [company.present(name, record) for record in table.records.values()]
            for name, table in company.tables.items()
        }
        return {"CompanyInfo": company.info, "Preferences": company.preferences, **entities}

    def ledger(self, realm_id: str) -> list[Json]:
        """The general ledger: one entry per posting, amounts as exact text in the transaction's currency."""
        return [posting.body() for posting in self.companies[realm_id].ledger()]

    def check(self, realm_id: str) -> list[str]:
        """What is wrong with a company's books, in words; empty when they are sound."""
        return audit.violations(self.companies[realm_id])
