"""The mapping as it was: who changed what and why, any earlier version, what differs between two, and going back to one.

Every version is the sum of the changes before it, so an earlier one is found by taking the later changes back.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

import msgspec

from ml_connector.model.mapping import MappingRule
from ml_connector.store import mappings
from ml_connector.store.database import Tx
from ml_connector.store.mappings import MappingVersion
from ml_connector.work.desk import Desk
from ml_connector.work.mapping_tables import MappingTableError, conditions_text

_PORTION = 50
"""Versions read at once while one is looked for."""
_WORD = re.compile(r"\w+")


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """One rule before and after; None where there was or is none."""

    dimension: str
    what: str
    before: MappingRule | None
    after: MappingRule | None


class MappingChange(msgspec.Struct, frozen=True, kw_only=True):
    """One version: who made it when and why, and the rules that are different since."""

    version: int
    at: datetime
    by: str
    reason: str
    changes: tuple[RuleChange, ...]


class _Change(msgspec.Struct, frozen=True):
    removed: tuple[MappingRule, ...] = ()
    added: tuple[MappingRule, ...] = ()


class _Stored(msgspec.Struct, frozen=True):
    """A change whose rules are read only where one is looked for: a table that was imported has thousands."""

    removed: tuple[msgspec.Raw, ...] = ()
    added: tuple[msgspec.Raw, ...] = ()


class _Named(msgspec.Struct, frozen=True):
    id: str


class _Ids(msgspec.Struct, frozen=True):
    removed: tuple[_Named, ...] = ()
    added: tuple[_Named, ...] = ()


def history(
    tx: Tx, connection_id: str, limit: int = 100, *, before: int | None = None, text: str = ""
) -> list[MappingChange]:
    """The last versions, newest first; only those before version `before`, to go on where a page ended.

    With a `text` only those that somebody of that name made, or whose reason has it, and of others the rules that have it: in
    their code or conditions, their note, or the record of QuickBooks that the code leads to.
    """
    wanted = text.strip().lower()
    if not wanted:
        return [_shown(version) for version in mappings.history(tx, connection_id, limit, before=before)]
    return list(islice(_found(tx, connection_id, wanted, before), limit))


def _found(tx: Tx, connection_id: str, wanted: str, before: int | None) -> Iterator[MappingChange]:
    word = _word(wanted)
    while True:
        some = mappings.history(tx, connection_id, _PORTION, before=before, word=word)
        yield from filter(None, (_narrowed(version, wanted) for version in some))
        if len(some) < _PORTION:
            return
        before = some[-1].version


def _narrowed(version: MappingVersion, wanted: str) -> MappingChange | None:
    """A version with the rules in which a text is found, with all where it is found beside them; None where it is in nothing."""
    if wanted in f"{version.changed_by} {version.reason}".lower():
        return _shown(version)
    stored = msgspec.json.decode(version.change, type=_Stored)
    word = _word(wanted).encode()
    named = {
        rule.id
        for raw in (*stored.removed, *stored.added)
        if word in bytes(raw).lower() and wanted in _told(rule := msgspec.json.decode(raw, type=MappingRule))
    }
    if not named:
        return None
    ids = msgspec.json.decode(version.change, type=_Ids)
    removed, added = (
        tuple(msgspec.json.decode(raw, type=MappingRule) for raw, one in zip(rules, of, strict=True) if one.id in named)
        for rules, of in ((stored.removed, ids.removed), (stored.added, ids.added))
    )
    return _made(version, _Change(removed, added))


def _word(wanted: str) -> str:
    """What is looked for in JSON before it is read: a number, which is the rarest, else the longest word. SQLite knows capitals of
    ASCII only, and punctuation may stand otherwise there."""
    words = [word for word in _WORD.findall(wanted) if word.isascii()]
    return max(words, key=lambda word: (word.isdigit(), len(word)), default="")


def _told(rule: MappingRule) -> str:
    return " ".join((what(rule), rule.target_name, rule.note)).lower()


def rules_at(tx: Tx, connection_id: str, version: int) -> tuple[MappingRule, ...]:
    """All rules as they were after that change; 0 is before the first. Raises MappingTableError where there is none such."""
    mapping = mappings.load(tx, connection_id)
    _require_versions(mapping.version, version)
    rules = {rule.id: rule for rule in mapping.rules}
    for later in mappings.history(tx, connection_id, limit=None, since=version):
        change = _read(later)
        for rule in change.added:
            rules.pop(rule.id, None)
        rules |= {rule.id: rule for rule in change.removed}
    return tuple(rules.values())


def compare(tx: Tx, connection_id: str, older: int, newer: int) -> tuple[RuleChange, ...]:
    """What is different in the newer of two versions, out of what was changed between them. Raises MappingTableError."""
    _require_versions(mappings.version(tx, connection_id), older, newer)
    low, high = sorted((older, newer))
    first: dict[str, MappingRule | None] = {}
    last: dict[str, MappingRule | None] = {}
    for version in reversed(mappings.history(tx, connection_id, limit=None, since=low, before=high + 1)):
        change = _read(version)
        for rule in change.removed:
            first.setdefault(rule.id, rule)
            last[rule.id] = None
        for rule in change.added:
            first.setdefault(rule.id, None)
            last[rule.id] = rule
    before, after = (first, last) if older == low else (last, first)
    return _pairs(_there(before), _there(after))


def restore(desk: Desk, version: int, *, actor: str, reason: str) -> int:
    """Make the mapping what it was at a version; its number now. A change like any other, so it can be taken back too.

    Raises MappingTableError without a reason, and for a version there never was.
    """
    if not reason.strip():
        raise MappingTableError("Say why the mapping goes back: it is what whoever finds it will ask.")
    with desk.write() as tx:
        rules = rules_at(tx, desk.connection_id, version)
        why = f"back to version {version}: {reason.strip()}"
        return mappings.replace_all(tx, desk.connection_id, rules, by=actor, now=desk.clock.now(), why=why)


def _require_versions(newest: int, *versions: int) -> None:
    for version in versions:
        if not 0 <= version <= newest:
            raise MappingTableError(f"There is no version {version}; the newest is {newest}.")


def _there(rules: Mapping[str, MappingRule | None]) -> tuple[MappingRule, ...]:
    return tuple(rule for rule in rules.values() if rule is not None)


def _read(version: MappingVersion) -> _Change:
    return msgspec.json.decode(version.change, type=_Change)


def _shown(version: MappingVersion) -> MappingChange:
    return _made(version, _read(version))


def _made(version: MappingVersion, change: _Change) -> MappingChange:
    return MappingChange(
        version=version.version,
        at=version.changed_at,
        by=version.changed_by,
        reason=version.reason,
        changes=_pairs(change.removed, change.added),
    )


def _pairs(before: tuple[MappingRule, ...], after: tuple[MappingRule, ...]) -> tuple[RuleChange, ...]:
    old, new = {rule.id: rule for rule in before}, {rule.id: rule for rule in after}
    found = [
        RuleChange(
            dimension=(new.get(id_) or old[id_]).dimension.value,
            what=what(new.get(id_) or old[id_]),
            before=old.get(id_),
            after=new.get(id_),
        )
        for id_ in dict.fromkeys((*old, *new))
        if old.get(id_) != new.get(id_)
    ]
    return tuple(sorted(found, key=lambda one: (one.dimension, one.what)))


def what(rule: MappingRule) -> str:
    """What a rule is about: its code, its conditions, or that it is the default."""
    return "(default)" if rule.is_default else rule.code or conditions_text(rule)
