"""The step of the job `master-data` that keeps vendors in step: reads what changed, decides pair by pair, stores what to send.

Everything of a decision is stored in one transaction: what was agreed, the record for Basware, the write for QuickBooks. So
whatever is cut off anywhere is decided again from the tables, and comes to the same.
"""

from datetime import datetime, timedelta

import msgspec

from ml_connector.flows.identity import vendor_intent_id, vendor_update_id
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.vendors import CURRENCY, FIELDS, NAME, TERM, Side, Stamped
from ml_connector.quickbooks import translation_vendors, wire
from ml_connector.quickbooks.faults import Fault
from ml_connector.rules.vendor_names import name_in_quickbooks
from ml_connector.store import alerts, audit, cursors, intents, jobs, outcomes, outgoing, outgoing_calls, vendor_pairs
from ml_connector.store import books as book_store
from ml_connector.store.database import Tx
from ml_connector.store.intents import IntentRow, NewIntent
from ml_connector.store.outgoing import OutgoingRow
from ml_connector.store.schema import IntentState, Operation, OutgoingState, Severity, System, VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.changes.settings import SINGLE
from ml_connector.work.desk import Desk
from ml_connector.work.feeds.vendors import read_vendors
from ml_connector.work.jobs import Job
from ml_connector.work.lists import refresh_lists
from ml_connector.work.vendors.keeping import Keeper, Kept
from ml_connector.work.vendors.materials import CLOCK, RESOURCE, Materials, clock_samples, load
from ml_connector.work.vendors.memory import ClockSamples, Memory, Told, recall
from ml_connector.work.vendors.pairing import linked, pair_up, refused

BANK_ALERT = "vendor bank details"
REVIEW_ALERT = "vendors to review"
_SAMPLES = 5
_LISTS = ("Vendor", "Customer", "Employee", "Term")


def plan_vendors(desk: Desk) -> None:
    """Bring every vendor to what both sides are to say. Raises what the clients raise when something has to be read first."""
    _read_first(desk)
    read_vendors(desk)
    with desk.write(durable=True) as tx:
        _Plan(tx, desk).make()


def _read_first(desk: Desk) -> None:
    """Lists of QuickBooks that were never read are read now; the job `changes` keeps them up to date."""
    with desk.database.read() as tx:
        known = book_store.cursors(tx, desk.connection_id)
    if any(entity not in known or not known[entity].cursor for entity in (*_LISTS, *SINGLE)):
        refresh_lists(desk, thorough=True)


