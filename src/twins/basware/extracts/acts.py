"""What people order of the Data Access service."""

from collections.abc import Callable, Mapping

from twins.basware.document_acts import owner_named
from twins.basware.extracts.making import make
from twins.basware.imports import look
from twins.basware.state import World
from twins.basware.values import new_uuid, parse_instant


def extract(world: World, *, start: str = "", end: str = "", tenant: str = "") -> str:
    """Have P2P's tables extracted now: everything the first time, then what changed, or a range of dates. Returns its id."""
    owner, now = owner_named(world, tenant), world.clock.now()
    span = (parse_instant(start), parse_instant(end)) if start and end else None
    if bool(start) != bool(end):
        raise ValueError("a range needs both start and end")
    look(world, owner)
    return make(owner, new_uuid(world.source).replace("-", ""), now, world.switches.extract_form, span).id


ACTS: Mapping[str, Callable[..., str]] = {"extract": extract}
"""By name."""
