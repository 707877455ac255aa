"""Mapping rules of a connection, and the history of who changed them.

Two rules can never claim the same code, nor a dimension have two defaults: the database refuses it, and this module says it in
words first. What a rule means is decided in rules/.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select

from ml_connector.model.mapping import Dimension, Mapping, MappingRule
from ml_connector.store import audit
from ml_connector.store.columns import to_json
from ml_connector.store.database import Tx
from ml_connector.store.errors import MappingConflictError
from ml_connector.store.rows import as_structs, chunks, insert, lock_connection
from ml_connector.store.schema import mapping_versions, mappings

VENDOR_MAPPED = "vendor mapped"
"""Action of the audit: a rule says, or says no longer, who a supplier code is. Its subject is the vendor."""

_COLUMNS = [mappings.c[name] for name in MappingRule.__struct_fields__]


class MappingVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One change: its number, when, by whom, why, and JSON of the rules that went and came."""

    version: int
    changed_at: datetime
    changed_by: str
    reason: str
    change: str


def load(tx: Tx, connection_id: str) -> Mapping:
    """All rules, in the order in which rules with conditions are tried, and the version."""
    query = select(*_COLUMNS).where(mappings.c.connection_id == connection_id)
    rows = tx.execute(query.order_by(mappings.c.dimension, mappings.c.priority, mappings.c.id))
    return Mapping(rules=tuple(as_structs(MappingRule, rows)), version=version(tx, connection_id))


def target_of(tx: Tx, connection_id: str, dimension: Dimension, code: str) -> str:
    """The QuickBooks id that a rule says a code to be; empty without such a rule."""
    query = select(mappings.c.target_id).where(
        mappings.c.connection_id == connection_id, mappings.c.dimension == dimension,
        mappings.c.code == code, mappings.c.code != "",
    )  # fmt: skip
    return tx.execute(query).scalar() or ""


def set_rule(tx: Tx, connection_id: str, rule: MappingRule, *, by: str, now: datetime, why: str = "") -> int:
    """Add a rule or replace the one with its id; the version after it. A rule that is there already changes nothing.

    Raises MappingConflictError when the rule is malformed, or another one has its code or is the dimension's default.
    """
    lock_connection(tx, connection_id)
    mapping = load(tx, connection_id)
    before = next((known for known in mapping.rules if known.id == rule.id), None)
    if before == rule:
        return mapping.version
    _check([*(known for known in mapping.rules if known.id != rule.id), rule])
    values = _values(connection_id, rule, by, now)
    statement = insert(tx, mappings).values(**values)
    tx.execute(statement.on_conflict_do_update(index_elements=["connection_id", "id"], set_=values))
    return _record(tx, connection_id, by, now, why, removed=[before] if before else [], added=[rule])


def add_missing(
    tx: Tx, connection_id: str, rules: Iterable[MappingRule], *, by: str, now: datetime, why: str = ""
) -> list[MappingRule]:
    """Add rules for codes that have none, as one change; those that were added. A code that has a rule keeps it."""
    lock_connection(tx, connection_id)
    known = load(tx, connection_id).rules
    taken, ids = {(one.dimension, one.code) for one in known if one.code}, {one.id for one in known}
    added: dict[tuple[Dimension, str], MappingRule] = {}
    for rule in rules:
        key = (rule.dimension, rule.code)
        if rule.code and key not in taken and rule.id not in ids:
            added.setdefault(key, rule)
    if added:
        _check([*known, *added.values()])
        for some in chunks(added.values(), 500):
            tx.execute(mappings.insert(), [_values(connection_id, rule, by, now) for rule in some])
        _record(tx, connection_id, by, now, why, removed=[], added=list(added.values()))
    return list(added.values())


def remove_rule(tx: Tx, connection_id: str, rule_id: str, *, by: str, now: datetime, why: str = "") -> bool:
    """Remove a rule; whether there was one."""
    lock_connection(tx, connection_id)
    before = [rule for rule in load(tx, connection_id).rules if rule.id == rule_id]
    if before:
        tx.execute(mappings.delete().where(mappings.c.connection_id == connection_id, mappings.c.id == rule_id))
        _record(tx, connection_id, by, now, why, removed=before, added=[])
    return bool(before)