class _Plan:
    """One planning of all vendors, inside one transaction."""

    def __init__(self, tx: Tx, desk: Desk) -> None:
        self.tx, self.desk, self.now = tx, desk, desk.clock.now()
        self.found: Materials = load(tx, desk)
        self.queued = 0
        self.samples = list[float]()

    def make(self) -> None:
        """Decide about every vendor and store what follows."""
        before = vendor_pairs.every(self.tx, self.desk.connection_id)
        pairs = pair_up(self.tx, self.desk, self.found, before)
        own = self.desk.settings
        keeper = Keeper(self.found, own.vendors, own.vendors.shape(own.basware.company_codes))
        made = {code: self._one(keeper, pair) for code, pair in pairs.items()}
        changed = [pair for code, pair in made.items() if pair != before.get(code)]
        vendor_pairs.put_many(self.tx, self.desk.connection_id, changed, self.now)
        if self.queued:
            jobs.bring_forward(self.tx, self.desk.connection_id, Job.INVOICES, self.now, self.now)
        self._keep_samples()
        self._tell_of_reviews(made)

    def _one(self, keeper: Keeper, pair: VendorPair) -> VendorPair:
        if pair.state is VendorState.CREATE:
            return self._create(pair)
        if (
            pair.state not in {VendorState.LINKED, VendorState.MERGED}
            or pair.quickbooks_id not in self.found.quickbooks
        ):
            return pair
        memory = self._heard(pair, recall(pair.memory))
        kept = keeper.keep(pair, memory)
        memory = self._send_to_basware(kept)
        memory, refused = self._send_to_quickbooks(msgspec.structs.replace(kept, memory=memory))
        self._audit_overruled(kept)
        made = self._quarantined(kept)
        return msgspec.structs.replace(
            made, memory=memory.text(), holds=(*kept.holds, *refused, *self._bank_holds(made))
        )

    # what became of what was sent

    def _heard(self, pair: VendorPair, memory: Memory) -> Memory:
        """A side that took what it was told has said it since; whoever changes it back later has changed it."""
        told = memory.told_quickbooks
        if told is not None:
            intent = intents.get(self.tx, self.desk.connection_id, told.name)
            if intent is not None and intent.state is IntentState.DONE:
                seen = memory.seen_quickbooks | told.values
                memory = msgspec.structs.replace(memory, seen_quickbooks=seen, told_quickbooks=None)
        sent, row = memory.told_basware, self.found.outgoing.get(pair.external_code)
        if sent and row and row.digest == sent.name and self._arrived(row):
            theirs = self.found.basware.get(pair.code)
            if row.sent_at is not None and theirs is not None and theirs.posted_at is not None:
                self._sample(sent.values, theirs.now.values, theirs.posted_at, row.sent_at)
            seen = memory.seen_basware | sent.values
            memory = msgspec.structs.replace(memory, seen_basware=seen, told_basware=None)
        return memory

    def _arrived(self, row: OutgoingRow) -> bool:
        """Whether Basware's interface certainly took a record: P2P took it, or the call that carries it was answered."""
        if row.state is OutgoingState.SENT:
            calls = outcomes.known(self.tx, self.desk.connection_id, [], [row.request_id])
            return any(one.request_id for one in calls)
        return row.state is OutgoingState.DONE and row.accepted_digest == row.digest

    def _sample(self, sent: dict[str, str], shown: dict[str, str], posted_at: datetime, sent_at: datetime) -> None:
        """A record of ours that Basware stamped: how far its clock was ahead."""
        if all(shown.get(field) == value for field, value in sent.items()):
            self.samples.append((posted_at - sent_at).total_seconds())

    def _keep_samples(self) -> None:
        if self.samples:
            known = clock_samples(self.tx, self.desk.connection_id).ahead
            kept = ClockSamples(ahead=(*known, *self.samples)[-_SAMPLES:], newest=self.now)
            text = msgspec.json.encode(kept).decode()
            cursors.put(self.tx, self.desk.connection_id, CLOCK, text, self.now)

    # Basware

    def _send_to_basware(self, kept: Kept) -> Memory:
        code, memory = kept.pair.external_code, kept.memory
        row = self.found.outgoing.get(code) if code else None
        if kept.record is None or not kept.needed:
            theirs, same = self.found.basware.get(kept.pair.code), kept.record.digest if kept.record else ""
            if row is not None and self._is_settled(row, same, theirs.now.at if theirs else None):
                outgoing.withdraw(self.tx, self.desk.connection_id, RESOURCE, [code])
            self._heal(row)
            return memory
        outgoing.plan(self.tx, self.desk.connection_id, [kept.record], self.now)
        states = [OutgoingState.DONE, OutgoingState.READY] if kept.afresh else [OutgoingState.DONE]
        outgoing_calls.send_again(self.tx, self.desk.connection_id, RESOURCE, [code], self.now, states)
        self._heal(row)
        return msgspec.structs.replace(memory, told_basware=Told(name=kept.record.digest, values=kept.told))

    @staticmethod
    def _is_settled(row: OutgoingRow, same: str, posted_at: datetime | None) -> bool:
        """Whether a record that waits, or was refused, need not be sent any more: somebody posted one that will do."""
        if row.state in {OutgoingState.READY, OutgoingState.HELD}:
            return row.digest != same
        # Our own posting carries the moment at which it was sent, give or take a slow answer.
        later = posted_at is not None and row.sent_at is not None and posted_at > row.sent_at + timedelta(minutes=1)
        return row.state is OutgoingState.REFUSED and later

    def _heal(self, row: OutgoingRow | None) -> None:
        """A vendor that Basware refused goes again once a payment term that it names was taken after that."""
        if row is None or row.state is not OutgoingState.REFUSED:
            return
        term = str((msgspec.json.decode(row.body).get("paymentTerms") or {}).get("paymentTermCode") or "")
        terms = outgoing.of_resource(self.tx, self.desk.connection_id, "paymentTerms") if term else {}
        for one in terms.values():
            code = msgspec.json.decode(one.body).get("paymentTermCode") if one.body else ""
            taken = one.settled_at if one.state is OutgoingState.DONE else None
            if code == term and taken is not None and row.settled_at is not None and taken > row.settled_at:
                outgoing_calls.retry(self.tx, self.desk.connection_id, RESOURCE, [row.external_code], self.now)

    # QuickBooks

    def _send_to_quickbooks(self, kept: Kept) -> tuple[Memory, tuple[Hold, ...]]:
        memory, pair = kept.memory, kept.pair
        if not kept.changes:
            return memory, ()
        earlier = intents.for_subject(self.tx, self.desk.connection_id, Operation.UPDATE, _subject(pair))
        if any(one.state in intents.UNDER_WAY for one in earlier):
            return memory, ()
        record = self.found.quickbooks[pair.quickbooks_id].record
        body = wire.encode(translation_vendors.changes_body(record, kept.changes)).decode()
        same = earlier and earlier[-1].state is IntentState.REFUSED and earlier[-1].body == body
        if same and not memory.again:
            return memory, (self._refused(pair, earlier[-1]),)
        name = vendor_update_id(self.desk.connection_id, pair.code, len(earlier))
        self._queue(name, Operation.UPDATE, _subject(pair), body)
        told = Told(name=name, values=dict(kept.changes))
        return msgspec.structs.replace(memory, told_quickbooks=told, again=False), ()

    def _create(self, pair: VendorPair) -> VendorPair:
        """A vendor that QuickBooks does not have yet: one intent, whoever else wants it created, invoices among them."""
        theirs = self.found.basware.get(pair.code)
        if theirs is None or not self.desk.settings.vendors.to_quickbooks:
            return pair
        earlier = intents.for_subject(self.tx, self.desk.connection_id, Operation.CREATE_VENDOR, pair.code)
        if any(one.state in intents.UNDER_WAY for one in earlier):
            return pair
        if earlier and earlier[-1].state is IntentState.DONE:
            made = str(msgspec.json.decode(earlier[-1].result)["id"])
            there = self.found.quickbooks.get(made)
            if there is not None and not there.deleted and made not in refused(pair):
                return linked(self.tx, self.desk, pair, made, "created from here")
        own = self.desk.settings.vendors
        name, holder = name_in_quickbooks(
            theirs.now.name, pair.code, self.found.names, own.taken_name, latin1_only=self.found.latin1_only
        )
        if name is None:
            facts = {"name": theirs.now.name, "supplier": pair.code, "taken": holder}
            hold = Hold(cause=Cause.VENDOR_NAME_TAKEN, subject=theirs.now.name, facts=facts)
            return msgspec.structs.replace(pair, holds=(hold,))
        values = {field: held for field in FIELDS if (held := self._held(field, theirs.now.values.get(field, "")))}
        body = wire.encode(
            translation_vendors.new_vendor(pair.code, values | {NAME: name}, multicurrency=self.found.multicurrency)
        ).decode()
        again = recall(pair.memory).again
        if earlier and earlier[-1].state is IntentState.REFUSED and earlier[-1].body == body and not again:
            return msgspec.structs.replace(pair, holds=(self._refused(pair, earlier[-1]),))
        intent = vendor_intent_id(self.desk.connection_id, pair.code, len(earlier))
        self._queue(intent, Operation.CREATE_VENDOR, pair.code, body)
        self.found.names.take(name, f"new {pair.code}")
        agreed = {
            field: Stamped(value=value, at=theirs.now.at, side=Side.BASWARE)
            for field, value in theirs.now.values.items()
            if value
        }
        memory = Memory(
            agreed=agreed, seen_basware=dict(theirs.now.values), told_quickbooks=Told(name=intent, values=values)
        )
        return msgspec.structs.replace(pair, memory=memory.text(), holds=())

    def _held(self, field: str, value: str) -> str | None:
        if field == TERM:
            return value if value in self.found.terms else None
        return value if field == CURRENCY else translation_vendors.fits(field, value)

    def _queue(self, name: str, operation: Operation, subject: str, body: str) -> None:
        new = NewIntent(
            id=name, system=System.QUICKBOOKS, operation=operation, subject=subject, entity="Vendor", body=body,
            request_id=name,
        )  # fmt: skip
        self.queued += intents.add(self.tx, self.desk.connection_id, new, self.now)

    @staticmethod
    def _refused(pair: VendorPair, intent: IntentRow) -> Hold:
        faults = msgspec.json.decode(intent.fault, type=list[Fault]) if intent.fault else []
        detail = "; ".join(f"{one.code} {one.detail or one.message}" for one in faults)
        facts = {"name": pair.name, "code": pair.code, "detail": detail}
        return Hold(cause=Cause.VENDOR_NOT_TAKEN, subject=f"vendor {pair.code}", facts=facts)

    # what people have to know

    def _audit_overruled(self, kept: Kept) -> None:
        for one in kept.merged.overruled if kept.merged else ():
            audit.record(
                self.tx, self.desk.connection_id, at=self.now, actor=self.desk.worker, action="vendor change overruled",
                subject=f"vendor {kept.pair.code}", before=one.lost.value, after=one.stands.value,
                reason=f"{one.field}: {one.lost.side} wrote it at {one.lost.at:%Y-%m-%d %H:%M:%S}, "
                f"{one.stands.side} at {one.stands.at:%Y-%m-%d %H:%M:%S} UTC",
            )  # fmt: skip

    def _quarantined(self, kept: Kept) -> VendorPair:
        """Bank details that changed in Basware wait until somebody approves them; nothing is sent for the vendor meanwhile."""
        pair = kept.pair
        if kept.bank_found == pair.bank_found:
            return pair
        if not kept.bank_found:
            alerts.clear(self.tx, self.desk.connection_id, kind=BANK_ALERT, subject=pair.code, now=self.now)
            return msgspec.structs.replace(pair, bank_found="", bank_found_at=None)
        message = (
            f"The bank details of vendor {pair.name} ({pair.code}) changed in Basware. Nothing is sent for it until somebody "
            f"who knows approves or rejects them: ml-connector vendors show {pair.code}."
        )
        alerts.raise_(
            self.tx, self.desk.connection_id, kind=BANK_ALERT, subject=pair.code, severity=Severity.ERROR, message=message,
            now=self.now,
        )  # fmt: skip
        audit.record(
            self.tx, self.desk.connection_id, at=self.now, actor=self.desk.worker, action="bank details quarantined",
            subject=f"vendor {pair.code}", reason="changed in Basware by another program",
        )  # fmt: skip
        return msgspec.structs.replace(pair, bank_found=kept.bank_found, bank_found_at=self.now)

    @staticmethod
    def _bank_holds(pair: VendorPair) -> tuple[Hold, ...]:
        if not pair.bank_found:
            return ()
        facts = {"name": pair.name, "code": pair.code}
        return (Hold(cause=Cause.VENDOR_BANK_CHANGED, subject=f"vendor {pair.code}", facts=facts),)

    def _tell_of_reviews(self, made: dict[str, VendorPair]) -> None:
        waiting = sum(pair.state is VendorState.REVIEW for pair in made.values())
        if not waiting:
            alerts.clear(self.tx, self.desk.connection_id, kind=REVIEW_ALERT, now=self.now)
            return
        message = (
            f"{waiting} vendors of Basware may be ones that QuickBooks has already. Say who they are: "
            f"ml-connector vendors review. Until then they are not kept in step."
        )
        alerts.raise_(
            self.tx,
            self.desk.connection_id,
            kind=REVIEW_ALERT,
            severity=Severity.WARNING,
            message=message,
            now=self.now,
        )


def _subject(pair: VendorPair) -> str:
    return f"vendor {pair.code}"
