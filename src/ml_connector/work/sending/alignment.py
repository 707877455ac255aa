"""The report on codes: what can be chosen in Basware against what can be posted in QuickBooks. The shapes are those of `--json`.

Read only; `alignment_acts.py` closes gaps.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from threading import Lock

import msgspec

from ml_connector.basware.master_data_bodies import read_listed
from ml_connector.flows.alignment import GAPS, Code, Line, Sides, Standing, Way, align, usable
from ml_connector.flows.codes_out import Known
from ml_connector.model.books import Account, Books, ClassTracking, ListRecord, TaxCode
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.master_data import CODE_LIMIT, DIMENSION_OF, Kind
from ml_connector.rules.causes import describe
from ml_connector.rules.coding import NOT_POSTABLE
from ml_connector.rules.propose import propose
from ml_connector.store import books, given_codes, listed_records, mappings, outgoing
from ml_connector.store.database import Tx
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.schema import OutgoingState
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.desk import Desk
from ml_connector.work.sending.dimensions import SUBJECTS, Materials, Subject, known_codes, materials
from ml_connector.work.sending.listed import read_last, read_lists

RETIRED = "Basware's "
"""How the subject of a record begins that another program gave to Basware and that was taken out of use from here."""


class AlignmentLine(msgspec.Struct, frozen=True, kw_only=True):
    """A code of Basware's with its target, or a record of QuickBooks' without a code. `standing` is one of the words of
    docs/master-data.md; `gap`: somebody has to look at it; `fix` is the one command that closes it."""

    kind: str
    code: str
    name: str
    target_id: str
    target: str
    standing: str
    gap: bool
    why: str
    fix: str
    way: str
    """What that command does: map, create, retire or retry; empty where there is nothing to do."""
    item: str
    """What it does it to."""
    to: str
    """What a code is to be mapped to, or the code a record is to get; empty where the person has to say or there is none."""


class AlignmentReport(msgspec.Struct, frozen=True, kw_only=True):
    """Every line, how many there are of each standing, and when Basware's lists were read last (null: never)."""

    lines: tuple[AlignmentLine, ...]
    counts: dict[str, int]
    gaps: int
    read_at: dict[str, datetime | None]


def subject_of(kind: Kind) -> Subject:
    """How a kind of record is handled."""
    return next(one for one in SUBJECTS if one.kind is kind)


def report(desk: Desk, kinds: Collection[Kind] = ()) -> AlignmentReport:
    """Compare both sides as they are known here, of these kinds or of all that are given to Basware."""
    lines, read_at = list[AlignmentLine](), dict[str, datetime | None]()
    with desk.database.read() as tx:
        mapping = mappings.load(tx, desk.connection_id)
        for subject, resource in _chosen(desk, kinds):
            read_at[resource] = read_last(tx, desk, resource)
            lines += [_shown(one) for one in align(_sides(tx, desk, subject, resource, mapping))]
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.standing] = counts.get(line.standing, 0) + 1
    return AlignmentReport(lines=tuple(lines), counts=counts, gaps=sum(line.gap for line in lines), read_at=read_at)


def _chosen(desk: Desk, kinds: Collection[Kind]) -> Iterator[tuple[Subject, str]]:
    """The kinds that are given to Basware, of these or of all, with the list each goes into."""
    for subject in SUBJECTS:
        resource = subject.resource(desk.settings.basware.master_data)
        if resource and (not kinds or subject.kind in kinds):
            yield subject, resource


class KeptReports:
    """Reports as they were made last, for pages that show them: made again when anything they are made of has changed. Safe to
    share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, frozenset[Kind]], tuple[object, AlignmentReport]] = {}

    def of(self, desk: Desk, kinds: Collection[Kind] = ()) -> AlignmentReport:
        """The report on these kinds, or on all."""
        key = desk.connection_id, frozenset(kinds)
        with desk.database.read() as tx:
            made_of = _made_of(tx, desk, kinds)
        with self._lock:
            known = self._known.get(key)
        if known is None or known[0] != made_of:
            known = made_of, report(desk, kinds)
            with self._lock:
                self._known[key] = known
        return known[1]


def _made_of(tx: Tx, desk: Desk, kinds: Collection[Kind]) -> object:
    """Differs whenever a report would: both sides' lists, the rules, the codes that were given, what was sent, the settings."""
    chosen = list(_chosen(desk, kinds))
    entities = sorted({entity for subject, _ in chosen for entity in (*subject.entities, *SINGLE)})
    return (
        desk.settings,
        books.signature(tx, desk.connection_id, entities),
        mappings.version(tx, desk.connection_id),
        given_codes.mark(tx, desk.connection_id),
        outgoing.mark(tx, desk.connection_id),
        [(listed_records.mark(tx, desk.connection_id, one), read_last(tx, desk, one)) for _, one in chosen],
    )


def read_both(desk: Desk, kinds: Collection[Kind] = ()) -> None:
    """Read Basware's lists now, so that the report is of today. Raises what Basware's client raises."""
    desk.take_lease()
    try:
        for _, resource in _chosen(desk, kinds):
            read_lists(desk, resource, at_once=True)
    finally:
        desk.release_lease()


