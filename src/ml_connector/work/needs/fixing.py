"""What a person does about a cause, for everything it holds at once. Each function says in a sentence what came of it.

Nothing is sent here: decisions are kept, and the next run acts on them. What a changed mapping frees is planned again by itself,
because what it was planned from has changed.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

import msgspec

from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.master_data import Kind
from ml_connector.model.policy import ClosedPeriod
from ml_connector.store import audit, connections, held, payments
from ml_connector.store.connections import ConnectionRow
from ml_connector.store.database import Database
from ml_connector.store.documents import DocumentRow
from ml_connector.store.held_sources import HeldIn
from ml_connector.store.rows import chunks
from ml_connector.work import dating, decisions, schedule
from ml_connector.work.accruals.shown import try_again as try_accruals_again
from ml_connector.work.decisions import Choice, DecisionError, required_reason
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.shown import orders_named, retry_order
from ml_connector.work.jobs import Job
from ml_connector.work.mapping_tables import default_rule, rule_for_code, set_rule
from ml_connector.work.needs.cards import ACCRUALS, Heap, accruals_of
from ml_connector.work.needs.choices import waits_for
from ml_connector.work.needs.remedies import Act, remedy_of
from ml_connector.work.needs.targets import one_list
from ml_connector.work.payments import asking
from ml_connector.work.reactivating.asking import reactivate
from ml_connector.work.sending import alignment_acts
from ml_connector.work.sending.shown import refused_records
from ml_connector.work.sending.shown import try_again as try_records_again
from ml_connector.work.settings import decode_settings, encode_settings
from ml_connector.work.vendors import decisions as vendor_decisions

_JOBS = {
    HeldIn.DOCUMENTS.value: Job.INVOICES,
    ACCRUALS: Job.INVOICES,
    HeldIn.VENDORS.value: Job.MASTER_DATA,
    HeldIn.RECORDS.value: Job.MASTER_DATA,
    HeldIn.ORDERS.value: Job.ORDERS,
    HeldIn.PAYMENTS.value: Job.PAYMENTS,
}
"""Which job looks again at what is held of each sort."""
_PORTION = 500


def jobs_of(heap: Heap) -> list[Job]:
    """The jobs that look at what a heap holds."""
    return list(dict.fromkeys(_JOBS[sort] for sort in heap.numbers))


def run_now(database: Database, row: ConnectionRow, jobs: Sequence[Job], *, actor: str, now: datetime) -> None:
    """Have the jobs run as soon as an engine looks. Raises ScheduleError when one is paused, switched off or kept back."""
    for job in jobs:
        schedule.run_now(database, row, job, despite="", actor=actor, now=now)


def map_code(desk: Desk, dimension: Dimension, code: str, target: str, *, actor: str) -> str:
    """Let a code be a record of QuickBooks from now on, named by id, number or name. Raises MappingTableError."""
    rule = rule_for_code(one_list(desk, dimension), dimension, code, target)
    set_rule(desk, rule, actor=actor)
    return f"{code} is {rule.target_name or 'left empty on purpose'} from now on."


def map_default(desk: Desk, dimension: Dimension, target: str, *, actor: str) -> str:
    """Let rows without a code, and codes that no rule names, be a record of QuickBooks. Raises MappingTableError."""
    rule = default_rule(one_list(desk, dimension), dimension, target)
    set_rule(desk, rule, actor=actor)
    return f"Where no rule says otherwise it is {rule.target_name or 'left empty on purpose'} from now on."


def give_code(desk: Desk, kind: str, record_id: str, code: str, *, same: bool, actor: str) -> str:
    """Of two records that would have one code: they are the `same`, or this one gets a code of its own. Raises DecisionError and
    MappingTableError."""
    if kind not in set(Kind):
        raise DecisionError("There is no such kind of record.")
    act = alignment_acts.map_code if same else alignment_acts.create
    given = (code, record_id) if same else (record_id, code)
    return act(desk, Kind(kind), *given, actor=actor)


def make_active(desk: Desk, heap: Heap, quickbooks_id: str, *, reason: str, actor: str) -> str:
    """Have an inactive record that a heap waits for made active in QuickBooks. Raises DecisionError."""
    remedy = remedy_of(Cause(heap.cause))
    if Act.REACTIVATE not in remedy.acts or remedy.dimension is None:
        raise DecisionError("Nothing waits here for an inactive record.")
    if not waits_for(desk, heap, quickbooks_id):
        raise DecisionError(
            "Nothing here waits for that record any more. Look at the card again: it names what is in the way."
        )
    row = reactivate(desk, remedy.dimension, quickbooks_id, reason=reason, actor=actor)
    return f"{row.name} is made active in QuickBooks with the next run, and what it held goes again by itself."


def let_go(desk: Desk, invoice_id: str, *, reason: str, actor: str) -> str:
    """End a person's hold on one document. Raises DecisionError."""
    row = _document(desk, invoice_id)
    decisions.let_go(desk, row, reason=reason, actor=actor)
    return f"{row.invoice_number or invoice_id} is no longer on hold: the next run plans it again."


