"""Closing gaps between Basware's codes and QuickBooks' records: map a code, give Basware a record, take a code out of use.

Each act is one transaction with its trace in the audit, and has the job that sends run again.
"""

from ml_connector.basware.master_data_bodies import inactive_body
from ml_connector.model.books import ListRecord
from ml_connector.model.master_data import CODE_LIMIT, DIMENSION_OF, Choice, Given, Kind, Listed
from ml_connector.store import audit, given_codes, jobs, listed_records, mappings, outgoing
from ml_connector.store.database import Tx
from ml_connector.store.given_codes import GivenRow
from ml_connector.store.outgoing import NewOutgoing
from ml_connector.work.decisions import DecisionError
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.mapping_tables import rule_for_code
from ml_connector.work.reactivating import asking
from ml_connector.work.reactivating.records import ENTITIES
from ml_connector.work.sending.alignment import RETIRED, is_postable, records_in, subject_of
from ml_connector.work.sending.dimensions import Materials, known_codes, materials
from ml_connector.work.sending.listed import listed


def map_code(desk: Desk, kind: Kind, code: str, target: str, *, actor: str) -> str:
    """Lead a code of Basware's to a QuickBooks record; in words. Raises MappingTableError for a record there is not."""
    dimension = DIMENSION_OF.get(kind)
    if dimension is None:
        raise DecisionError(f"A code of an {kind.value.lower()} decides nothing on an invoice, so it is not mapped.")
    rule = rule_for_code(_materials(desk, kind).books, dimension, code, target, "alignment")
    now = desk.clock.now()
    with desk.database.write() as tx:
        mappings.set_rule(tx, desk.connection_id, rule, by=actor, now=now)
        jobs.bring_forward(tx, desk.connection_id, Job.MASTER_DATA, now, now)
    return f"{code} becomes {rule.target_name or 'empty'}."


REACTIVABLE = frozenset(kind.value for kind, dimension in DIMENSION_OF.items() if dimension in ENTITIES)
"""Kinds whose inactive records can be made active from here."""


def reactivate(desk: Desk, kind: Kind, record: str, *, reason: str, actor: str) -> str:
    """Have the inactive record that a code leads to made active in QuickBooks; in words.

    Raises DecisionError without a reason, and when it cannot be done by what our copies say.
    """
    if kind.value not in REACTIVABLE:
        raise DecisionError(f"A {kind.value.lower()} is made active in QuickBooks itself.")
    asked = asking.reactivate(desk, DIMENSION_OF[kind], record, reason=reason, actor=actor)
    return f"{asked.name} is made active in QuickBooks with the next run, which is wanted now."


def create(desk: Desk, kind: Kind, record: str, code: str, *, actor: str) -> str:
    """Have Basware given a record, whatever the settings say of its kind, perhaps under a code of the person's choice.

    Raises DecisionError when it cannot be.
    """
    found = _materials(desk, kind)
    one = _record(found, kind, record)
    if not one.active or not is_postable(one, found.books, kind):
        raise DecisionError(f"{one.label} is inactive or takes no postings in QuickBooks. Put that right there first.")
    with desk.database.write() as tx:
        if code:
            _give_code(tx, desk, kind, one, (code, actor))
        given_codes.choose(tx, desk.connection_id, kind, one.id, Choice.GIVE, actor, desk.clock.now())
        _note(tx, desk, f"{kind.value} {one.id}", "given to Basware in any case", actor)
    return f"{one.label} is given to Basware with the next run of the job master-data, which is wanted now."


