"""The steps that give Basware accounts, dimensions, terms and tax codes of QuickBooks.

A step reads the copies of QuickBooks' records, lets its planner decide, and stores in one transaction what Basware is to hold, the
codes that were given, and the mapping rules that follow from them.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ml_connector.basware.master_data_bodies import record_body
from ml_connector.flows.accounts_out import plan_accounts
from ml_connector.flows.codes_out import Known
from ml_connector.flows.cost_centers_out import plan_cost_centers
from ml_connector.flows.lists_out import plan_classes, plan_customers, plan_employees
from ml_connector.flows.payment_terms_out import plan_payment_terms
from ml_connector.flows.projects_out import plan_projects
from ml_connector.flows.tax_codes_out import plan_tax_codes
from ml_connector.model.books import Books, Employee
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.mapping import MappingRule
from ml_connector.model.master_data import DIMENSION_OF, Audience, Kind, Planned
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation import books_from, employee_from
from ml_connector.store import books as book_store
from ml_connector.store import given_codes, listed_records, mappings, outgoing
from ml_connector.store.books import BookRow
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Tx
from ml_connector.store.given_codes import GivenRow
from ml_connector.store.outgoing import NewOutgoing, OutgoingRow
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.desk import Desk
from ml_connector.work.lists import refresh_lists
from ml_connector.work.mapping_tables import rule_id
from ml_connector.work.p2p_settings import MasterDataSettings
from ml_connector.work.sending.listed import listed, read_lists, scope_of
from ml_connector.work.sending.steps import Step
from ml_connector.work.settings import ConnectionSettings

SENT = "sent"
"""How the note of a mapping rule begins that follows from a code given to Basware."""

PROJECTS = "projects"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of record: what people call the list, QuickBooks' entities behind it, where in Basware it goes (empty: nowhere), and
    its planner."""

    kind: Kind
    label: str
    entities: tuple[str, ...]
    resource: Callable[[MasterDataSettings], str]
    plan: Callable[[Known, "Materials", MasterDataSettings], list[Planned]]


class Materials(msgspec.Struct, frozen=True, kw_only=True):
    """QuickBooks' lists as a planner reads them, records that were deleted and have a code in Basware among them, as inactive."""

    books: Books
    employees: Mapping[str, Employee] = {}


def _customers(known: Known, found: Materials, own: MasterDataSettings) -> list[Planned]:
    if own.customers == PROJECTS:
        return plan_projects(known, found.books)
    return plan_customers(known, found.books, own.customers)


SUBJECTS: tuple[Subject, ...] = (
    Subject(
        kind=Kind.TAX_CODE,
        label="tax codes",
        entities=("TaxCode", "TaxRate"),
        resource=lambda own: "taxCodes" if own.tax_codes else "",
        plan=lambda known, found, _: plan_tax_codes(known, found.books),
    ),
    Subject(
        kind=Kind.ACCOUNT,
        label="accounts",
        entities=("Account",),
        resource=lambda own: "accounts" if own.accounts else "",
        plan=lambda known, found, own: plan_accounts(known, found.books, own.account_types),
    ),
    Subject(
        kind=Kind.LOCATION,
        label="cost centres",
        entities=("Department",),
        resource=lambda own: "costCenters" if own.cost_centers else "",
        plan=lambda known, found, _: plan_cost_centers(known, found.books),
    ),
    Subject(
        kind=Kind.CUSTOMER,
        label="projects and customers",
        entities=("Customer",),
        resource=lambda own: f"lists/{own.customers}" if own.customers not in {"", PROJECTS} else own.customers,
        plan=_customers,
    ),
    Subject(
        kind=Kind.CLASS,
        label="classes",
        entities=("Class",),
        resource=lambda own: f"lists/{own.classes}" if own.classes else "",
        plan=lambda known, found, own: plan_classes(known, found.books, own.classes),
    ),
    Subject(
        kind=Kind.EMPLOYEE,
        label="employees",
        entities=("Employee",),
        resource=lambda own: f"lists/{own.employees}" if own.employees else "",
        plan=lambda known, found, own: plan_employees(known, found.books, found.employees, own.employees),
    ),
    Subject(
        kind=Kind.TERM,
        label="payment terms",
        entities=("Term",),
        resource=lambda own: "paymentTerms" if own.payment_terms else "",
        plan=lambda known, found, _: plan_payment_terms(known, found.books),
    ),
)
"""In the order in which Basware wants lists (Basware P2P specification, notes of the resources): terms last."""


