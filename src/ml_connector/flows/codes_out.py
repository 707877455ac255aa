"""Which code a QuickBooks record has in Basware: given once, kept for good, never the same for two.

A record that Basware has already is taken over under the code it has there. Pure: what is known comes in, what follows goes out.
"""

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from ml_connector.model.books import Books, ListRecord
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.master_data import (
    CODE_LIMIT,
    DIMENSION_OF,
    EXTERNAL_CODE_LIMIT,
    Choice,
    Given,
    Kind,
    Listed,
    MasterRecord,
    Planned,
)
from ml_connector.rules.propose import propose


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about one kind of record: codes given so far by QuickBooks id, what Basware lists, exact mapping rules (target
    by code), ids of records that Basware refused and never had, and the mark of this connection in Basware's keys, which all
    connections of a tenant share."""

    kind: Kind
    given: Mapping[str, Given] = {}
    listed: tuple[Listed, ...] = ()
    rules: Mapping[str, str] = {}
    refused: frozenset[str] = frozenset()
    mark: str = ""
    others: frozenset[str] = frozenset()
    """The marks of the other connections with this sign-in: what they gave is theirs, and never taken over."""

    def subject(self, quickbooks_id: str) -> str:
        """How a record is called."""
        return f"{self.kind.value} {quickbooks_id}"

    def external_code(self, quickbooks_id: str) -> str:
        """Our own key of a record in Basware: the same for ever."""
        key = f"qb-{self.mark}-{quickbooks_id}"
        if len(key) <= EXTERNAL_CODE_LIMIT:
            return key
        return f"qb-{self.mark}-{hashlib.sha256(quickbooks_id.encode()).hexdigest()}"[:EXTERNAL_CODE_LIMIT]

    def is_ours(self, listed: Listed) -> bool:
        """Whether a record Basware lists came from here."""
        return listed.external_code.startswith(f"qb-{self.mark}-")

    def is_of_others(self, listed: Listed) -> bool:
        """Whether a record Basware lists came from another connection of this installation."""
        return any(listed.external_code.startswith(f"qb-{mark}-") for mark in self.others)


class Coded(msgspec.Struct, frozen=True, kw_only=True):
    """A record with its code in Basware."""

    record: ListRecord
    code: str
    external_code: str
    active: bool
    holds: tuple[Hold, ...] = ()
    taken_over: bool = False
    why: str = ""

    def planned(self, known: Known, made: MasterRecord) -> Planned:
        """What follows: the record, or the reason why there is none."""
        return Planned(
            quickbooks_id=self.record.id,
            subject=known.subject(self.record.id),
            name=self.record.label,
            external_code=self.external_code,
            code=self.code,
            record=None if self.holds else made,
            holds=self.holds,
            taken_over=self.taken_over,
            why=self.why,
        )


class _Claim(msgspec.Struct, frozen=True):
    """A code a record wants, and how good its claim is: the lowest `rank` gets it. `taken` is Basware's record of that code."""

    code: str
    why: str
    rank: int
    taken: Listed | None = None


def code_records(
    known: Known, books: Books, records: Mapping[str, ListRecord], wanted: Callable[[ListRecord], bool]
) -> list[Coded]:
    """Every record Basware is to have, with its code: those wanted and in use, and, as inactive, those it was given earlier.

    `wanted` says whether people may use a record by the company's settings; a person's choice goes before it.
    """
    in_basware = _free_in_basware(known, {})
    coded = [_kept(known, one, wanted, in_basware) for one in records.values() if _code(known, one.id)]
    new = [
        one for one in records.values() if not _code(known, one.id) and one.active and _is_wanted(known, one, wanted)
    ]
    return [*coded, *_new(known, books, sorted(new, key=_in_order))]


def _code(known: Known, quickbooks_id: str) -> str:
    given = known.given.get(quickbooks_id)
    return given.code if given else ""


def _is_wanted(known: Known, record: ListRecord, wanted: Callable[[ListRecord], bool]) -> bool:
    given = known.given.get(record.id)
    choice = given.choice if given else Choice.BY_RULE
    return choice is Choice.GIVE or (choice is Choice.BY_RULE and wanted(record))


def _kept(
    known: Known, record: ListRecord, wanted: Callable[[ListRecord], bool], in_basware: Mapping[str, Listed]
) -> Coded:
    """A record keeps its code. If Basware refused it while somebody else's record has the code, that one is taken over where the
    code is the record's number; otherwise a person has to say what it is."""
    given = known.given[record.id]
    active = record.active and _is_wanted(known, record, wanted)
    theirs = in_basware.get(given.code) if record.id in known.refused else None
    kept = Coded(record=record, code=given.code, external_code=given.external_code, active=active, why="code kept")
    if theirs is None or theirs.external_code == given.external_code:
        return kept
    if not known.is_of_others(theirs) and given.code == own_code(record) != record.id:
        return msgspec.structs.replace(
            kept, external_code=theirs.external_code, taken_over=True, why="its number, which Basware had already"
        )
    return msgspec.structs.replace(kept, holds=(_taken(known, record, given.code, _called(theirs)),))


