"""The mapping as a whole: its CSV table out and in, its history, two versions compared, an earlier one restored."""

from typing import Annotated

import msgspec

from ml_connector.console.api.mapping import rules_now
from ml_connector.console.api.operation import Call, Page, Paged, Reason, Text, keyed, reader, sliced, writer
from ml_connector.model.people import Right
from ml_connector.work import mapping_history
from ml_connector.work import mapping_tables as tables
from ml_connector.work.lists import load_books
from ml_connector.work.mapping_csv import export_csv, read_csv
from ml_connector.work.mapping_history import MappingChange, RuleChange


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken over."""

    version: int
    rules: int
    dry_run: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The mapping as a CSV table."""

    version: int
    csv: str


class NewTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rules as a CSV table. `replace`: they are the whole mapping. `dry_run`: only check them."""

    csv: str
    replace: bool = False
    dry_run: bool = False
    reason: Text = ""


class Back(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version that the mapping goes back to, and why."""

    version: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    reason: Reason


class CompareQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two versions."""

    older: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    newer: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only changes with a text in who made them, why, or in a rule: its code, its conditions, what it leads to."""

    text: Text = ""


def _export(call: Call) -> Table:
    with call.desk() as desk:
        found = rules_now(desk)
    return Table(version=found.version, csv=export_csv(found))


def _import(call: Call) -> Taken:
    body: NewTable = call.body
    with call.desk() as desk:
        rules, version = read_csv(body.csv, load_books(desk)), rules_now(desk).version
        if not body.dry_run:
            why = body.reason or "imported"
            version = tables.replace_rules(desk, rules, actor=call.visitor.actor, why=why, whole=body.replace)
    return Taken(version=version, rules=len(rules), dry_run=body.dry_run)


def _history(call: Call) -> Page[MappingChange]:
    query: HistoryQuery = call.query
    with call.app.database.read() as tx:

        def read(before: int | None, limit: int) -> list[MappingChange]:
            return mapping_history.history(tx, call.connection.id, limit, before=before, text=query.text)

        return keyed(query, read, lambda one: one.version)


def _compare(call: Call) -> Page[RuleChange]:
    query: CompareQuery = call.query
    with call.app.database.read() as tx:
        return sliced(query, mapping_history.compare(tx, call.connection.id, query.older, query.newer))


def _restore(call: Call) -> Taken:
    body: Back = call.body
    with call.desk() as desk:
        version = mapping_history.restore(desk, body.version, actor=call.visitor.actor, reason=body.reason)
        return Taken(version=version, rules=len(rules_now(desk).rules))


_TAG, _ALL = "mapping", "/connections/{connection}/mapping"
OPERATIONS = (
    reader(_TAG, f"{_ALL}/table", "The rules as a CSV table", Table, _export),
    writer(
        _TAG,
        f"{_ALL}/table",
        "Take rules over from a CSV table, all or none",
        Taken,
        _import,
        right=Right.MAP,
        body=NewTable,
    ),
    reader(
        _TAG,
        f"{_ALL}/history",
        "Changes of the mapping, newest first",
        Page[MappingChange],
        _history,
        query=HistoryQuery,
    ),
    reader(
        _TAG,
        f"{_ALL}/compare",
        "What differs between two versions",
        Page[RuleChange],
        _compare,
        query=CompareQuery,
    ),
    writer(_TAG, f"{_ALL}/restore", "Go back to a version", Taken, _restore, right=Right.MAP, body=Back),
)
