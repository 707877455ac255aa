"""The writes to QuickBooks that follow for a portion of the vendors: changes of those it has, and vendors it does not have yet.

Works inside the transaction of the portion. Whether a write was taken is for the job `invoices`, which sends it.
"""

from collections.abc import Collection, Sequence

import msgspec

from ml_connector.flows.identity import vendor_intent_id, vendor_update_id
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.vendors import CURRENCY, FIELDS, NAME, TERM, Side, Stamped, VendorNow
from ml_connector.quickbooks import translation_vendors, wire
from ml_connector.quickbooks.faults import Fault
from ml_connector.rules.vendor_names import name_in_quickbooks
from ml_connector.store import intents, jobs
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.schema import IntentState, Operation, System
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.desk import Desk
from ml_connector.work.jobs import Job
from ml_connector.work.vendors.keeping import Kept
from ml_connector.work.vendors.materials import Materials
from ml_connector.work.vendors.memory import Memory, Told, recall
from ml_connector.work.vendors.pairing import Joined, join, refused


class VendorWrites:
    """Writes for some vendors, gathered and then stored together. `new` are the codes of those that QuickBooks does not have;
    `joined` those of them that it has by now."""

    def __init__(self, tx: Tx, desk: Desk, found: Materials, kept: Collection[Kept], new: Collection[str]) -> None:
        self._tx, self._desk, self._found = tx, desk, found
        changed = [_subject(one.pair) for one in kept if one.changes]
        self._updates = intents.for_subjects(tx, desk.connection_id, Operation.UPDATE, changed)
        self._creations = intents.for_subjects(tx, desk.connection_id, Operation.CREATE_VENDOR, new)
        self._queued = list[NewIntent]()
        self.joined = list[Joined]()

    def update(self, kept: Kept) -> tuple[Memory, tuple[Hold, ...]]:
        """Tell QuickBooks what is news to it, unless it is being told something; what is remembered, and why not."""
        memory, pair = kept.memory, kept.pair
        earlier = self._updates.get(_subject(pair), [])
        if not kept.changes or any(one.state in intents.UNDER_WAY for one in earlier):
            return memory, ()
        record = self._found.quickbooks[pair.quickbooks_id].record
        body = wire.encode(translation_vendors.changes_body(record, kept.changes)).decode()
        if _was_refused(earlier, body) and not memory.again:
            return memory, (_not_taken(pair, earlier[-1]),)
        name = vendor_update_id(self._desk.connection_id, pair.code, len(earlier))
        self._queue(name, Operation.UPDATE, _subject(pair), body)
        told = Told(name=name, values=dict(kept.changes))
        return msgspec.structs.replace(memory, told_quickbooks=told, again=False), ()

    def create(self, pair: VendorPair) -> VendorPair:
        """A vendor that QuickBooks does not have yet: one intent, whoever else wants it created, invoices among them."""
        theirs = self._found.basware.get(pair.code)
        if theirs is None or not self._desk.settings.vendors.to_quickbooks:
            return pair
        earlier = self._creations.get(pair.code, [])
        if any(one.state in intents.UNDER_WAY for one in earlier):
            return pair
        if earlier and earlier[-1].state is IntentState.DONE:
            made = str(msgspec.json.decode(earlier[-1].result)["id"])
            there = self._found.quickbooks.get(made)
            if there is not None and not there.deleted and made not in refused(pair):
                linked, joined = join(pair, made, "created from here", by=self._desk.worker)
                self.joined.append(joined)
                return linked
        return self._queue_creation(pair, theirs.now, earlier)

    def _queue_creation(self, pair: VendorPair, theirs: VendorNow, earlier: Sequence[IntentRow]) -> VendorPair:
        found, policy = self._found, self._desk.settings.vendors.taken_name
        name, holder = name_in_quickbooks(theirs.name, pair.code, found.names, policy, latin1_only=found.latin1_only)
        if name is None:
            facts = {"name": theirs.name, "supplier": pair.code, "taken": holder}
            hold = Hold(cause=Cause.VENDOR_NAME_TAKEN, subject=theirs.name, facts=facts)
            return msgspec.structs.replace(pair, holds=(hold,))
        values = {field: held for field in FIELDS if (held := self._held(field, theirs.values.get(field, "")))}
        body = wire.encode(
            translation_vendors.new_vendor(pair.code, values | {NAME: name}, multicurrency=found.multicurrency)
        ).decode()
        if _was_refused(earlier, body) and not recall(pair.memory).again:
            return msgspec.structs.replace(pair, holds=(_not_taken(pair, earlier[-1]),))
        intent = vendor_intent_id(self._desk.connection_id, pair.code, len(earlier))
        self._queue(intent, Operation.CREATE_VENDOR, pair.code, body)
        found.names.take(name, f"new {pair.code}")
        agreed = {
            field: Stamped(value=value, at=theirs.at, side=Side.BASWARE)
            for field, value in theirs.values.items()
            if value
        }
        # What QuickBooks cannot hold it is told as nothing: that it then has nothing there is no change somebody made.
        told = Told(name=intent, values={field: values.get(field, "") for field in theirs.values})
        memory = Memory(agreed=agreed, seen_basware=dict(theirs.values), told_quickbooks=told)
        return msgspec.structs.replace(pair, memory=memory.text(), holds=())

    def store(self) -> None:
        """Put everything gathered into the outbox, and have it sent soon."""
        now = self._desk.clock.now()
        if self._queued:
            intents.add_many(self._tx, self._desk.connection_id, self._queued, now)
            jobs.bring_forward(self._tx, self._desk.connection_id, Job.INVOICES, now, now)

    def _held(self, field: str, value: str) -> str | None:
        if field == TERM:
            return value if value in self._found.terms else None
        return value if field == CURRENCY else translation_vendors.fits(field, value)

    def _queue(self, name: str, operation: Operation, subject: str, body: str) -> None:
        self._queued.append(
            NewIntent(
                id=name, system=System.QUICKBOOKS, operation=operation, subject=subject, entity="Vendor", body=body,
                request_id=name,
            )
        )  # fmt: skip


def _subject(pair: VendorPair) -> str:
    return f"vendor {pair.code}"


def _was_refused(earlier: Sequence[IntentRow], body: str) -> bool:
    """Whether QuickBooks refused exactly this the last time."""
    return bool(earlier) and earlier[-1].state is IntentState.REFUSED and earlier[-1].body == body


def _not_taken(pair: VendorPair, intent: IntentRow) -> Hold:
    faults = msgspec.json.decode(intent.fault, type=list[Fault]) if intent.fault else []
    detail = "; ".join(f"{one.code} {one.detail or one.message}" for one in faults)
    facts = {"name": pair.name, "code": pair.code, "detail": detail}
    return Hold(cause=Cause.VENDOR_NOT_TAKEN, subject=f"vendor {pair.code}", facts=facts)
