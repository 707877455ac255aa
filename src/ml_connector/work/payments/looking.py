"""Finds the documents whose payments changed, and works out for each how far it is paid and whether Basware has to hear of it.

What changed is a query over the copies. Copies that contradict each other are read again, those of all documents together; what
QuickBooks says then counts.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

import msgspec

from ml_connector.basware.payment_responses import PaymentResponse, payment_response_body
from ml_connector.flows.payments import (
    disagree,
    documents_named,
    is_earlier,
    is_news,
    listed,
    payment_picture,
    response_message,
)
from ml_connector.model.changes import RecordKey
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.money import rank_of
from ml_connector.model.payments import Picture
from ml_connector.quickbooks import wire
from ml_connector.quickbooks.translation_payments import payment_lines
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import connections, payments
from ml_connector.store.books import BookRow
from ml_connector.store.database import Tx
from ml_connector.store.payments import PaymentColumns, PaymentRow
from ml_connector.store.rows import chunks
from ml_connector.store.schema import PaymentState
from ml_connector.work.changes.copies import ask, keep_asked
from ml_connector.work.desk import Desk
from ml_connector.work.payments.facts import Accounts, Facts, accounts_in, facts_of

_AT_ONCE = 500
"""Records and documents in one transaction."""

_READ_AT_ONCE = 1000
"""Records read again in one go: several calls full to their limit."""

_PASSES = 5
"""More than copies can contradict each other: read again once, they are believed."""


def look_at_payments(desk: Desk) -> int:
    """Work out the payments of every document about which something changed; how many were worked out."""
    looked, asked = 0, set[str]()
    for _ in range(_PASSES):
        _find_changed(desk)
        more, unsure = _work_out(desk, asked)
        looked += more
        if not unsure:
            break
        asked |= unsure.keys()
        _read_again(desk, {key for keys in unsure.values() for key in keys})
    return looked


def _find_changed(desk: Desk) -> None:
    """Mark the documents of every payment and every transaction that is in another version than the one looked at."""
    payment, part, begun = "", ("", 0), desk.clock.now()
    while True:
        desk.keep_lease()
        with desk.write() as tx:
            changed = payments.unseen_payments(tx, desk.connection_id, _AT_ONCE, after=payment)
            targets = {target for row in changed for target in _see(tx, desk, row)}
            concerned = payments.documents_with(tx, desk.connection_id, targets)
            parts = payments.unseen_parts(tx, desk.connection_id, _AT_ONCE, after=part)
            payments.see_parts(tx, desk.connection_id, parts)
            concerned |= {one.invoice_id for one in parts}
            payments.look_again(tx, desk.connection_id, concerned, desk.clock.now())
            if not changed and not parts:
                payments.note_looked(tx, desk.connection_id, begun, desk.clock.now())
                return
        payment = changed[-1].quickbooks_id if changed else payment
        part = (parts[-1].invoice_id, parts[-1].part) if parts else part


def _see(tx: Tx, desk: Desk, row: BookRow) -> Iterable[tuple[str, str]]:
    try:
        lines = [] if row.deleted else payment_lines(wire.decode(row.payload.encode()))
    except UnreadableError:
        lines = []  # the bill's own balance shows it, and the document says so
    return payments.see_payment(tx, desk.connection_id, row, lines)


def _work_out(desk: Desk, asked: set[str]) -> tuple[int, dict[str, frozenset[RecordKey]]]:
    """Work out what is marked; how many documents, and those whose copies have to be read again first, with these copies."""
    looked, after, unsure = 0, "", dict[str, frozenset[RecordKey]]()
    accounts: Accounts | None = None
    while True:
        desk.keep_lease()
        with desk.write() as tx:
            rows = payments.to_look_at(tx, desk.connection_id, after, _AT_ONCE)
            if not rows:
                return looked, unsure
            after = rows[-1].invoice_id
            accounts = accounts or accounts_in(tx, desk)
            since = connections.get(tx, desk.connection_id).created_at
            found = facts_of(tx, desk, [row.invoice_id for row in rows], accounts)
            for row in rows:
                facts = found.get(row.invoice_id)
                if isinstance(facts, Facts) and row.invoice_id not in asked and _is_unsure(facts):
                    unsure[row.invoice_id] = facts.records
                    continue
                changed = _unreadable(facts) if isinstance(facts, str) else {}
                if isinstance(facts, Facts) and facts.parts:
                    picture = payment_picture(facts.parts, facts.payments, facts.own, _picture(row.told))
                    earlier = is_earlier(facts.parts, facts.payments, picture, since)
                    changed = _decided(desk, row, picture, earlier=earlier)
                changed["dirty"] = False
                payments.change(tx, desk.connection_id, row.invoice_id, desk.clock.now(), **changed)
                looked += 1


def _is_unsure(facts: Facts) -> bool:
    return facts.missing or disagree(facts.parts, facts.payments)


def _read_again(desk: Desk, keys: set[RecordKey]) -> None:
    """Ask QuickBooks for these records, as they are at one moment, in as few calls as there can be."""
    for some in chunks(sorted(keys), _READ_AT_ONCE):
        wanted: dict[str, list[str]] = {}
        for entity, id_ in some:
            wanted.setdefault(entity, []).append(id_)
        asked = ask(desk, wanted)
        with desk.write() as tx:
            keep_asked(tx, desk, asked, Counter())


def _unreadable(problem: str) -> PaymentColumns:
    hold = Hold(cause=Cause.PAYMENT_NOT_TOLD, facts={"detail": f"its records cannot be read: {problem}"})
    return {"state": PaymentState.REFUSED, "holds": (hold,), "next_at": None, "tried_digest": ""}


def _decided(desk: Desk, row: PaymentRow, picture: Picture, *, earlier: bool) -> PaymentColumns:
    """What follows from a picture: nothing is said twice, and what Basware did not take is not said again unless it changed."""
    digest = digest_of(desk, picture)
    changed: PaymentColumns = {
        "picture": msgspec.json.encode(picture).decode(), "digest": digest, "paid_rank": rank_of(picture.paid),
        "paid_on": picture.day.isoformat() if picture.day else "",
    }  # fmt: skip
    told = _picture(row.told)
    if row.tried_digest == digest:
        return changed
    fresh: PaymentColumns = {"holds": (), "tries": 0, "next_at": None}
    if row.told_digest == digest:
        state = PaymentState.TOLD
    elif not is_news(picture, told):
        state = PaymentState.NOTHING
    elif earlier and told is None and not row.wanted:
        state = PaymentState.EARLIER
    else:
        state = PaymentState.DUE
    return {**changed, **fresh, "state": state}


def _picture(text: str) -> Picture | None:
    return msgspec.json.decode(text, type=Picture) if text else None


def digest_of(desk: Desk, picture: Picture) -> str:
    """What tells two responses apart: everything Basware is told but the code, which names the response, and the sender."""
    return hashlib.sha256(payment_response_body(response_of(desk, picture, "", source_system=""))).hexdigest()


def response_of(desk: Desk, picture: Picture, code: str, *, source_system: str) -> PaymentResponse:
    """The response that tells Basware of a picture, with every field that is known."""
    methods = desk.settings.basware.payments.methods
    paid = not picture.is_empty
    return PaymentResponse(
        external_code=code,
        response_message=response_message(picture),
        paid_total=picture.paid,
        cash_discount=picture.discount,
        payment_block=picture.payment_block,
        day=picture.day,
        source_system=source_system,
        term_code=picture.term_code[:25],
        method=(methods.get(picture.method, picture.method) if paid else picture.method)[:25],
        check_number=picture.check_number[:25],
        message=picture.message[:100],
        number=listed(picture.numbers, 250),
        document=documents_named(picture.payments, 250),
        reversal_document=documents_named(picture.reversed, 250),
    )
