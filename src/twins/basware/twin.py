"""The twin itself: which request goes where, who may make it, and what a test may look at.

A synchronous state machine without sockets, threads or waiting. It knows Basware's published interface and nothing of any client.
"""

import random
from collections.abc import Mapping
from typing import Any

from twins.basware import (
    deleting,
    documents,
    enrichment,
    error_feedbacks,
    exports,
    goods_receipts,
    imports,
    master_data,
    monitoring,
    prebooking,
    responses,
    seeding,
    status_search,
    tokens,
)
from twins.basware.acts import ACTS
from twins.basware.answers import REQUEST_ID, Call, Code, empty, in_json, unauthorized
from twins.basware.document_acts import attach
from twins.basware.downloads import PREFIX, fetch
from twins.basware.extracts import routes as extracts
from twins.basware.life_cycle import BEFORE_TRANSFER
from twins.basware.network import service
from twins.basware.network.mailbox import Mailbox
from twins.basware.push import Push
from twins.basware.regions import HOSTS, Place
from twins.basware.routing import Route, segments
from twins.basware.state import FAILED, IN_PROGRESS, PAID, TRANSFERRED, WAITING, Record, Tenant, World, seeded_instant
from twins.basware.switches import Switches
from twins.basware.values import new_uuid
from twins.clock import Clock
from twins.http import Request, Response
from twins.outgoing import Outbox, Send

_SEED_KEYS = ("client_id", "client_secret", "user", "password", "bwcid", "scopes", "companies")

