"""Whether the columns we rely on are still those Basware publishes to the tenant, and what changed in its definition."""

from collections.abc import Mapping

from ml_connector.basware.errors import Refused, UnreadablePage
from ml_connector.basware.extracts import Change, ExtractsClient
from ml_connector.store import alerts, cursors
from ml_connector.store.schema import Severity
from ml_connector.work.desk import Desk

COLUMNS_ALERT = "extract columns"
"""The alert of a table that lacks a column we need; its subject is the table."""

CHANGE_ALERT = "extract definition"
"""The alert of a new version of the definition that touches a table we load; its subject is the version."""

_FEED = "basware.dataExtracts.definition"


def check_columns(desk: Desk, client: ExtractsClient) -> Mapping[str, frozenset[str]]:
    """The published columns by table, empty where Basware publishes none; alerts are raised and cleared by what they lack."""
    try:
        columns, changes = client.columns(), client.changes()
    except (Refused, UnreadablePage) as error:
        _tell_unpublished(desk, str(error))
        return {}
    now = desk.clock.now()
    with desk.write() as tx:
        alerts.clear(tx, desk.connection_id, kind=COLUMNS_ALERT, subject="", now=now)
        for table, needed in _needed(desk).items():
            missing = [name for name in needed if name not in columns.get(table, frozenset())]
            if not missing or not columns:
                alerts.clear(tx, desk.connection_id, kind=COLUMNS_ALERT, subject=table, now=now)
                continue
            what = f"has no column {', '.join(missing)}" if table in columns else "is not in it"
            message = (
                f"Basware's table definition: {table} {what}. Compare the names with the definition and correct [basware.extracts] "
                "in the connection file. Extracts wait until then where a key is concerned."
            )
            alerts.raise_(
                tx, desk.connection_id, kind=COLUMNS_ALERT, subject=table, message=message,
                severity=Severity.WARNING, now=now,
            )  # fmt: skip
    _note_changes(desk, changes)
    return columns


def _needed(desk: Desk) -> dict[str, tuple[str, ...]]:
    """By table the columns whose absence would do harm: keys, and what tells a supplier."""
    own = desk.settings.basware.extracts
    needed = {table: own.keys[table] for table in own.tables}
    if "ADM_SUPPLIER" in needed:
        shown = own.suppliers
        needed["ADM_SUPPLIER"] = (*needed["ADM_SUPPLIER"], shown.id, shown.code, shown.name, shown.active)
    return {table: tuple(dict.fromkeys(names)) for table, names in needed.items()}


def _note_changes(desk: Desk, changes: tuple[Change, ...]) -> None:
    """Tell a person once about each new version that takes something from a table we load."""
    own, now = desk.settings.basware.extracts, desk.clock.now()
    with desk.write() as tx:
        known = cursors.get(tx, desk.connection_id, _FEED)
        seen = set(known.split("\n")) if known else set()
        for change in changes:
            if change.version in seen or not known:
                continue
            lost = [table for table in change.removed_tables if table in own.tables]
            lost += [
                f"{table}.{name}" for table, (_, gone) in change.columns.items() if table in own.tables for name in gone
            ]
            if lost:
                message = f"Version {change.version} of Basware's table definition no longer has {', '.join(lost)}."
                alerts.raise_(
                    tx, desk.connection_id, kind=CHANGE_ALERT, subject=change.version, message=message,
                    severity=Severity.WARNING, now=now,
                )  # fmt: skip
        if changes:
            cursors.put(tx, desk.connection_id, _FEED, "\n".join(sorted(seen | {one.version for one in changes})), now)


def _tell_unpublished(desk: Desk, problem: str) -> None:
    with desk.write() as tx:
        alerts.raise_(
            tx, desk.connection_id, kind=COLUMNS_ALERT, subject="",
            message=f"Basware's table definition could not be read, so the columns are not checked: {problem}",
            severity=Severity.WARNING, now=desk.clock.now(),
        )  # fmt: skip