def _sides(tx: Tx, desk: Desk, subject: Subject, resource: str, mapping: CodeMapping) -> Sides:
    known = known_codes(tx, desk, subject.kind, resource, mapping)
    found = materials(tx, desk, subject, known)
    records = records_in(found, subject.kind)
    rows = {row.subject: row for row in outgoing.listing(tx, desk.connection_id, resource=resource, limit=1_000_000)}
    unused = (
        subject.kind is Kind.TAX_CODE and found.books.preferences.is_us
    )  # tax is in the cost there: no code decides anything
    codes = [] if unused else _codes(desk, known, resource, rows, read_last(tx, desk, resource))
    dimension = DIMENSION_OF.get(subject.kind)
    others = [one for one in mapping.rules if one.dimension is dimension and not one.code]
    proposed = propose(((one.code, one.name) for one in codes), found.books, dimension) if dimension else []
    return Sides(
        kind=subject.kind,
        codes=tuple(codes),
        rules=known.rules,
        records=records,
        postable=lambda record: is_postable(record, found.books, subject.kind),
        covered=bool(others),
        likely={one.code: one.target_id for one in proposed},
        given=known.given,
        sent={one: _sent(rows[name]) for one in records if (name := known.subject(one)) in rows},
    )


def records_in(found: Materials, kind: Kind) -> dict[str, ListRecord]:
    """QuickBooks' list of one kind."""
    books = found.books
    return {
        Kind.ACCOUNT: dict[str, ListRecord](books.accounts),
        Kind.LOCATION: dict[str, ListRecord](books.locations),
        Kind.CLASS: dict[str, ListRecord](books.classes),
        Kind.CUSTOMER: dict[str, ListRecord](books.customers),
        Kind.EMPLOYEE: dict[str, ListRecord](found.employees),
        Kind.TERM: dict[str, ListRecord](books.terms),
        Kind.TAX_CODE: dict[str, ListRecord](books.tax_codes),
    }[kind]


def is_postable(record: ListRecord, books: Books, kind: Kind) -> bool:
    """Whether a transaction may name a record, whoever maintains it."""
    if isinstance(record, Account):
        return record.type not in NOT_POSTABLE
    if isinstance(record, TaxCode):
        return bool(record.purchase_rates) and not books.preferences.is_us
    if kind is Kind.LOCATION:
        return books.preferences.track_locations
    return kind is not Kind.CLASS or books.preferences.class_tracking is not ClassTracking.OFF


def _codes(desk: Desk, known: Known, resource: str, rows: dict[str, OutgoingRow], read: datetime | None) -> list[Code]:
    """What can be chosen in Basware: what it took from here, and what it lists of others, `read` then."""
    companies = desk.settings.basware.company_codes
    retired = {row.external_code for row in rows.values() if row.subject.startswith(RETIRED) and _since(row, read)}
    own: dict[str, Code] = {}
    for one in known.given.values():
        row = rows.get(known.subject(one.quickbooks_id))
        if one.code and row is not None and row.accepted_digest and row.body:
            held = read_listed(resource, row.body, companies)
            if held.active or row.accepted_digest != row.digest:
                own[one.code] = Code(code=one.code, name=held.name, given_to=one.quickbooks_id)
    ours = {one.external_code for one in known.given.values()}
    theirs = [
        one for one in known.listed
        if usable(one) and one.external_code not in ours and one.external_code not in retired and not known.is_ours(one)
    ]  # fmt: skip
    others = {one.code: Code(code=one.code, name=one.name) for one in theirs if one.code not in own}
    return [*sorted([*own.values(), *others.values()], key=lambda one: one.code)]


def _since(row: OutgoingRow, read: datetime | None) -> bool:
    """Whether Basware's list may not show yet what was sent."""
    return row.settled_at is None or read is None or read <= row.settled_at


def _sent(row: OutgoingRow) -> tuple[Standing, str]:
    match row.state:
        case OutgoingState.HELD:
            return Standing.HELD, "; ".join(describe(hold).sentence for hold in row.holds)
        case OutgoingState.REFUSED:
            return Standing.REFUSED, row.problem
        case _:
            return Standing.ON_ITS_WAY, ""


def _shown(line: Line) -> AlignmentLine:
    return AlignmentLine(
        kind=line.kind.value,
        code=line.code,
        name=line.name or (line.record.label if line.record else ""),
        target_id=line.record.id if line.record else "",
        target=line.record.label if line.record else "",
        standing=line.standing.value,
        gap=line.standing in GAPS,
        why=line.why,
        fix=_command(line),
        way="create" if line.standing is Standing.RENAMED and line.way is not Way.NONE else line.way.value,
        item=f"{line.kind.value} {line.record.id}" if line.way is Way.RETRY and line.record else _item(line),
        to=_free_code(line.argument) if line.standing is Standing.HELD else line.target,
    )


def _item(line: Line) -> str:
    """The code or record that a gap is closed with."""
    return line.record.id if line.standing is Standing.RENAMED and line.record else line.argument


def _command(line: Line) -> str:
    """The one command that closes a gap."""
    if line.way is Way.NONE:
        return ""
    if line.way is Way.RETRY and line.record:
        return f'ml-connector records retry "{line.kind.value} {line.record.id}"'
    kind = line.kind.value.lower().replace(" ", "-")
    more = f" {line.target}" if line.target else ""
    if line.standing is Standing.HELD:
        more = f" --code {_free_code(line.argument)}"
    if line.standing is Standing.RENAMED and line.record:
        return f"ml-connector alignment fix {kind} create {line.record.id}"
    return f"ml-connector alignment fix {kind} {line.way.value} {_quoted(line.argument)}{more}"


def _free_code(quickbooks_id: str) -> str:
    return f"QB{quickbooks_id}"[:CODE_LIMIT]


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text