_PUBLIC = (("POST", "/v1/tokens"), ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/openid-configuration"))


class BaswareTwin:
    """An offline Basware. Give it tenants, then let `handle` answer; `act` is what people do in Basware itself."""

    def __init__(
        self, clock: Clock, *, switches: Switches | None = None, seed: int = 0, issuer: str = HOSTS[Place()].issuer
    ) -> None:
        self.clock = clock
        self.switches = switches or Switches()
        source = random.Random(seed)
        self._world = World(clock, self.switches, source, source.randbytes(32), issuer)
        self._tokens = tokens.Tokens(self._world)
        self._push = Push(self._world, seed)
        self._world.listeners.append(self._push.hear)
        self._world.chores += [imports.settle, deleting.finish_deletions]
        self._routes = _routes() + self._push.routes

    @property
    def outbox(self) -> Outbox:
        """What the twin sends on its own: push notifications."""
        return self._push.outbox

    def connect(self, send: Send) -> None:
        """Say how calls are made while a request is answered; without it no address passes the connection test."""
        self._push.connect(send)

    @property
    def calls(self) -> dict[str, int]:
        """How many requests came, by kind, and all of them as `requests`."""
        return dict(self._world.calls)

    @property
    def operations(self) -> tuple[tuple[str, str], ...]:
        """Every operation offered: its method and path, `*` for an id."""
        return (*_PUBLIC, *((route.method, "/" + "/".join(route.path)) for route in self._routes))

    def add_tenant(self, seed: Mapping[str, Any]) -> str:
        """Set up a tenant from plain data and return its client id.

        Keys: client_id, client_secret, user, password, bwcid, scopes, companies ({companyCode, name}), accountingDocuments (as
        the interface shows them) and attachments (by invoice id, then external code: filename, content_base64, content_type),
        subscriptions (as the interface takes them; their addresses are not tested), imported data by `seeding.SEEDED`,
        exported data by the names of its lists (as the interface shows it), and what is set up in P2P: units (of the
        organization, each with the one above it), currencies, vendor_classes, identifier_keys; network: the account in the
        Network (user, password), if there is one.
        Raises ValueError for a seed that lacks a key, a client id that is taken, or a document without id or status.
        """
        if missing := [key for key in _SEED_KEYS if key not in seed]:
            raise ValueError(f"the Basware seed lacks {', '.join(missing)}")
        if seed["client_id"] in self._world.tenants:
            raise ValueError(f"there is a client {seed['client_id']} already")
        now = self.clock.now()
        tenant = Tenant(
            client_id=seed["client_id"],
            client_secret=seed["client_secret"],
            user=seed["user"],
            password=seed["password"],
            bwcid=seed["bwcid"],
            scopes=frozenset(seed["scopes"]),
            network=Mailbox(**(seed.get("network") or {})),
        )
        seeding.seed_settings(tenant.intake, seed)
        seeding.seed_records(self._world, tenant.intake, seed, now)
        exports.seed_exports(tenant, seed, now)
        files = seed.get("attachments") or {}
        for entity in seed.get("accountingDocuments") or ():
            record = tenant.add(dict(entity), seeded_instant(entity, now))
            attach(record, files.get(record.invoice_id, {}), record.entity["lastUpdated"])
        if unknown := files.keys() - tenant.records.keys():
            raise ValueError(f"attachments of unknown documents: {', '.join(sorted(unknown))}")
        self._push.seed(tenant.client_id, seed.get("subscriptions") or [])
        tenant.announce = self._world.announce
        self._world.tenants[tenant.client_id] = tenant
        return tenant.client_id

    def act(self, action: str, **details: Any) -> str:
        """Do what a person does in Basware (see `acts`) and return the invoice id. Raises KeyError for what isn't there."""
        self._world.recover()
        return ACTS[action](self._world, **details)

    def revoke_tokens(self) -> None:
        """Make every access token worthless, as Basware does when it changes a client's secret."""
        self._tokens.revoke_all()

    def documents(self, tenant: str = "") -> list[dict[str, Any]]:
        """All documents of a tenant, or of all tenants, as they stand, oldest change first."""
        self._world.recover()
        return [dict(record.entity) for owner in self._tenants(tenant) for record in owner.after("", None)]

    def master_data(self, tenant: str = "") -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Imported data of a tenant, or of all: as the `interface` shows it, and what `p2p` itself holds, both by list."""
        self._world.recover()
        shown: dict[str, list[dict[str, Any]]] = {}
        for owner in self._tenants(tenant):
            for name, records in owner.intake.layer.items():
                shown.setdefault(name, []).extend(dict(stored.entity) for _, stored in records.after(None))
        return {"interface": shown, "p2p": {name: self.p2p_rows(name, tenant) for name in self.p2p_tables(tenant)}}

    def holds(self, invoice_id: str) -> bool:
        """Whether any tenant has a document of this id."""
        return any(invoice_id in tenant.records for tenant in self._tenants(""))

    def document(self, invoice_id: str) -> dict[str, Any]:
        """One document as it stands. Raises KeyError."""
        self._world.recover()
        return dict(self._world.find(invoice_id)[1].entity)

    def answers(self, invoice_id: str = "", *, tenant: str = "") -> list[dict[str, Any]]:
        """Every transfer response taken, of one document or of all, with the transfer it belongs to and when it came."""
        return [
            {"invoiceId": record.invoice_id, **answer}
            for owner in self._tenants(tenant)
            for record in owner.records.values()
            if not invoice_id or record.invoice_id == invoice_id
            for answer in record.answers
        ]

    def p2p_rows(self, table: str, tenant: str = "") -> list[dict[str, Any]]:
        """What P2P has in one of its tables (see `resources`), imported or entered by hand, of a tenant or of all."""
        self._look(tenant)
        return [shown for owner in self._tenants(tenant) for shown in owner.intake.p2p.shown(table)]

    def p2p_tables(self, tenant: str = "") -> list[str]:
        """The tables of P2P that hold anything."""
        self._look(tenant)
        return sorted({name for owner in self._tenants(tenant) for name in owner.intake.p2p.tables})

    def subscriptions(self, tenant: str) -> list[dict[str, Any]]:
        """A tenant's subscriptions, without the keys they are signed with."""
        return self._push.subscriptions.listed(tenant)

    def action_log(self, invoice_id: str) -> list[str]:
        """What the AP team reads in the invoice's action log. Raises KeyError."""
        return list(self._world.find(invoice_id)[1].log)

    def check(self) -> list[str]:
        """Everything that should never be; empty when all is well."""
        self._world.recover()
        found: list[str] = []
        for tenant in self._tenants(""):
            found += tenant.index_errors()
            for record in tenant.records.values():
                found += _violations(record)
        return found

    def handle(self, request: Request) -> Response:
        """Answer a request. Every answer carries a request id."""
        self._world.recover()
        self._world.calls["requests"] += 1
        request_id = new_uuid(self._world.source)
        answer = self._answer(request, request_id)
        return Response(answer.status, {**answer.headers, REQUEST_ID: request_id}, answer.body, answer.delay)

    def _look(self, tenant: str) -> None:
        """Bring imports up to date, because somebody looks into P2P."""
        self._world.recover()
        for owner in self._tenants(tenant):
            imports.look(self._world, owner)

    def _tenants(self, name: str) -> list[Tenant]:
        """The tenant of that client id, or all of them."""
        return [self._world.tenants[name]] if name else list(self._world.tenants.values())

    def _answer(self, request: Request, request_id: str) -> Response:
        if len(request.body) > self.switches.request_bytes:
            return empty(413)
        public = self._public(request)
        if public is not None:
            return public
        if service.is_network(request.path):
            self._world.calls["network"] += 1
            return service.serve(self._world, request)
        grant = self._tokens.who(request)
        if grant is None:
            self._world.calls["unauthorized"] += 1
            return unauthorized(request, request_id)
        return self._business(Call(self._world, grant.tenant, request, request_id, self.clock.now()), grant.scopes)

    def _public(self, request: Request) -> Response | None:
        """The answer to a request that needs no access to a tenant; None for all others."""
        if request.path.startswith(PREFIX):
            self._world.calls["downloads"] += 1
            return fetch(self._world, request) if request.method == "GET" else empty(405)
        match request.method, request.path:
            case "POST", "/v1/tokens":
                self._world.calls["tokens"] += 1
                return self._tokens.issue(request)
            case "GET", "/.well-known/jwks.json":
                return self._tokens.published_keys()
            case "GET", "/.well-known/openid-configuration":
                return tokens.published_configuration(request, self._world.issuer)
            case _, "/v1/tokens":
                return in_json({"detail": "Method Not Allowed"}, 405)
        return None

    def _business(self, call: Call, granted: frozenset[str]) -> Response:
        """The answer of the first route that fits; 405 when only the method doesn't, 404 when nothing does."""
        known, resource = False, segments(call.request.path)
        for route in self._routes:
            arguments = route.arguments(resource)
            if arguments is None:
                continue
            known = True
            if route.method != call.request.method:
                continue
            if missing := route.missing_scope(granted):
                return self._forbidden(call, missing)
            self._world.calls[route.kind] += 1
            return route.answer(call, *arguments)
        return empty(405 if known else 404)

    def _forbidden(self, call: Call, scope: str) -> Response:
        if self.switches.missing_scope_status == 403:
            return call.refuse(403, Code.TOKEN, [f"the access token lacks the scope {scope}"])
        return unauthorized(call.request, call.request_id)


def _routes() -> tuple[Route, ...]:
    """Basware P2P specification, the operations this twin offers; fixed names stand before ids."""
    return (
        *status_search.ROUTES,
        *documents.ROUTES,
        *responses.ROUTES,
        *prebooking.ROUTES,
        *enrichment.ROUTES,
        *extracts.ROUTES,
        *master_data.ROUTES,
        *monitoring.ROUTES,
        *error_feedbacks.ROUTES,
        *deleting.ROUTES,
        *exports.ROUTES,
        *goods_receipts.ROUTES,
    )


def _violations(record: Record) -> list[str]:
    """What is wrong with one document."""
    successes, found = record.successes(), []
    done = record.status in {TRANSFERRED, PAID}
    if done and not record.done_before and successes != 1:
        found.append(f"{record.invoice_id} is {record.status} with {successes} successful transfer responses, not one")
    if record.status in BEFORE_TRANSFER | {WAITING, IN_PROGRESS, FAILED} and successes:
        found.append(f"{record.invoice_id} is {record.status} although a transfer response reported success")
    if record.status == IN_PROGRESS and record.acknowledged is None:
        found.append(f"{record.invoice_id} is in progress but was never acknowledged")
    codes = [answer["externalCode"] for answer in record.answers]
    if len(codes) != len(set(codes)):
        found.append(f"{record.invoice_id} has two transfer responses with one external code")
    return found
