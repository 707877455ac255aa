"""Decides about a portion of the vendors and stores what follows, inside one transaction: what was agreed, the records for Basware,
the writes for QuickBooks.

What is needed for a portion is read in a handful of statements, and written in a handful. A vendor about which a person decided
since everything was read is left to the next run.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from ml_connector.model.holds import Cause, Hold
from ml_connector.store import alerts, audit, cursors, intents, outcomes, outgoing, outgoing_calls, vendor_pairs
from ml_connector.store.database import Tx
from ml_connector.store.outgoing import NewOutgoing, OutgoingRow
from ml_connector.store.schema import IntentState, OutgoingState, Severity, VendorState
from ml_connector.store.vendor_pairs import VendorPair
from ml_connector.work.desk import Desk
from ml_connector.work.vendors.keeping import Keeper, Kept
from ml_connector.work.vendors.materials import CLOCK, RESOURCE, Materials, clock_samples
from ml_connector.work.vendors.memory import ClockSamples, Memory, Told, recall
from ml_connector.work.vendors.pairing import Joined, store_joined
from ml_connector.work.vendors.writing import VendorWrites

BANK_ALERT = "vendor bank details"
_SAMPLES = 5


class Portion:
    """Some vendors, inside one transaction. `before` are their pairs as they were when everything was read."""

    def __init__(self, tx: Tx, desk: Desk, found: Materials, keeper: Keeper, before: Mapping[str, VendorPair]) -> None:
        self._tx, self._desk, self._found, self._keeper, self._before = tx, desk, found, keeper, before
        self._now = desk.clock.now()
        self._samples = list[float]()
        self._records = list[NewOutgoing]()
        self._again = {OutgoingState.DONE: list[str](), OutgoingState.READY: list[str]()}
        self._withdrawn, self._healed = list[str](), list[str]()
        self._entries = list[audit.NewEntry]()
        self._taken: dict[str, datetime] | None = None

    def store(self, pairs: Mapping[str, VendorPair], joined: Mapping[str, Joined]) -> int:
        """Decide about these pairs, some of which are to be linked, and store everything; how many pairs changed."""
        own = self._desk.connection_id
        here = vendor_pairs.held_fast(self._tx, own, pairs)
        made = {code: pair for code, pair in pairs.items() if here.get(code) == self._before.get(code)}
        new = {code: pair for code, pair in made.items() if pair.state is VendorState.CREATE}
        kept = self._compared(made)
        writes = VendorWrites(self._tx, self._desk, self._found, kept.values(), new)
        made |= {code: writes.create(pair) for code, pair in new.items()}
        made |= {code: self._decided(one, writes) for code, one in kept.items()}
        store_joined(self._tx, self._desk, [*(joined[code] for code in made if code in joined), *writes.joined])
        changed = [pair for code, pair in made.items() if pair != self._before.get(code)]
        vendor_pairs.put_many(self._tx, own, changed, self._now)
        writes.store()
        self._store_records()
        audit.record_many(self._tx, own, self._entries)
        self._keep_samples()
        return len(changed)

    def _decided(self, kept: Kept, writes: VendorWrites) -> VendorPair:
        """The pair with what either side is told."""
        memory, refused = writes.update(msgspec.structs.replace(kept, memory=self._for_basware(kept)))
        self._note_overruled(kept)
        pair = self._quarantined(kept)
        holds = (*kept.holds, *refused, *_bank_holds(pair))
        return msgspec.structs.replace(pair, memory=memory.text(), holds=holds)

    def _compared(self, pairs: Mapping[str, VendorPair]) -> dict[str, Kept]:
        """What follows for those whose vendor QuickBooks has."""
        known = {VendorState.LINKED, VendorState.MERGED}
        both = {
            code: pair
            for code, pair in pairs.items()
            if pair.state in known and pair.quickbooks_id in self._found.quickbooks
        }
        codes = [pair.external_code for pair in both.values() if pair.external_code]
        self._rows = outgoing.known(self._tx, self._desk.connection_id, RESOURCE, codes)
        memories = {code: recall(pair.memory) for code, pair in both.items()}
        told = [one.told_quickbooks.name for one in memories.values() if one.told_quickbooks]
        done = intents.known(self._tx, self._desk.connection_id, told)
        answered = self._answered()
        kept = dict[str, Kept]()
        for code, pair in both.items():
            memory = _heard_in_quickbooks(memories[code], done)
            kept[code] = self._keeper.keep(pair, self._heard_in_basware(pair, memory, answered), self._row(pair))
        return kept

    def _row(self, pair: VendorPair) -> OutgoingRow | None:
        return self._rows.get(pair.external_code) if pair.external_code else None

    # what became of what was sent

    def _answered(self) -> frozenset[str]:
        """Calls whose outcome is open, and that Basware's interface certainly took."""
        open_calls = {row.request_id for row in self._rows.values() if row.state is OutgoingState.SENT}
        calls = outcomes.known(self._tx, self._desk.connection_id, [], open_calls)
        return frozenset(one.id for one in calls if one.request_id)

    def _heard_in_basware(self, pair: VendorPair, memory: Memory, answered: frozenset[str]) -> Memory:
        """A side that took what it was told has said it since; whoever changes it back later has changed it."""
        sent, row = memory.told_basware, self._row(pair)
        if not sent or not row or row.digest != sent.name:
            return memory
        taken = row.state is OutgoingState.DONE and row.accepted_digest == row.digest
        if not taken and not (row.state is OutgoingState.SENT and row.request_id in answered):
            return memory
        theirs = self._found.basware.get(pair.code)
        if row.sent_at is not None and theirs is not None and theirs.posted_at is not None:
            self._sample(sent.values, theirs.now.values, theirs.posted_at, row.sent_at)
        seen = memory.seen_basware | sent.values
        return msgspec.structs.replace(memory, seen_basware=seen, told_basware=None)

    def _sample(self, sent: dict[str, str], shown: dict[str, str], posted_at: datetime, sent_at: datetime) -> None:
        """A record of ours that Basware stamped: how far its clock was ahead."""
        if all(shown.get(field) == value for field, value in sent.items()):
            self._samples.append((posted_at - sent_at).total_seconds())

    def _keep_samples(self) -> None:
        if self._samples:
            known = clock_samples(self._tx, self._desk.connection_id).ahead
            kept = ClockSamples(ahead=(*known, *self._samples)[-_SAMPLES:], newest=self._now)
            text = msgspec.json.encode(kept).decode()
            cursors.put(self._tx, self._desk.connection_id, CLOCK, text, self._now)

    # Basware

    def _for_basware(self, kept: Kept) -> Memory:
        code, row = kept.pair.external_code, self._row(kept.pair)
        self._heal(row)
        if kept.record is None or not kept.needed:
            theirs, same = self._found.basware.get(kept.pair.code), kept.record.digest if kept.record else ""
            if row is not None and _is_settled(row, same, theirs.now.at if theirs else None):
                self._withdrawn.append(code)
            return kept.memory
        self._records.append(kept.record)
        self._again[OutgoingState.DONE].append(code)
        if kept.afresh:
            self._again[OutgoingState.READY].append(code)
        return msgspec.structs.replace(kept.memory, told_basware=Told(name=kept.record.digest, values=kept.told))

    def _heal(self, row: OutgoingRow | None) -> None:
        """A vendor that Basware refused goes again once a payment term that it names was taken after that."""
        if row is None or row.state is not OutgoingState.REFUSED or row.settled_at is None:
            return
        term = str((msgspec.json.decode(row.body).get("paymentTerms") or {}).get("paymentTermCode") or "")
        taken = self._terms_taken().get(term) if term else None
        if taken is not None and taken > row.settled_at:
            self._healed.append(row.external_code)

    def _terms_taken(self) -> dict[str, datetime]:
        """When Basware took each payment term, by its code."""
        if self._taken is None:
            terms = outgoing.of_resource(self._tx, self._desk.connection_id, "paymentTerms").values()
            self._taken = {
                str(msgspec.json.decode(one.body).get("paymentTermCode")): one.settled_at
                for one in terms
                if one.body and one.state is OutgoingState.DONE and one.settled_at is not None
            }
        return self._taken

    def _store_records(self) -> None:
        own = self._desk.connection_id
        outgoing.withdraw(self._tx, own, RESOURCE, self._withdrawn)
        outgoing.plan(self._tx, own, self._records, self._now)
        for state, codes in self._again.items():
            outgoing_calls.send_again(self._tx, own, RESOURCE, codes, self._now, [state])
        outgoing_calls.retry(self._tx, own, RESOURCE, self._healed, self._now)

    # what people have to know

    def _note_overruled(self, kept: Kept) -> None:
        for one in kept.merged.overruled if kept.merged else ():
            entry = audit.NewEntry(
                at=self._now, actor=self._desk.worker, action="vendor change overruled",
                subject=f"vendor {kept.pair.code}", before=one.lost.value, after=one.stands.value,
                reason=f"{one.field}: {one.lost.side} wrote it at {one.lost.at:%Y-%m-%d %H:%M:%S}, "
                f"{one.stands.side} at {one.stands.at:%Y-%m-%d %H:%M:%S} UTC",
            )  # fmt: skip
            self._entries.append(entry)

    def _quarantined(self, kept: Kept) -> VendorPair:
        """Bank details that changed in Basware wait until somebody approves them; nothing is sent for the vendor meanwhile."""
        pair, own = kept.pair, self._desk.connection_id
        if kept.bank_found == pair.bank_found:
            return pair
        if not kept.bank_found:
            alerts.clear(self._tx, own, kind=BANK_ALERT, subject=pair.code, now=self._now)
            return msgspec.structs.replace(pair, bank_found="", bank_found_at=None)
        message = (
            f"The bank details of vendor {pair.name} ({pair.code}) changed in Basware. Nothing is sent for it until somebody "
            f"who knows approves or rejects them, on its page in the console or with `ml-connector vendors approve {pair.code}`."
        )
        alerts.raise_(
            self._tx, own, kind=BANK_ALERT, subject=pair.code, severity=Severity.ERROR, message=message, now=self._now
        )
        self._entries.append(
            audit.NewEntry(
                at=self._now, actor=self._desk.worker, action="bank details quarantined",
                subject=f"vendor {pair.code}", reason="changed in Basware by another program",
            )
        )  # fmt: skip
        return msgspec.structs.replace(pair, bank_found=kept.bank_found, bank_found_at=self._now)


def _heard_in_quickbooks(memory: Memory, known: Mapping[str, intents.IntentRow]) -> Memory:
    told = memory.told_quickbooks
    intent = known.get(told.name) if told is not None else None
    if told is None or intent is None or intent.state is not IntentState.DONE:
        return memory
    return msgspec.structs.replace(memory, seen_quickbooks=memory.seen_quickbooks | told.values, told_quickbooks=None)


def _is_settled(row: OutgoingRow, same: str, posted_at: datetime | None) -> bool:
    """Whether a record that waits, or was refused, need not be sent any more: somebody posted one that will do."""
    if row.state in {OutgoingState.READY, OutgoingState.HELD}:
        return row.digest != same
    # Our own posting carries the moment at which it was sent, give or take a slow answer.
    later = posted_at is not None and row.sent_at is not None and posted_at > row.sent_at + timedelta(minutes=1)
    return row.state is OutgoingState.REFUSED and later


def _bank_holds(pair: VendorPair) -> tuple[Hold, ...]:
    if not pair.bank_found:
        return ()
    facts = {"name": pair.name, "code": pair.code}
    return (Hold(cause=Cause.VENDOR_BANK_CHANGED, subject=f"vendor {pair.code}", facts=facts),)