def first_open_day(desk: Desk, *, reason: str, actor: str) -> str:
    """Let documents of closed books be posted on the first open day. Raises DecisionError without a reason."""
    reason = required_reason(reason)
    now = desk.clock.now()
    with desk.database.write() as tx:
        settings = decode_settings(connections.get(tx, desk.connection_id).settings)
        before = settings.policy.closed_period
        policy = msgspec.structs.replace(settings.policy, closed_period=ClosedPeriod.FIRST_OPEN_DAY)
        connections.update_settings(
            tx, desk.connection_id, encode_settings(msgspec.structs.replace(settings, policy=policy)), now
        )
        audit.record(
            tx, desk.connection_id, at=now, actor=actor, action="policy changed", subject="closed_period",
            before=before.value, after=ClosedPeriod.FIRST_OPEN_DAY.value, reason=reason,
        )  # fmt: skip
    return "What falls into closed books is dated the first open day from now on, and its memo says so."


# Documents


def again(desk: Desk, heap: Heap, chosen: Collection[str], *, actor: str) -> str:
    """Have what a heap holds looked at again by the next run, whatever has changed. `chosen`: only these keys; empty for all."""
    done = 0
    for sort in heap.numbers:
        done += _accruals_again(desk, heap, actor) if sort == ACCRUALS else _again(desk, heap, sort, chosen, actor)
    if not done:
        return "Nothing had to be asked for: what is held for this is looked at with every run by itself."
    return f"{_things(done)} will be looked at again in the next run."


def _again(desk: Desk, heap: Heap, sort: str, chosen: Collection[str], actor: str) -> int:
    if sort == HeldIn.DOCUMENTS:
        return sum(decisions.retry(desk, rows, actor=actor) for rows in _documents(desk, heap, chosen))
    keys = [one.key for one in _members(desk, heap, HeldIn(sort)) if not chosen or one.key in chosen]
    match HeldIn(sort):
        case HeldIn.VENDORS:
            for key in keys:
                vendor_decisions.retry(desk, key, actor=actor)
        case HeldIn.ORDERS:
            return sum(retry_order(desk, one, actor) for key in keys for one in orders_named(desk, key)[:1])
        case HeldIn.RECORDS:
            rows = [row for row in refused_records(desk) if row.external_code in keys]
            return try_records_again(desk, rows, actor=actor)
        case HeldIn.PAYMENTS:
            for key in keys:
                asking.retry(desk, key, actor)
    return len(keys)


def _accruals_again(desk: Desk, heap: Heap, actor: str) -> int:
    return sum(try_accruals_again(desk, invoice_id, actor=actor) for invoice_id in accruals_of(desk, heap))


def change_date(desk: Desk, heap: Heap, chosen: Collection[str], day: date, *, reason: str, actor: str) -> str:
    """Have the documents posted on a day; what cannot be is left as it is, and said. Raises DecisionError where nothing can be."""
    done, left = 0, list[str]()
    for rows in _documents(desk, heap, chosen):
        changed = dating.change_dates(desk, rows, day, reason=reason, actor=actor)
        done, left = done + changed.moved, [*left, *changed.left]
    if left and not done:
        raise DecisionError(left[0])
    rest = f" {len(left)} stayed as {'it was' if len(left) == 1 else 'they were'}: {left[0]}" if left else ""
    return f"{_things(done)} will be posted on {day} by the next run. Due dates stay what they are.{rest}"


def ignore(desk: Desk, heap: Heap, chosen: Collection[str], *, reason: str, actor: str) -> str:
    """The documents are handled elsewhere. Raises DecisionError without a reason."""
    done = sum(decisions.ignore_all(desk, rows, reason=reason, actor=actor) for rows in _documents(desk, heap, chosen))
    return f"{_things(done)} ignored: handled elsewhere, never posted, still to be found under Documents."


def reject(desk: Desk, heap: Heap, chosen: Collection[str], *, reason: str, actor: str) -> str:
    """Give the documents back to Basware with the reason. Raises DecisionError without one."""
    done = sum(decisions.reject_all(desk, rows, reason=reason, actor=actor) for rows in _documents(desk, heap, chosen))
    return f"{_things(done)} will be given back to Basware in the next run."


def decide(desk: Desk, invoice_id: str, choice: Choice, *, link_to: str, reason: str, actor: str) -> str:
    """Settle one document whose number is taken, or that Basware takes back. Raises DecisionError."""
    row = _document(desk, invoice_id)
    decisions.decide(desk, row, choice, link_to=link_to, reason=reason, actor=actor)
    return f"{row.invoice_number or invoice_id}: decided. The next run acts on it."


def _document(desk: Desk, invoice_id: str) -> DocumentRow:
    with desk.database.read() as tx:
        row = payments.documents_named(tx, desk.connection_id, [invoice_id]).get(invoice_id)
    if row is None:
        raise DecisionError("There is no such document any more. Look again.")
    return row


def _documents(desk: Desk, heap: Heap, chosen: Collection[str]) -> Iterator[Sequence[DocumentRow]]:
    """The documents of a heap, or those of them that were chosen, in portions."""
    keys = [one.key for one in _members(desk, heap, HeldIn.DOCUMENTS) if not chosen or one.key in chosen]
    for some in chunks(keys, _PORTION):
        with desk.database.read() as tx:
            found = payments.documents_named(tx, desk.connection_id, some)
        yield [found[key] for key in some if key in found]


def _members(desk: Desk, heap: Heap, where: HeldIn) -> list[held.Held]:
    with desk.database.read() as tx:
        return held.members(tx, desk.connection_id, where, heap.cause, heap.subject)


def _things(number: int) -> str:
    return "1 of them" if number == 1 else f"{number} of them"
