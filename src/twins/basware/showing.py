"""A record as the interface shows it: with or without nulls, or as a later release might show it."""

from collections.abc import Mapping
from typing import Any

from twins.basware.schemas import Schema, schema
from twins.basware.state import World

LATER_VALUE = "ValueOfALaterRelease"
ADDED = {"baswareMinorRelease": {"note": "a field of a later release"}}


def shown(world: World, kind: str, entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record, whose schema is `kind`, changed as the tenant's switches say."""
    switches = world.switches
    if switches.null_fields == "omit":
        entity = without_nulls(entity)
    if not drifts(world):
        return entity
    return _drifted(schema(kind), entity, extra=switches.extra_fields, unknown=switches.unknown_enum_values)


def drifts(world: World) -> bool:
    """Whether the next record is shown as a later release might show it: a share of all, drawn from the seed."""
    switches = world.switches
    if not (switches.extra_fields or switches.unknown_enum_values):
        return False
    return switches.drift_share >= 1 or world.source.random() < switches.drift_share


def without_nulls(value: Any) -> Any:
    """A value without the properties that are null, at any depth."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def _drifted(known: Schema, entity: Mapping[str, Any], *, extra: bool, unknown: bool) -> dict[str, Any]:
    """A record of a later release: fields and values that no specification knows, also in its inner records."""
    changed = dict(entity)
    for name, field in known.items():
        value = entity.get(name)
        if value is None:
            continue
        if field.words and unknown:
            changed[name] = LATER_VALUE
        elif field.shape:
            members = value if field.many else [value]
            inner = [_drifted(schema(field.shape), member, extra=extra, unknown=unknown) for member in members]
            changed[name] = inner if field.many else inner[0]
    return {**changed, **ADDED} if extra else changed