def plan_subject(desk: Desk, subject: Subject) -> None:
    """Work out what Basware is to hold of one kind and store it. Raises what the clients raise when lists have to be read first."""
    own = desk.settings.basware.master_data
    resource = subject.resource(own)
    read_first(desk, subject.entities)
    if own.take_over:
        read_lists(desk, resource)
    neighbours = neighbours_of(desk)
    with desk.write() as tx:
        known = msgspec.structs.replace(
            known_codes(tx, desk, subject.kind, resource), others=frozenset(mark_for(one.id) for one in neighbours)
        )
        planned = subject.plan(known, materials(tx, desk, subject, known), own)
        keep_plan(tx, desk, subject.kind, resource, planned, neighbours)


def read_first(desk: Desk, entities: tuple[str, ...]) -> None:
    """Lists of QuickBooks that were never read are read now; the job `changes` keeps them up to date."""
    with desk.database.read() as tx:
        cursors = book_store.cursors(tx, desk.connection_id)
    if any(entity not in cursors or not cursors[entity].cursor for entity in (*entities, *SINGLE)):
        refresh_lists(desk, thorough=True)


def known_codes(tx: Tx, desk: Desk, kind: Kind, resource: str, mapping: CodeMapping | None = None) -> Known:
    """What is known about the codes of one kind; with the mapping where it was loaded already."""
    dimension = DIMENSION_OF.get(kind)
    mapping = mapping or mappings.load(tx, desk.connection_id)
    given = given_codes.of_kind(tx, desk.connection_id, kind)
    never = outgoing.never_taken(tx, desk.connection_id, resource)
    return Known(
        kind=kind,
        given=given,
        refused=frozenset(one for one in given if f"{kind.value} {one}" in never),
        listed=tuple(listed(tx, desk, resource).values()),
        rules={one.code: one.target_id for one in mapping.rules if one.dimension is dimension and one.code},
        mark=mark_of(desk),
    )


def mark_of(desk: Desk) -> str:
    """What tells this connection's keys in Basware from those of others of the tenant."""
    return mark_for(desk.connection_id)


def mark_for(connection_id: str) -> str:
    """The mark of any connection."""
    return sha256(connection_id.encode()).hexdigest()[:8]


def neighbours_of(desk: Desk) -> list[ConnectionRow]:
    """The other connections with the same sign-in at Basware."""
    return [one for one in desk.tenant() if one.id != desk.connection_id]


def materials(tx: Tx, desk: Desk, subject: Subject, known: Known) -> Materials:
    """QuickBooks' lists for a planner."""
    rows = {entity: _records(tx, desk, entity, known) for entity in (*subject.entities, *SINGLE)}
    employees = [employee_from(record) for record in rows.pop("Employee", [])]
    return Materials(books=books_from(rows), employees={one.id: one for one in employees})


def _records(tx: Tx, desk: Desk, entity: str, known: Known) -> list[dict[str, Any]]:
    rows = book_store.all_of(tx, desk.connection_id, entity)
    here = {row.quickbooks_id for row in rows}
    gone = [one for one in known.given if one not in here] if entity not in SINGLE else []
    deleted = book_store.some_of(tx, desk.connection_id, entity, gone)
    return [_decoded(row) for row in rows] + [_decoded(row) | {"Active": False} for row in deleted.values()]


def _decoded(row: BookRow) -> dict[str, Any]:
    record: dict[str, Any] = wire.decode(row.payload.encode())
    return record