def _give_code(tx: Tx, desk: Desk, kind: Kind, one: ListRecord, given: tuple[str, str]) -> None:
    """Let a record have this code. `given`: the code, and who wants it."""
    code, actor = given
    known = known_codes(tx, desk, kind, resource_of(desk, kind))
    if not 0 < len(code) <= CODE_LIMIT or code != code.strip():
        raise DecisionError(f"A code has 1 to {CODE_LIMIT} characters and no spaces around it.")
    held = known.given.get(one.id, Given(quickbooks_id=one.id))
    if held.code and one.id not in known.refused:
        raise DecisionError(f"{one.label} has the code {held.code} in Basware already, and a code is kept for good.")
    taken = [known.subject(other.quickbooks_id) for other in known.given.values() if other.code == code]
    taken += [other.name for other in known.listed if other.code == code and not known.is_ours(other)]
    if taken:
        raise DecisionError(f"The code {code} is that of {taken[0]} in Basware. Choose another one.")
    row = GivenRow(
        kind=kind, quickbooks_id=one.id, code=code, external_code=known.external_code(one.id), why="chosen by a person",
        given_by=actor, given_at=desk.clock.now(),
    )  # fmt: skip
    given_codes.put_many(tx, desk.connection_id, [row])


def retire(desk: Desk, kind: Kind, code: str, *, actor: str) -> str:
    """Take a code out of use in Basware; in words. A record given from here is left out from now on, another program's record is
    made inactive as it is. Raises DecisionError for a code that is not there."""
    resource = resource_of(desk, kind)
    now = desk.clock.now()
    with desk.database.write() as tx:
        known = known_codes(tx, desk, kind, resource)
        owner = next((one for one in known.given.values() if one.code == code), None)
        if owner is not None:
            given_codes.choose(tx, desk.connection_id, kind, owner.quickbooks_id, Choice.LEAVE_OUT, actor, now)
        else:
            _retire_theirs(tx, desk, kind, _listed(tx, desk, resource, code, kind))
        _note(tx, desk, f"{kind.value} code {code}", "taken out of use in Basware", actor)
    return f"{code} is taken out of use in Basware with the next run of the job master-data, which is wanted now."


def _listed(tx: Tx, desk: Desk, resource: str, code: str, kind: Kind) -> Listed:
    found = [one for one in listed(tx, desk, resource).values() if one.code == code]
    if not found:
        raise DecisionError(
            f"Basware has no {kind.value.lower()} of the code {code}. `ml-connector alignment --aligned` shows all there are."
        )
    return found[0]


def _retire_theirs(tx: Tx, desk: Desk, kind: Kind, one: Listed) -> None:
    resource = resource_of(desk, kind)
    base = listed_records.bodies(tx, desk.connection_id, resource)[one.external_code]
    record = NewOutgoing(
        resource=resource,
        external_code=one.external_code,
        subject=f"{RETIRED}{kind.value.lower()} {one.code}",
        name=one.name,
        body=inactive_body(base, desk.settings.basware.company_codes),
    )
    outgoing.plan(tx, desk.connection_id, [record], desk.clock.now())


def _materials(desk: Desk, kind: Kind) -> Materials:
    subject = subject_of(kind)
    with desk.database.read() as tx:
        return materials(tx, desk, subject, known_codes(tx, desk, kind, resource_of(desk, kind)))


def _record(found: Materials, kind: Kind, text: str) -> ListRecord:
    """The QuickBooks record a person means, by id, number or name."""
    records, wanted = records_in(found, kind), text.strip().casefold()
    if text in records:
        return records[text]
    fits = [
        one for one in records.values()
        if wanted in {one.name.casefold(), one.full_name.casefold(), one.label.casefold(), getattr(one, "number", "").casefold()}
    ]  # fmt: skip
    if len(fits) == 1:
        return fits[0]
    if not fits:
        raise DecisionError(f"QuickBooks has no {kind.value.lower()} with the id, number or name {text!r}.")
    raise DecisionError(
        f"Several are called {text!r}: {', '.join(f'{one.label} (id {one.id})' for one in fits)}. Give the id."
    )


def resource_of(desk: Desk, kind: Kind) -> str:
    resource = subject_of(kind).resource(desk.settings.basware.master_data)
    if not resource:
        raise DecisionError(
            f"The connection gives Basware no list of this kind ({kind.value}). See [basware.master_data]."
        )
    return resource


def _note(tx: Tx, desk: Desk, subject: str, action: str, actor: str) -> None:
    now = desk.clock.now()
    audit.record(tx, desk.connection_id, at=now, actor=actor, action=action, subject=subject)
    jobs.bring_forward(tx, desk.connection_id, Job.MASTER_DATA, now, now)
