"""The rest of what people look at: today, accruals, files, contracts, documents of the Network, extracts."""

from typing import Any

import msgspec

from ml_connector.console.api.operation import (
    Call,
    InputError,
    Page,
    Paged,
    Text,
    listed,
    reader,
    sliced,
    writer,
)
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store.attachments import FileLine
from ml_connector.store.schema import AccrualState, NetworkState
from ml_connector.work.accruals import shown as accruals
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.attachments import shown as attachments
from ml_connector.work.feeds.contract_views import ContractView, contract_list
from ml_connector.work.feeds.extract_views import ExtractLine, ExtractView, extract_lines, extract_view
from ml_connector.work.feeds.network_views import NetworkLine, NetworkView, network_list, network_view
from ml_connector.work.month import MonthView, month_of, month_view, this_month
from ml_connector.work.today import HistoryDay, TodayView, history_view, today_view

_MOST = 1000
"""Extracts are few: they are read whole, and shown in pages."""


class AccrualQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accruals: in some states, with a text in numbers, ids and suppliers."""

    state: tuple[AccrualState, ...] = ()
    text: Text = ""


class MonthQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which month, as 2026-11; the present one when left out."""

    month: Text = ""


class TextQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those with a text in what they say."""

    text: Text = ""


class NetworkQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only those in some states."""

    state: tuple[NetworkState, ...] = ()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """How many are tried again."""

    tried: int


def _today(call: Call) -> TodayView:
    with call.desk() as desk:
        return today_view(desk)


def _month(call: Call) -> MonthView:
    query: MonthQuery = call.query
    with call.desk() as desk:
        first = month_of(query.month) if query.month else this_month(desk)
        if first is None:
            raise InputError("month is written like 2026-11.")
        return month_view(desk, first)


def _today_history(call: Call) -> Page[HistoryDay]:
    with call.desk() as desk:
        return sliced(call.query, history_view(desk))


def _accruals(call: Call) -> Page[AccrualView]:
    query: AccrualQuery = call.query
    with call.desk() as desk:
        return listed(query, accruals.accrual_list(desk, states=query.state, text=query.text))


def _accrual_again(call: Call) -> Again:
    with call.desk() as desk:
        tried = accruals.try_again(desk, call.given["invoice"], actor=call.visitor.actor)
    return Again(tried=tried)


def _files(call: Call) -> Page[FileLine]:
    query: TextQuery = call.query
    with call.desk() as desk:
        return listed(query, attachments.file_list(desk, text=query.text))


def _files_again(call: Call) -> Again:
    with call.desk() as desk:
        return Again(tried=attachments.try_again(desk, call.document(desk), actor=call.visitor.actor))


def _contracts(call: Call) -> Page[ContractView]:
    query: TextQuery = call.query
    with call.desk() as desk:
        return listed(query, contract_list(desk, text=query.text))


def _network(call: Call) -> Page[NetworkLine]:
    query: NetworkQuery = call.query
    with call.desk() as desk:
        return listed(query, network_list(desk, states=query.state or None))


def _network_one(call: Call) -> NetworkView:
    with call.desk() as desk:
        found = network_view(desk, call.given["document"])
    if found is None:
        raise NotFoundError
    return found


def _extracts(call: Call) -> Page[ExtractLine]:
    with call.desk() as desk:
        found = extract_lines(desk, limit=_MOST)
    return sliced(call.query, found)


def _extract(call: Call) -> ExtractView:
    with call.desk() as desk:
        found = extract_view(desk, call.given["extract"])
    if found is None:
        raise NotFoundError
    return found


_ONE = "/connections/{connection}"
_DECIDE: dict[str, Any] = {"right": Right.DECIDE}
OPERATIONS = (
    reader("connections", f"{_ONE}/today", "Are the books current?", TodayView, _today),
    reader("connections", f"{_ONE}/month", "Is a month finished?", MonthView, _month, query=MonthQuery),
    reader(
        "connections",
        f"{_ONE}/today/history",
        "What was posted and began to wait, day by day",
        Page[HistoryDay],
        _today_history,
        query=Paged,
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
