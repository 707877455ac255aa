"""Sending Basware the records it is to hold: only those that differ from what it has, in calls as large as it takes.

Which records a call carries is stored before it leaves. Its outcome comes later, by request status, also when the answer to the
call itself got lost: a record overwrites itself, so a call nobody ever hears of is simply made again.
"""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.basware.errors import CredentialsRejected, NoAnswer, Refused, ScopeMissing, Throttled, Unavailable
from ml_connector.basware.faults import Fault
from ml_connector.basware.master_data import LARGEST_BODY, MARK, TAGS, Resource, resource_named
from ml_connector.store import jobs, outcomes, outgoing_calls
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.outgoing_calls import ItemVerdict
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.sending.heard import OUTGOING, refused_hold


class Sent(msgspec.Struct, kw_only=True):
    """What one sending came to. `taken`: by Basware's interface; P2P has still to say. `unclear`: no answer came."""

    calls: int = 0
    taken: int = 0
    refused: int = 0
    unclear: int = 0

    def add(self, other: "Sent") -> None:
        """Count another sending in."""
        self.calls += other.calls
        self.taken += other.taken
        self.refused += other.refused
        self.unclear += other.unclear


def send_records(desk: Desk, name: str, *, label: str) -> Sent:
    """Send everything of a resource that is ready. `label` is what people call it, for the progress bar.

    Raises what Basware's client raises when Basware cannot be used; what was not sent stays ready then.
    """
    resource, sent = resource_named(name), Sent()
    with desk.write() as tx:
        outgoing_calls.wake(tx, desk.connection_id, name, desk.clock.now())
        if resource.together:
            outgoing_calls.wake_bundles(tx, desk.connection_id, name, desk.clock.now())
        waiting = outgoing_calls.count_ready(tx, desk.connection_id, name)
    total = waiting
    while True:
        desk.keep_lease()
        with desk.database.read() as tx:
            rows = outgoing_calls.ready(tx, desk.connection_id, name, resource.most)
        rows = _fitting(rows, resource)
        if not rows:
            break
        desk.watch(label, min(sent.taken + sent.refused + sent.unclear, total), total)
        _send(desk, name, rows, sent)
    if sent.taken or sent.unclear:
        with desk.write() as tx:
            at = desk.clock.now() + timedelta(seconds=desk.settings.basware.outcomes.first_wait)
            jobs.bring_forward(tx, desk.connection_id, Job.OUTCOMES, at, desk.clock.now())
    return sent


def _fitting(rows: list[OutgoingRow], resource: Resource) -> list[OutgoingRow]:
    """As many of the records, from the first on, as one call may carry; at least one."""
    size, fitting = 2, list[OutgoingRow]()
    for row in rows:
        if resource.together and row.bundle != rows[0].bundle:
            break
        size += len(body_of(row, resource).encode()) + 1
        if fitting and size > LARGEST_BODY:
            break
        fitting.append(row)
    return fitting


def body_of(row: OutgoingRow, resource: Resource) -> str:
    """The record as it is sent. Sent again with the same content, it carries a number that makes it something new to Basware."""
    if not row.salt or not resource.salt:
        return row.body
    fields = _EXACT.decode(row.body)
    if resource.salt == TAGS:
        salted = {**fields, TAGS: [*fields.get(TAGS, ()), {"name": MARK, "value": str(row.salt)}]}
    else:
        salted = {**fields, resource.salt: str(row.salt)}
    return _ENCODER.encode(salted).decode()


_EXACT = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def _send(desk: Desk, name: str, rows: list[OutgoingRow], sent: Sent) -> None:
    """Make one call and write down what came of it."""
    resource = resource_named(name)
    request = _request_name(desk, name, rows)
    now = desk.clock.now()
    with desk.write(durable=True) as tx:
        outgoing_calls.mark_sent(tx, desk.connection_id, rows, request, now)
        outcomes.expect(
            tx, desk.connection_id, request, request_id="", entity_type=resource.entity_type, subject=f"{OUTGOING}{name}",
            now=now, next_at=now + timedelta(seconds=desk.settings.basware.outcomes.first_wait),
        )  # fmt: skip
    sent.calls += 1
    try:
        basware_id = desk.master_data.post(resource, [body_of(row, resource) for row in rows])
    except NoAnswer:
        sent.unclear += len(rows)
    except Refused as error:
        _take_back(desk, request)
        _take_apart(desk, name, rows, error, sent)
    except (CredentialsRejected, ScopeMissing, Throttled, Unavailable):
        _take_back(desk, request)
        raise
    else:
        with desk.write() as tx:
            outcomes.name_request(tx, desk.connection_id, request, basware_id)
        sent.taken += len(rows)


def _request_name(desk: Desk, name: str, rows: list[OutgoingRow]) -> str:
    """Our own name of a call: the same records, sent as often, have the same."""
    parts = [desk.connection_id, name, *(f"{row.external_code}:{row.digest}:{row.salt}:{row.tries}" for row in rows)]
    parts.append(desk.clock.now().isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:36]


def _take_back(desk: Desk, request: str) -> None:
    """Nothing was done: the records are as they were before the call, and nobody waits for its outcome."""
    with desk.write() as tx:
        outgoing_calls.take_back(tx, desk.connection_id, request, desk.clock.now())
        outcomes.forget(tx, desk.connection_id, request)


def _take_apart(desk: Desk, name: str, rows: list[OutgoingRow], error: Refused, sent: Sent) -> None:
    """Basware's interface takes a call whole or not at all. Records it names are set aside; without names the call is halved."""
    named: dict[str, list[Fault]] = {}
    for fault in error.errors:
        if fault.external_code:
            named.setdefault(fault.external_code, []).append(fault)
    guilty = [row for row in rows if row.external_code in named]
    if guilty:
        _set_aside(desk, [(row, "; ".join(map(str, named[row.external_code]))) for row in guilty], sent)
    elif len(rows) == 1:
        _set_aside(desk, [(rows[0], str(error))], sent)
    else:
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]):
            desk.keep_lease()
            _send(desk, name, half, sent)


def _set_aside(desk: Desk, found: list[tuple[OutgoingRow, str]], sent: Sent) -> None:
    with desk.write() as tx:
        for row, problem in found:
            verdict = ItemVerdict(
                external_code=row.external_code, good=False, problem=problem, holds=(refused_hold(row, problem),)
            )
            outgoing_calls.refuse(tx, desk.connection_id, row, verdict, desk.clock.now())
    sent.refused += len(found)