def _new(known: Known, books: Books, records: list[ListRecord]) -> list[Coded]:
    holders = {one.code: known.subject(one.quickbooks_id) for one in known.given.values() if one.code}
    in_basware = _free_in_basware(known, holders)
    free = {code: one for code, one in in_basware.items() if not known.is_of_others(one)}
    mapped, alike = _mapped(known, free), _alike(known, books, free)
    claims = {one.id: _claim(one, mapped, alike, in_basware) for one in records}
    by_code: dict[str, list[str]] = {}
    for quickbooks_id, claim in claims.items():
        by_code.setdefault(claim.code, []).append(quickbooks_id)
    coded = []
    for one in records:
        claim = claims[one.id]
        rivals = [other for other in by_code[claim.code] if other != one.id and claims[other].rank <= claim.rank]
        other = holders.get(claim.code, "") or ", ".join(known.subject(rival) for rival in rivals)
        if not other and claim.taken is None and claim.code in in_basware:
            other = _called(in_basware[claim.code])
        coded.append(_coded(known, one, claim, other))
    return coded


def _free_in_basware(known: Known, holders: Mapping[str, str]) -> dict[str, Listed]:
    """Basware's records that nobody here has given it, by code; of two with one code the one in use."""
    theirs = sorted((one for one in known.listed if not known.is_ours(one)), key=lambda one: one.active)
    return {one.code: one for one in theirs if one.code and one.code not in holders}


def _mapped(known: Known, in_basware: Mapping[str, Listed]) -> dict[str, list[str]]:
    """Codes of Basware's that a rule leads to a record, by its id."""
    found: dict[str, list[str]] = {}
    for code in sorted(in_basware):
        if target := known.rules.get(code):
            found.setdefault(target, []).append(code)
    return found


def _alike(known: Known, books: Books, in_basware: Mapping[str, Listed]) -> dict[str, tuple[str, str]]:
    """The code and the likeness of Basware's records that are certainly the same as a QuickBooks record, by its id."""
    dimension = DIMENSION_OF.get(known.kind)
    if dimension is None:
        return {}
    theirs = sorted(in_basware.values(), key=lambda one: not one.active)
    free = [(one.code, one.name) for one in theirs if one.code not in known.rules]
    found: dict[str, tuple[str, str]] = {}
    for one in propose(free, books, dimension):
        if one.confidence == "certain":
            found.setdefault(one.target_id, (one.code, one.why))
    return found


def _claim(
    record: ListRecord,
    mapped: Mapping[str, list[str]],
    alike: Mapping[str, tuple[str, str]],
    in_basware: Mapping[str, Listed],
) -> _Claim:
    """What it is mapped from, else what it is certainly the same as, else its number, else its id."""
    own = own_code(record)
    if codes := mapped.get(record.id):
        code = own if own in codes else codes[0]
        return _Claim(code, "mapped already", 0, in_basware[code])
    if record.id in alike:
        code, why = alike[record.id]
        return _Claim(code, why, 1, in_basware[code])
    return _Claim(own, "its id", 3) if own == record.id else _Claim(own, "its number", 2)


def _coded(known: Known, record: ListRecord, claim: _Claim, other: str) -> Coded:
    own = known.external_code(record.id)
    if not other:
        key = claim.taken.external_code if claim.taken else own
        return Coded(
            record=record, code=claim.code, external_code=key, active=True, taken_over=bool(claim.taken), why=claim.why
        )
    hold = _taken(known, record, claim.code, other)
    return Coded(record=record, code=claim.code, external_code=own, active=True, holds=(hold,), why=claim.why)


def _taken(known: Known, record: ListRecord, code: str, other: str) -> Hold:
    facts = {"name": record.label, "code": code, "other": other}
    return Hold(cause=Cause.CODE_TAKEN, subject=known.subject(record.id), facts=facts)


def _called(listed: Listed) -> str:
    return f"{listed.name or listed.code}, which Basware has already"


def own_code(record: ListRecord) -> str:
    """The number of a record if it has one that fits into Basware, else its id."""
    number = " ".join(str(getattr(record, "number", "")).split())
    return number if 0 < len(number) <= CODE_LIMIT else record.id


def _in_order(record: ListRecord) -> tuple[int, str]:
    """By id, as QuickBooks counts."""
    return len(record.id), record.id