def keep_plan(  # noqa: PLR0917
    tx: Tx, desk: Desk, kind: Kind, resource: str, planned: list[Planned], neighbours: Sequence[ConnectionRow]
) -> None:
    """Store what Basware is to hold with what follows from it: codes for good, and mapping rules for codes that have none."""
    now = desk.clock.now()
    before = given_codes.of_kind(tx, desk.connection_id, kind)
    bodies = listed_records.bodies(tx, desk.connection_id, resource) if any(one.taken_over for one in planned) else {}
    given = {
        one.quickbooks_id: _given(before.get(one.quickbooks_id), kind, one, bodies, desk)
        for one in planned
        if not one.holds
    }
    changed = [row for key, row in given.items() if row != before.get(key)]
    if changed:
        given_codes.put_many(tx, desk.connection_id, changed)
    audience = msgspec.structs.replace(
        audience_of(desk), elsewhere=tuple(code for one in neighbours for code in one.company_codes)
    )
    held = outgoing.known(tx, desk.connection_id, resource, [one.external_code for one in planned])
    records = [_outgoing(resource, one, audience, given, held.get(one.external_code)) for one in planned]
    outgoing.drop_unsent(tx, desk.connection_id, resource, [one.external_code for one in planned], f"{kind.value} ")
    outgoing.plan(tx, desk.connection_id, records, now)
    _map(tx, desk, kind, planned)


def _given(before: GivenRow | None, kind: Kind, one: Planned, bodies: Mapping[str, str], desk: Desk) -> GivenRow:
    if before is not None and before.code and before.external_code == one.external_code:
        return before
    row = before or GivenRow(kind=kind, quickbooks_id=one.quickbooks_id, given_at=desk.clock.now())
    return msgspec.structs.replace(
        row,
        code=one.code,
        external_code=one.external_code,
        why=f"taken over: {one.why}" if one.taken_over else one.why,
        base=bodies.get(one.external_code, "") if one.taken_over else "",
        given_by=row.given_by or desk.worker,
        given_at=desk.clock.now(),
    )


def _outgoing(
    resource: str, one: Planned, audience: Audience, given: Mapping[str, GivenRow], held: OutgoingRow | None
) -> NewOutgoing:
    before = held.body if held is not None else ""
    body = record_body(one.record, audience, given[one.quickbooks_id].base, before) if one.record else ""
    return NewOutgoing(
        resource=resource,
        external_code=one.external_code,
        subject=one.subject,
        name=one.name,
        body=body,
        holds=one.holds,
    )


def audience_of(desk: Desk) -> Audience:
    """Who may use what Basware is given."""
    own = desk.settings.basware
    return Audience(companies=own.company_codes, language=own.master_data.language, inherit=own.master_data.inherit)


def _map(tx: Tx, desk: Desk, kind: Kind, planned: list[Planned]) -> None:
    """An invoice that comes with a code from here finds its way back by itself, unless a person mapped the code otherwise."""
    dimension = DIMENSION_OF.get(kind)
    if dimension is None:
        return
    rules = [
        MappingRule(
            id=rule_id(dimension, one.code),
            dimension=dimension,
            target_id=one.quickbooks_id,
            target_name=one.name,
            code=one.code,
            note=f"{SENT}: {one.subject} has this code in Basware",
        )
        for one in planned
        if one.record is not None and one.record.active
    ]
    mappings.add_missing(tx, desk.connection_id, rules, by=desk.worker, now=desk.clock.now())


def _step(subject: Subject) -> Step:
    def resources(settings: ConnectionSettings) -> tuple[str, ...]:
        return (subject.resource(settings.basware.master_data),)

    def reads(settings: ConnectionSettings) -> tuple[str, ...]:
        own = settings.basware.master_data
        return (scope_of(subject.resource(own)),) if own.take_over else ()

    return Step(
        label=subject.label,
        resources=resources,
        plan=lambda desk: plan_subject(desk, subject),
        wanted=lambda settings: (
            settings.basware.master_data.enabled and bool(subject.resource(settings.basware.master_data))
        ),
        reads=reads,
    )


DIMENSION_STEPS: tuple[Step, ...] = tuple(_step(subject) for subject in SUBJECTS)
"""In the order in which they need each other."""
