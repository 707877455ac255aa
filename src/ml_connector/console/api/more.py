"""The rest of what people look at: today, accruals, files, contracts, documents of the Network, extracts; settings and review."""

from typing import Annotated, Any

import msgspec

from ml_connector.console.api.operation import (
    Call,
    Name,
    Page,
    Paged,
    Reason,
    Text,
    counted,
    reader,
    writer,
)
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.attachments import FileLine
from ml_connector.store.schema import AccrualState, NetworkState
from ml_connector.work.accruals import shown as accruals
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.attachments import shown as attachments
from ml_connector.work.feeds.contract_views import ContractView, contract_views
from ml_connector.work.feeds.extract_views import ExtractLine, ExtractView, extract_lines, extract_view
from ml_connector.work.feeds.network_views import NetworkLine, NetworkView, network_lines, network_view
from ml_connector.work.review import Flow, set_review
from ml_connector.work.settings import ConnectionFile, decode_settings
from ml_connector.work.settings_views import changed_to
from ml_connector.work.today import TodayView, today_view

_MOST = 1000
"""These lists are short: they are read whole, and shown in pages."""


class AccrualQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accruals: in some states, with a text in numbers, ids and suppliers."""

    state: tuple[AccrualState, ...] = ()
    text: Text = ""


class TextQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those with a text in what they say."""

    text: Text = ""


class NetworkQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those in some states."""

    state: tuple[NetworkState, ...] = ()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """How many are tried again."""

    tried: int


class NewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings by dotted name, such as `policy.posting_date`, each as text; an empty text is the default. All or none are saved."""

    settings: Annotated[dict[Name, Annotated[str, msgspec.Meta(max_length=10_000)]], msgspec.Meta(min_length=1)]
    reason: Reason


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """Whether anything was different."""

    changed: bool


class ReviewOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether what is written for a flow is proposed first and waits for a release."""

    flow: Flow
    on: bool


def _today(call: Call) -> TodayView:
    with call.desk() as desk:
        return today_view(desk)


def _accruals(call: Call) -> Page[AccrualView]:
    query: AccrualQuery = call.query
    with call.desk() as desk:
        found = accruals.accrual_lines(desk, states=query.state, text=query.text, limit=_MOST)
    return counted(query, lambda offset, limit: found[offset : offset + limit])


def _accrual_again(call: Call) -> Again:
    with call.desk() as desk:
        tried = accruals.try_again(desk, call.given["invoice"], actor=call.visitor.actor)
    return Again(tried=tried)


def _files(call: Call) -> Page[FileLine]:
    query: TextQuery = call.query
    with call.desk() as desk:
        found = attachments.file_lines(desk, text=query.text, limit=_MOST)
    return counted(query, lambda offset, limit: found[offset : offset + limit])


def _files_again(call: Call) -> Again:
    with call.desk() as desk:
        return Again(tried=attachments.try_again(desk, call.document(desk), actor=call.visitor.actor))


def _contracts(call: Call) -> Page[ContractView]:
    query: TextQuery = call.query
    with call.desk() as desk:
        found = contract_views(desk, text=query.text, limit=_MOST)
    return counted(query, lambda offset, limit: found[offset : offset + limit])


def _network(call: Call) -> Page[NetworkLine]:
    query: NetworkQuery = call.query
    with call.desk() as desk:
        found = network_lines(desk, states=query.state or None, limit=_MOST)
    return counted(query, lambda offset, limit: found[offset : offset + limit])


def _network_one(call: Call) -> NetworkView:
    with call.desk() as desk:
        found = network_view(desk, call.given["document"])
    if found is None:
        raise NotFoundError
    return found


def _extracts(call: Call) -> Page[ExtractLine]:
    with call.desk() as desk:
        found = extract_lines(desk, limit=_MOST)
    return counted(call.query, lambda offset, limit: found[offset : offset + limit])


def _extract(call: Call) -> ExtractView:
    with call.desk() as desk:
        found = extract_view(desk, call.given["extract"])
    if found is None:
        raise NotFoundError
    return found


def _save(call: Call) -> Saved:
    body: NewSettings = call.body
    row = call.connection
    before = decode_settings(row.settings)
    after = changed_to(before, body.settings)
    if after == before:
        return Saved(changed=False)
    file = ConnectionFile(name=row.name, settings=after, secrets={})
    call.app.add_connection(file, {}, actor=call.visitor.actor, reason=body.reason)
    return Saved(changed=True)


def _review(call: Call) -> ReviewOf:
    body: ReviewOf = call.body
    with call.desk() as desk:
        set_review(desk, body.flow, on=body.on, actor=call.visitor.actor)
    return body


_ONE = "/connections/{connection}"
_DECIDE: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader("connections", f"{_ONE}/today", "Are the books current?", TodayView, _today),
    writer("connections", f"{_ONE}/settings", "Save settings", Saved, _save, right=Right.ADMINISTER, body=NewSettings),
    writer(
        "connections",
        f"{_ONE}/review",
        "Propose first, or post at once",
        ReviewOf,
        _review,
        right=Right.ADMINISTER,
        body=ReviewOf,
    ),
    reader("documents", f"{_ONE}/accruals", "Accruals, newest first", Page[AccrualView], _accruals, query=AccrualQuery),
    writer(
        "documents", f"{_ONE}/accruals/{{invoice}}/retry", "Plan held accruals again", Again, _accrual_again, **_DECIDE
    ),
    reader("documents", f"{_ONE}/files", "Files of documents, newest first", Page[FileLine], _files, query=TextQuery),
    writer(
        "documents", f"{_ONE}/documents/{{invoice}}/files/retry", "Copy its files again", Again, _files_again, **_DECIDE
    ),
    reader(
        "purchase orders",
        f"{_ONE}/contracts",
        "Contracts with what is spent on them",
        Page[ContractView],
        _contracts,
        query=TextQuery,
    ),
    reader(
        "documents",
        f"{_ONE}/network",
        "Documents of the Basware Network",
        Page[NetworkLine],
        _network,
        query=NetworkQuery,
    ),
    reader("documents", f"{_ONE}/network/{{document}}", "One of them", NetworkView, _network_one),
    reader("operation", f"{_ONE}/extracts", "Data Access extracts", Page[ExtractLine], _extracts, query=Paged),
    reader("operation", f"{_ONE}/extracts/{{extract}}", "One of them", ExtractView, _extract),
)
