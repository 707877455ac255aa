"""Every address of the console that shows something, with what people ask of it: first and deep pages, searches, filters, CSV.

An address that is added later and is neither here nor excused makes the benchmark fail.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fastapi.routing import iter_route_contexts
from sqlalchemy import ColumnElement, Table, and_, func, select
from starlette.routing import Mount

from ml_connector.app import App
from ml_connector.console.api.operation import cursor_at, cursor_behind
from ml_connector.console.application import create_application
from ml_connector.store import attachments, calls, copies, network, order_links, outgoing, payments, vendor_pairs
from ml_connector.store import schema as s
from ml_connector.store.database import Database
from ml_connector.store.ordered import Ordered
from ml_connector.store.schema import DocumentState, VendorState
from ml_connector.work.feeds.orders import FEED

_NAMED = re.compile(r"\{(\w+)\}")
_C, _API = "/c/{connection}", "/api/v1/connections/{connection}"

EXCUSED: Mapping[str, str] = {
    "/welcome": "before anybody is signed in", "/welcome/{link}": "before anybody is signed in",
    "/sign-in/provider": "goes to the provider", "/sign-in/provider/callback": "comes from the provider",
    "/connect/done": "after a sign-in at QuickBooks", "/connect/quickbooks/{ticket}": "goes to QuickBooks",
    "/connect/quickbooks/callback": "comes from QuickBooks",

    f"{_API}/webhooks/quickbooks": "asks Intuit", f"{_API}/webhooks/basware": "asks Basware",
    "/static/{digest}/{name:path}": "a file, kept by the browser",
}  # fmt: skip
"""Addresses that read nothing of a company, and why."""

TOLD: Mapping[str, str] = {
    f"{_API}/mapping/proposals": "works through every waiting document",
    f"{_API}/records/{{record}}": "looks through every record for one of that name",
    f"{_API}/outcomes?text={{number_part}}": "looks for a part of a text in every request",
    f"{_API}/files?text=pdf": "looks for a part of a text in every file",
}
"""What is asked now and then, is measured, and may take longer than a page; and why."""

PAGES: Mapping[str, tuple[str, ...]] = {
    "/": ("",),
    "/healthz": ("",),
    "/readyz": ("",),
    "/metrics": ("",),
    "/sign-in": ("",),
    "/connections": ("", "?format=csv"),
    "/connections/new": ("",),
    "/people": ("", "?format=csv"),
    "/people/{person}": ("",),
    "/people/history": ("", "?format=csv"),
    "/me": ("",),
    "/errors": ("",),
    "/errors/{cause}": ("",),
    f"{_C}/today": ("", "?format=csv"),
    f"{_C}/month": ("", "?format=csv"),
    f"{_C}/today/now": ("",),
    f"{_C}/today/history.json": ("",),
    f"{_C}/needs-you": ("", "?page=20", "?format=csv#stream"),
    f"{_C}/needs-you/{{card}}": ("", "#part", "?offset=50"),
    f"{_C}/needs-you/targets": ("?dimension=account&target=61", "?dimension=vendor&target=Bea"),
    f"{_C}/documents": (
        "", "#part", "?below={deep}", "?state=held", "?state=held&below={deep}", "?state=ignored", "?text={number}",
        "?text={number_part}", "?text=Redfern", "?text=nowhere-at-all", "?text=ce", "?amount={amount}", "?amount=7.77",
        "?order=PO-7801", "?since=2026-11-01&until=2026-11-05", "?posted={posted_day}", "?posted=2025-01-01",
        "?posted={posted_day}&sort=amount", "?state=held&text={number_part}",
        "?state=before+transfer", "?text={number_part}&format=csv", "?format=csv#stream", "?sort=oldest&format=csv#stream",
    ),
    f"{_C}/documents/{{invoice}}": ("",),
    f"{_C}/documents/{{held}}": ("",),
    f"{_C}/documents/{{invoice}}/technical": ("",),
    f"{_C}/plan": (
        "", "?below={deep}", "?state=planned", "?text={number_part}", "?text={number_part}&format=csv",
        "?format=csv#stream",
    ),
    f"{_C}/mapping": ("", "?only=unmapped", "?text=60", "?dimension=vendor", "?text=60&format=csv"),
    f"{_C}/mapping/rules": ("",),
    f"{_C}/mapping/history": ("", "?text=6110", "?text=nowhere-at-all", "?before=20", "?format=csv#stream"),
    f"{_C}/mapping/export": ("#stream",),
    f"{_C}/vendors": (
        "", "?start=5000", "?sort=-state", "?sort=-changed&start=5000",
        "?text=Redfern", "?text=V-10011-42", "?state=linked", "?state=review", "?waiting=1",
        "?waiting=1&start=1000",
        "?text=Redfern&waiting=1&format=csv", "?format=csv#stream",
    ),
    f"{_C}/vendors/unsure": ("", "?start=100"),
    f"{_C}/vendors/{{vendor}}": ("",),
    f"{_C}/orders": (
        "", "?start=2000", "?sort=number&start=2000", "?sort=-net&start=2000",
        "?text=PO-7801-7", "?text=paper", "?state=done", "?text=PO-7801-7&format=csv#stream",
        "?format=csv#stream",
    ),
    f"{_C}/orders/links": ("", "?state=dropped", "?start=5000", "?state=accepted&format=csv", "?format=csv#stream"),
    f"{_C}/orders/{{order}}": ("",),
    f"{_C}/payments": (
        "", "?start=20000", "?sort=-day&start=20000", "?sort=-paid&start=20000", "?sort=-paid&state=due",
        "?text={number_part}", "?text=Redfern", "?state=refused", "?state=due",
        "?text={number_part}&format=csv",
        "?format=csv#stream",
    ),
    f"{_C}/payments/{{invoice}}": ("",),
    f"{_C}/dimensions": (
        "", "?every=1", "?every=1&start=1000", "?kind=Customer&every=1", "?text=60&every=1", "?text=60&every=1&format=csv",
    ),
    f"{_C}/drift": ("", "?every=1", "?format=csv#stream"),
    f"{_C}/runs": ("", "?failed=1", "?job=invoices", "?before={run}", "?job=invoices&failed=1&format=csv", "?format=csv#stream"),
    f"{_C}/schedules": ("",),
    f"{_C}/schedules/calendar": ("", "?days=31"),
    f"{_C}/webhooks": (
        "", "?before={delivery}", "?system=quickbooks", "?outcome=test", "?text=entity_id+7",
        "?text=entity_id+7&format=csv", "?format=csv#stream",
    ),
    f"{_C}/webhooks/{{delivery}}": ("",),
    f"{_C}/feeds": ("", "?format=csv"),
    f"{_C}/budget": ("", "?format=csv"),
    f"{_C}/settings": ("",),
    f"{_C}/messages": ("", "?format=csv#stream"),
    f"{_C}/connection": ("",),
    f"{_C}/setup": ("",),
    f"{_C}/setup/{{step}}": ("",),
    f"{_C}/audit": (
        "", "?before={entry}", "?text={number}", "?text={invoice}", "?person=demo", "?action=document+received",
        "?since=2026-11-01&until=2026-11-05",
        "?text={invoice}&format=csv", "?format=csv#stream",
    ),
    "/api/v1/openapi.json": ("",),
    "/api/v1/me": ("",),
    "/api/v1/people": ("",),
    "/api/v1/people/{person_login}": ("",),
    "/api/v1/connections": ("",),
    _API: ("",),
    f"{_API}/today": ("",),
    f"{_API}/month": ("",),
    f"{_API}/causes": ("",),
    f"{_API}/documents": ("", "?cursor={api_deep}", "?state=held", "?text={number_part}", "?order=PO-7801", "?posted={posted_day}"),
    f"{_API}/documents/{{invoice}}": ("",),
    f"{_API}/documents/{{invoice}}/drift": ("",),
    f"{_API}/documents/{{invoice}}/payments": ("",),
    f"{_API}/plan": ("", "?cursor={api_deep}", "?text={number_part}"),
    f"{_API}/drift": ("",),
    f"{_API}/mapping": ("?dimension=term",),
    f"{_API}/mapping/coverage": ("",),
    f"{_API}/mapping/proposals": ("",),
    f"{_API}/mapping/table": ("",),
    f"{_API}/mapping/history": ("", "?text=6110"),
    f"{_API}/mapping/compare": ("?older=1&newer={version}",),
    f"{_API}/vendors": ("", "?cursor={api_vendor}", "?text=Redfern", "?state=review", "?waiting=true"),
    f"{_API}/vendors/{{vendor}}": ("",),
    f"{_API}/vendor-reviews": ("", "?cursor={api_review}"),
    f"{_API}/orders": ("", "?cursor={api_order}", "?text=PO-7801-7", "?state=done"),
    f"{_API}/orders/{{order}}": ("",),
    f"{_API}/order-links": ("", "?state=dropped", "?cursor={api_link}"),
    f"{_API}/payments": ("", "?cursor={api_payment}", "?text={number_part}", "?state=told"),
    f"{_API}/alignment": ("?kind=Location",),
    f"{_API}/records": ("", "?text=60", "?state=held", "?cursor={api_record}"),
    f"{_API}/records/{{record}}": ("",),
    f"{_API}/reactivations": ("",),
    f"{_API}/feeds": ("",),
    f"{_API}/budget": ("",),
    f"{_API}/jobs": ("",),
    f"{_API}/schedule/preview": ("", "?count=100"),
    f"{_API}/schedule/calendar": ("", "?days=31"),
    f"{_API}/calls": ("", "?failed=true", "?cursor={api_call}"),
    f"{_API}/outcomes": ("", "?state=failed", "?text={number_part}", "?cursor={api_start}"),
    f"{_API}/alerts": ("", "?over=true"),
    f"{_API}/audit": ("", "?subject={invoice}", "?actor=demo", "?action=document+received", "?cursor={api_entry}"),
    f"{_API}/deliveries": ("", "?system=quickbooks", "?outcome=test", "?entity=entity+7", "?cursor={api_start}"),
    f"{_API}/deliveries/{{delivery}}": ("",),
    f"{_API}/targets": ("",),
    f"{_API}/accruals": ("", "?state=reversed", "?text=number"),
    f"{_API}/files": ("", "?text=pdf", "?cursor={api_file}"),
    f"{_API}/contracts": ("", "?text=K-31"),
    f"{_API}/network": ("", "?state=matched", "?cursor={api_network}"),
    f"{_API}/network/{{document}}": ("",),
    f"{_API}/extracts": ("",),
    f"{_API}/extracts/{{extract}}": ("",),
    f"{_API}/settings": ("",),
    f"{_C}/documents/{{held}}/link": ("", "?text=B"),
    "/errors/api": ("",),
    "/errors/api/{kind}": ("",),
    "/api/v1/errors": ("",),
    "/api/v1/errors/{cause}": ("",),
    "/api/v1/company-sign-in": ("",),
    "/api/v1/me/sessions": ("",),
    "/api/v1/me/tokens": ("",),
    "/api/v1/people-history": ("",),
    "/api/v1/people/{person_login}/sessions": ("",),
    "/api/v1/people/{person_login}/tokens": ("",),
    f"{_API}/budget/days": ("",),
    f"{_API}/card": ("",),
    f"{_API}/causes/{{card}}": ("",),
    f"{_API}/documents/{{held}}/link-candidates": ("", "?text=B"),
    f"{_API}/documents/{{invoice}}/sides": ("",),
    f"{_API}/documents/{{invoice}}/technical": ("",),
    f"{_API}/early-documents": ("",),
    f"{_API}/mapping/targets": ("?dimension=account&text=61", "?dimension=vendor&text=Bea"),
    f"{_API}/messages": ("",),
    f"{_API}/plan/waiting": ("",),
    f"{_API}/runs": ("", "?failed=true"),
    f"{_API}/secrets": ("",),
    f"{_API}/settings/described": ("",),
    f"{_API}/setup": ("",),
    f"{_API}/sign-in": ("",),
    f"{_API}/today/history": ("",),
}  # fmt: skip
"""What is asked of each address. `#part`: as a page that is open asks for a piece of itself; `#stream`: a table of everything,
which takes as long as it is long: how soon it begins is what counts."""


class Asked(NamedTuple):
    """One request: its name in the table, its address, how it is sent. `longer`: why it may take longer than a page."""

    name: str
    path: str
    part: bool
    streamed: bool
    api: bool
    longer: str


def addresses(app: App) -> Iterator[tuple[str, str]]:
    """Method and path of each route, those of mounted applications too."""
    application = create_application(app)
    pending = [("", context) for context in iter_route_contexts(application.routes)]
    while pending:
        prefix, route = pending.pop()
        path, original = getattr(route, "path", None), getattr(route, "original_route", route)
        if isinstance(original, Mount):
            pending += [(prefix + original.path, one) for one in iter_route_contexts(original.routes)]
        elif path is not None:
            for method in sorted(set(getattr(route, "methods", None) or {"GET"}) - {"HEAD"}):
                yield method, prefix + path


def forgotten(app: App) -> list[str]:
    """Addresses that show something and are not measured."""
    known = {_shape(path) for path in (*PAGES, *EXCUSED)}
    return sorted(path for method, path in addresses(app) if method == "GET" and _shape(path) not in known)


def _shape(path: str) -> str:
    """The address without the names of what changes in it."""
    return "/".join("{}" if part.startswith("{") and part != "{connection}" else part for part in path.split("/"))


def asked(database: Database, connection_id: str, connection: str) -> list[Asked]:
    """Everything that is asked, with real numbers, names and places of this connection."""
    values = _values(database, connection_id) | {"connection": connection}
    found = []
    for path, queries in PAGES.items():
        for query in queries:
            plain, _, how = query.partition("#")
            if not all(values[name] for name in _NAMED.findall(path + plain)):
                continue  # a small company has none of these
            shown = (path + plain).replace(_API, "api").replace(f"{_C}/", "") + (f" ({how})" if how else "")
            found.append(
                Asked(
                    shown,
                    (path + plain).format(**values),
                    how == "part",
                    how == "stream",
                    path.startswith(("/api/", "/metrics")),
                    TOLD.get(path + plain, ""),
                )
            )
    return found


def _values(database: Database, connection_id: str) -> dict[str, str]:
    """Of each sort one in the middle, so that nothing lies at hand by luck."""
    own, sent, waits = s.documents.c, s.payment_documents.c, s.held_causes.c
    mine, here = own.connection_id == connection_id, "connection_id"
    with database.read() as tx:

        def middle(table: Table, column: str, *where: ColumnElement[bool]) -> Any:
            """The value in the middle of a table, in the order of the column."""
            which = [*([table.c[here] == connection_id] if here in table.c else []), *where]
            number = tx.execute(select(func.count()).select_from(table).where(*which)).scalar_one()
            value = table.c[column]
            return tx.execute(select(value).where(*which).order_by(value).offset(number // 2).limit(1)).scalar() or ""

        paid = and_(sent.connection_id == own.connection_id, sent.invoice_id == own.invoice_id)
        told = select(own.invoice_id, own.invoice_number, own.total).join(s.payment_documents, paid)
        posted = (
            tx.execute(
                told.where(mine, own.state == DocumentState.CONFIRMED, sent.state != "nothing")
                .order_by(own.seq.desc())
                .offset(100)
                .limit(1)
            ).one_or_none()
            or tx.execute(select(own.invoice_id, own.invoice_number, own.total).where(mine).limit(1)).one()
        )
        many = select(waits.card).where(waits.connection_id == connection_id).group_by(waits.card)
        seq, entry = middle(s.documents, "seq"), middle(s.audit, "id")
        deep = cursor_at(2_000)

        def behind(found: Ordered[Any], number: int) -> str:
            """The cursor of what follows so many, empty where there are not as many."""
            _, place = found.behind(tx, (), number)
            return cursor_behind(place) if place else ""

        # Old ones may be forgotten while the pages are looked at.
        lately = select(s.deliveries.c.id).order_by(s.deliveries.c.received_at.desc()).limit(100)
        made = middle(s.links, "created_at", s.links.c.kind == "invoice")
        return {
            "posted_day": made.date().isoformat() if made else "",
            "number": posted.invoice_number, "number_part": posted.invoice_number[:-1], "invoice": posted.invoice_id,
            "amount": str(abs(posted.total or 0)), "held": middle(s.documents, "invoice_id", own.state == DocumentState.HELD),
            "deep": str(seq), "card": tx.execute(many.order_by(func.count().desc()).limit(1)).scalar() or "",
            "vendor": middle(s.vendor_pairs, "code"), "order": middle(s.copies, "external_id",
            s.copies.c.feed.contains("PurchaseOrders")),
            "run": str(middle(s.job_runs, "id")), "entry": str(entry),
            "delivery": str(middle(s.notices, "delivery_id", s.notices.c.delivery_id.in_(lately))),
            "document": middle(s.network_documents, "bum_id"), "extract": middle(s.extracts, "extract_id"),
            "record": middle(s.outgoing, "external_code"), "person": middle(s.people, "id"),
            "person_login": middle(s.people, "login"),
            "cause": "vendor-inactive", "kind": "not-as-described", "version": str(middle(s.mapping_versions, "version")),
            "step": "mapping", "api_deep": cursor_at(seq), "api_entry": cursor_at(entry),
            "api_start": deep,
            "api_vendor": behind(vendor_pairs.ordered(connection_id), 5_000),
            "api_review": behind(vendor_pairs.ordered(connection_id, states=[VendorState.REVIEW]), 50),
            "api_order": behind(copies.ordered(connection_id, FEED), 2_000),
            "api_payment": behind(payments.ordered(connection_id), 4_000),
            "api_call": behind(calls.ordered(connection_id), 2_000),
            "api_file": behind(attachments.ordered(connection_id), 2_000),
            "api_network": behind(network.ordered(connection_id), 2_000),
            "api_link": behind(order_links.ordered(connection_id), 5_000),
            "api_record": behind(outgoing.ordered(connection_id), 2_000),
        }  # fmt: skip
