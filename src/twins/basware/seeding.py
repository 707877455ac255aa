"""Imported data that is there from the start, in the API layer and in P2P, as if it had been imported long ago."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twins.basware.imports import codes_in_p2p, save
from twins.basware.intake import Intake, Item
from twins.basware.master_data import keep
from twins.basware.p2p_store import Code
from twins.basware.resources import LIST_KEYS, RESOURCES, Resource
from twins.basware.schemas import problems, schema
from twins.basware.state import World, seeded_instant
from twins.basware.values import new_uuid, to_moment

SEEDED = tuple(resource.name for resource in RESOURCES if resource.name != "companies")
"""Keys of a seed that hold imported data; `lists` holds the entries of each list by its key."""


def seed_settings(intake: Intake, seed: Mapping[str, Any]) -> None:
    """What is set up in P2P itself: its units, and what is active or configured there."""
    store = intake.p2p
    store.units = {company["companyCode"]: "" for company in seed["companies"]} | dict(seed.get("units") or {})
    store.units |= {parent: "" for parent in set(store.units.values()) - store.units.keys() if parent}
    for name in ("currencies", "vendor_classes", "identifier_keys"):
        if seed.get(name) is not None:
            setattr(store, name, frozenset(seed[name]))


def seed_records(world: World, intake: Intake, seed: Mapping[str, Any], now: datetime) -> None:
    """Take in companies and all lists of a seed. Raises ValueError for a record that the interface would refuse."""
    for resource in RESOURCES:
        if resource.name == "lists":
            for list_key, entities in (seed.get("lists") or {}).items():
                if list_key not in LIST_KEYS:
                    raise ValueError(f"there is no list {list_key}")
                _seed_list(world, intake, _Target(resource, list_key, now), entities)
        else:
            _seed_list(world, intake, _Target(resource, "", now), seed.get(resource.name) or ())


@dataclass(frozen=True)
class _Target:
    """Where seeded records go, and when they changed if they don't say."""

    resource: Resource
    list_key: str
    now: datetime


def _seed_list(world: World, intake: Intake, target: _Target, entities: Iterable[Any]) -> None:
    resource, list_key = target.resource, target.list_key
    wanted, table = schema(resource.schema), resource.imported_to(list_key)
    for each in entities:
        entity = {"active": True, **each} if resource.name == "companies" else dict(each)
        if wrong := problems(wanted, entity):
            raise ValueError(f"the seed's {resource.name}: {'; '.join(wrong)}")
        key = str(entity[resource.key])
        if key in intake.records(resource.stored_as(list_key)).stored:
            raise ValueError(f"the seed's {resource.name}: {key} is there twice")
        updated = to_moment(seeded_instant(entity, target.now))
        made_up = new_uuid(world.source) if resource.generated else ""
        stored = keep(intake, resource, list_key, entity, now=updated, made_up=made_up)
        if not resource.entity_type:
            continue
        for code in codes_in_p2p(resource, entity):
            _claim(intake, table, code, key)
        stored.forwarded = Item(key, updated, entity, outcome="Success")
        save(intake, resource, list_key, entity, updated)


def _claim(intake: Intake, table: str, code: Code, key: str) -> None:
    """Refuse a code that another record of the seed has."""
    if holder := intake.p2p.holder(table, code):
        raise ValueError(f"the seed's {table}: {key} and {holder.key} are both {code[1]} in {code[0]}")
