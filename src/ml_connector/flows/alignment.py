"""Whether every code people can choose in Basware leads to a live, postable record in QuickBooks, and which records Basware lacks.

Pure: it compares what is known of both sides. What is done about a gap is decided by people; each gap names the way.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

import msgspec

from ml_connector.flows.naming_out import readable
from ml_connector.model.books import ListRecord
from ml_connector.model.master_data import Choice, Given, Kind, Listed


class Standing(StrEnum):
    """How a code or a record stands."""

    ALIGNED = "aligned"
    LEFT_EMPTY = "left empty on purpose"
    BY_DEFAULT = "by default"
    RENAMED = "renamed"
    MAPPED_OTHERWISE = "mapped otherwise"
    NO_TARGET = "no target"
    TARGET_GONE = "target gone"
    TARGET_INACTIVE = "target inactive"
    NOT_POSTABLE = "target not postable"
    ON_ITS_WAY = "on its way"
    REFUSED = "refused by Basware"
    HELD = "held"
    NOT_GIVEN = "not given"
    LEFT_OUT = "left out on purpose"


GAPS = frozenset({
    Standing.RENAMED, Standing.MAPPED_OTHERWISE, Standing.NO_TARGET, Standing.TARGET_GONE, Standing.TARGET_INACTIVE,
    Standing.NOT_POSTABLE, Standing.REFUSED, Standing.HELD,
})  # fmt: skip
"""What somebody has to look at."""


class Way(StrEnum):
    """What is done about a gap."""

    MAP = "map"
    CREATE = "create"
    RETIRE = "retire"
    RETRY = "retry"
    NONE = ""


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A code people can choose in Basware. `given_to` is the QuickBooks id of the record it was given to, empty where another
    program gave it."""

    code: str
    name: str
    given_to: str = ""


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides of one kind of record.

    `codes`: what can be chosen in Basware. `rules`: target by code, an empty one where a dimension is left empty on purpose.
    `covered`: codes that other rules than exact ones decide. `likely`: the record a code most likely means. `sent`: how the record
    given or planned for Basware has come, by QuickBooks id, with why it waits.
    """

    kind: Kind
    codes: tuple[Code, ...]
    rules: Mapping[str, str]
    records: Mapping[str, ListRecord]
    postable: Callable[[ListRecord], bool]
    covered: bool = False
    likely: Mapping[str, str] = {}
    given: Mapping[str, Given] = {}
    sent: Mapping[str, tuple[Standing, str]] = {}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One code of Basware's, or one record of QuickBooks' that Basware lacks. `way` is what to do, about `argument`, perhaps with a
    `target`."""

    kind: Kind
    standing: Standing
    code: str = ""
    name: str = ""
    record: ListRecord | None = None
    why: str = ""
    way: Way = Way.NONE
    argument: str = ""
    target: str = ""


def align(sides: Sides) -> list[Line]:
    """Every code of Basware's with its target, then every usable record of QuickBooks' that has no code there."""
    lines = [_code(sides, one) for one in sides.codes]
    reached = {line.record.id for line in lines if line.record is not None}
    return [*lines, *_lacking(sides, reached | {one.given_to for one in sides.codes})]


def _code(sides: Sides, one: Code) -> Line:
    """How a code stands, by its exact rule, else by the record it was given to."""
    target = sides.rules.get(one.code, one.given_to or None)
    record = sides.records.get(target) if target else None
    standing, why = _standing(sides, one, target, record)
    way, other = _way(sides, one, standing)
    return Line(
        kind=sides.kind,
        standing=standing,
        code=one.code,
        name=one.name,
        record=record,
        why=why,
        way=way,
        argument=one.code if way is not Way.NONE else "",
        target=other,
    )


def _standing(sides: Sides, one: Code, target: str | None, record: ListRecord | None) -> tuple[Standing, str]:
    if record is not None:
        return _standing_of_record(sides, one, record)
    if target:
        return Standing.TARGET_GONE, f"it leads to id {target}, which QuickBooks does not have"
    if target is not None:
        return Standing.LEFT_EMPTY, ""
    if sides.covered:
        return Standing.BY_DEFAULT, "no rule of its own: conditions or the default decide"
    return Standing.NO_TARGET, "no rule leads it to a record"


def _standing_of_record(sides: Sides, one: Code, record: ListRecord) -> tuple[Standing, str]:
    """How a code stands that leads to a record: the first of these that is so."""
    owner = sides.records.get(one.given_to)
    renamed = f"Basware calls it {one.name}, QuickBooks {record.full_name or record.name}"
    cases = (
        (not record.active, Standing.TARGET_INACTIVE, f"{record.label} is inactive"),
        (not sides.postable(record), Standing.NOT_POSTABLE, f"nothing can be posted to {record.label}"),
        (
            one.given_to not in {"", record.id},
            Standing.MAPPED_OTHERWISE,
            f"it was given to {owner.label if owner else one.given_to}",
        ),
        (not one.given_to and _differs(one, record), Standing.RENAMED, renamed),
    )
    return next(((standing, why) for so, standing, why in cases if so), (Standing.ALIGNED, ""))


def _differs(one: Code, record: ListRecord) -> bool:
    """Whether people would take the two for different things. Another program may show the last part of the path only."""
    known = {record.name, record.full_name, readable(record.full_name or record.name, one.code)}
    return one.name.casefold() not in {name.casefold() for name in known if name}


def _way(sides: Sides, one: Code, standing: Standing) -> tuple[Way, str]:
    match standing:
        case Standing.RENAMED:
            return Way.CREATE, ""
        case Standing.MAPPED_OTHERWISE:
            return Way.MAP, one.given_to
        case Standing.NO_TARGET | Standing.TARGET_GONE | Standing.TARGET_INACTIVE | Standing.NOT_POSTABLE:
            likely = sides.likely.get(one.code, "")
            return (Way.MAP, likely) if likely else (Way.RETIRE, "")
        case _:
            return Way.NONE, ""


def _lacking(sides: Sides, reached: set[str]) -> Iterator[Line]:
    """Records people could use and Basware has no code for."""
    for record in sides.records.values():
        if record.id in reached or not record.active or not sides.postable(record):
            continue
        given = sides.given.get(record.id)
        standing, why = sides.sent.get(record.id, (Standing.NOT_GIVEN, "the settings do not ask for it"))
        if given is not None and given.choice is Choice.LEAVE_OUT:
            standing, why = Standing.LEFT_OUT, ""
        way = {
            Standing.REFUSED: Way.RETRY,
            Standing.HELD: Way.CREATE,
            Standing.NOT_GIVEN: Way.CREATE,
            Standing.LEFT_OUT: Way.CREATE,
        }.get(standing, Way.NONE)
        yield Line(
            kind=sides.kind,
            standing=standing,
            code=given.code if given else "",
            record=record,
            why=why,
            way=way,
            argument=record.id if way is not Way.NONE else "",
        )


def usable(listed: Listed) -> bool:
    """Whether people can choose what Basware lists."""
    return listed.active and listed.here and bool(listed.code)
