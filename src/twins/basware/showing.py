"""A record of imported data as the interface shows it: with or without nulls, or as a later release might show it."""

from collections.abc import Mapping
from typing import Any

from twins.basware.resources import Resource
from twins.basware.schemas import Schema, schema
from twins.basware.state import World

LATER_VALUE = "ValueOfALaterRelease"
_ADDED = {"baswareMinorRelease": {"note": "a field of a later release"}}


def shown(world: World, resource: Resource, entity: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record, changed as the tenant's switches say."""
    switches = world.switches
    if switches.null_fields == "omit":
        entity = without_nulls(entity)
    if not (switches.extra_fields or switches.unknown_enum_values):
        return entity
    if switches.drift_share < 1 and world.source.random() >= switches.drift_share:
        return entity
    return _drifted(schema(resource.schema), entity, extra=switches.extra_fields, unknown=switches.unknown_enum_values)


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
    return {**changed, **_ADDED} if extra else changed