def replace_all(
    tx: Tx, connection_id: str, rules: Iterable[MappingRule], *, by: str, now: datetime, why: str = ""
) -> int:
    """Put these rules in place of all there are, as one change; the version after it. Raises MappingConflictError."""
    lock_connection(tx, connection_id)
    wanted = list(rules)
    _check(wanted)
    known = load(tx, connection_id)
    before, after = {rule.id: rule for rule in known.rules}, {rule.id: rule for rule in wanted}
    removed = [rule for rule in known.rules if after.get(rule.id) != rule]
    added = [rule for rule in wanted if before.get(rule.id) != rule]
    if not removed and not added:
        return known.version
    for some in chunks(removed, 500):
        tx.execute(mappings.delete().where(_among(connection_id, some)))
    for some in chunks(added, 500):
        tx.execute(mappings.insert(), [_values(connection_id, rule, by, now) for rule in some])
    return _record(tx, connection_id, by, now, why, removed=removed, added=added)


def history(
    tx: Tx,
    connection_id: str,
    limit: int | None = 100,
    since: int = 0,
    *,
    before: int | None = None,
    word: str = "",
) -> list[MappingVersion]:
    """The last changes after version `since`, newest first; only those before version `before`, to go on where a page ended.

    `word`: only those in which this is found, be it in a name of a field: whoever asks looks closer.
    """
    columns = [mapping_versions.c[name] for name in MappingVersion.__struct_fields__]
    query = select(*columns).where(
        mapping_versions.c.connection_id == connection_id, mapping_versions.c.version > since
    )
    if before is not None:
        query = query.where(mapping_versions.c.version < before)
    if word:
        told = (mapping_versions.c[name] for name in ("changed_by", "reason", "change"))
        has = ColumnElement.contains if word.isdigit() else ColumnElement.icontains  # capitals take long in PostgreSQL
        query = query.where(or_(*(has(one, word, autoescape=True) for one in told)))
    rows = tx.execute(query.order_by(mapping_versions.c.version.desc()).limit(limit))
    return as_structs(MappingVersion, rows)


def version(tx: Tx, connection_id: str) -> int:
    """The number of the last change, 0 before the first."""
    query = select(func.max(mapping_versions.c.version)).where(mapping_versions.c.connection_id == connection_id)
    return tx.execute(query).scalar_one() or 0


def _among(connection_id: str, rules: Iterable[MappingRule]) -> ColumnElement[bool]:
    return and_(mappings.c.connection_id == connection_id, mappings.c.id.in_([rule.id for rule in rules]))


def _values(connection_id: str, rule: MappingRule, by: str, now: datetime) -> dict[str, object]:
    fields = {name: getattr(rule, name) for name in MappingRule.__struct_fields__}
    return fields | {"connection_id": connection_id, "updated_at": now, "updated_by": by}


def _record(
    tx: Tx,
    connection_id: str,
    by: str,
    now: datetime,
    why: str,
    *,
    removed: list[MappingRule],
    added: list[MappingRule],
) -> int:
    """Keep a change, in the mapping's own history and in the audit, which is sealed: the digest there stands for all of it."""
    latest = version(tx, connection_id) + 1
    change = to_json({"removed": removed, "added": added})
    told = f"rules that went: {len(removed)}, that came: {len(added)}; SHA-256 {sha256(change.encode()).hexdigest()}"
    entries = [
        audit.NewEntry(at=now, actor=by, action="mapping changed", subject=f"mapping {latest}", after=told, reason=why)
    ]
    vendors = {rule.code for rule in (*removed, *added) if rule.dimension is Dimension.VENDOR and rule.code}
    entries += [
        audit.NewEntry(at=now, actor=by, action=VENDOR_MAPPED, subject=f"vendor {code}", reason=why)
        for code in sorted(vendors)
    ]
    audit.record_many(tx, connection_id, entries)
    values = {
        "connection_id": connection_id,
        "version": latest,
        "changed_at": now,
        "changed_by": by,
        "reason": why,
        "change": change,
    }
    tx.execute(mapping_versions.insert().values(**values))
    return latest


def _check(rules: list[MappingRule]) -> None:
    """Raise MappingConflictError for a rule that says nothing or several things, and for two that claim the same."""
    ids: set[str] = set()
    claimed: dict[tuple[Dimension, str], str] = {}
    for rule in rules:
        if [bool(rule.code), bool(rule.conditions), rule.is_default].count(True) != 1:
            raise MappingConflictError(
                f"mapping rule {rule.id!r} must have either a code, or conditions, or be the default"
            )
        if rule.id in ids:
            raise MappingConflictError(f"two mapping rules have the id {rule.id!r}")
        ids.add(rule.id)
        if rule.conditions:
            continue
        other = claimed.setdefault((rule.dimension, rule.code), rule.id)
        if other != rule.id:
            what = f"{rule.dimension.value} code {rule.code!r}" if rule.code else f"the default {rule.dimension.value}"
            raise MappingConflictError(f"{what} is set twice, by rule {other!r} and rule {rule.id!r}")
