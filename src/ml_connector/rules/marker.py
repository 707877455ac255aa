"""The memo of what we post, and the marker in it by which we know a transaction again whatever happened to our own records.

The marker is `[bw:<invoice id>/<part>]`, always at the end and never cut.
"""

import re
import sys
from collections.abc import Iterable

import msgspec

from ml_connector.rules.findings import Task
from ml_connector.rules.texts import clean

MEMO_LIMIT = 4000
"""Longest PrivateNote, and longest line description (Intuit's entity reference, Bill.PrivateNote and Line.Description)."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_WRITTEN_CODE = re.compile(r"%([0-9a-f]{1,6});")
_UNDO = re.compile(r"\[bw-undo:([^\]/\s]+)/([^\]/\s]+)\]")
_ACCRUAL = re.compile(r"\[bw-accrual:([^\]/\s]+)/(\d{1,9})\]")
_CREDIT = re.compile(r"\[bw-credit:([^\]/\s]+)/([^\]/\s]+)\]")
_MARKER = re.compile(r"\[bw:([^\]/\s]+)/(\d{1,9})\]")


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """Whose transaction it is: the Basware invoice, and which part of it, counted from 0."""

    invoice_id: str
    part: int


def marker_text(invoice_id: str, part: int) -> str:
    """The marker as written into a memo. Characters that would end it early or get lost are written as their code."""
    return f"[bw:{_UNSAFE.sub(lambda char: f'%{ord(char[0]):x};', invoice_id)}/{part}]"


def find_marker(memo: str) -> Marker | None:
    """The last marker of a memo; None when there is none, so that somebody else made the transaction."""
    found = _MARKER.findall(memo)
    if not found:
        return None
    written, part = found[-1]
    return Marker(invoice_id=_WRITTEN_CODE.sub(_character, written), part=int(part))


def _character(code: re.Match[str]) -> str:
    number = int(code[1], 16)
    return chr(number) if number <= sys.maxunicode else code[0]


def undo_memo(told: str, invoice_id: str, transaction_id: str, *, latin1_only: bool) -> str:
    """The memo of a reversal: what it reverses and why, and a marker of its own, so that it is never taken for the posting."""
    return _marked("bw-undo", told, invoice_id, transaction_id, latin1_only=latin1_only)


def credit_memo(told: str, invoice_id: str, credit_id: str, *, latin1_only: bool) -> str:
    """The memo of the payment of zero that uses a vendor credit up: which credit and bill, and a marker of its own."""
    return _marked("bw-credit", told, invoice_id, credit_id, latin1_only=latin1_only)


def _marked(name: str, told: str, invoice_id: str, transaction_id: str, *, latin1_only: bool) -> str:
    marker = f"[{name}:{_UNSAFE.sub(lambda char: f'%{ord(char[0]):x};', invoice_id)}/{transaction_id}]"
    text = clean(told, limit=MEMO_LIMIT - len(marker) - 1, latin1_only=latin1_only, single_line=True).text
    return f"{text.replace('[bw', '(bw')} {marker}"


def find_undo(memo: str) -> tuple[str, str] | None:
    """Which invoice's transaction a reversal reverses: invoice id and transaction id; None when it is no reversal of ours."""
    return _last(_UNDO, memo)


def find_credit(memo: str) -> tuple[str, str] | None:
    """Whose vendor credit a payment uses up: invoice id and the credit's id; None when it is no payment of ours."""
    return _last(_CREDIT, memo)


def _last(marker: re.Pattern[str], memo: str) -> tuple[str, str] | None:
    found = marker.findall(memo)
    if not found:
        return None
    written, transaction_id = found[-1]
    return _WRITTEN_CODE.sub(_character, written), transaction_id


def accrual_memo(told: str, invoice_id: str, number: int, *, latin1_only: bool) -> str:
    """The memo of an accrual: what it stands for, and a marker of its own, so that it is never taken for the posting."""
    marker = f"[bw-accrual:{_UNSAFE.sub(lambda char: f'%{ord(char[0]):x};', invoice_id)}/{number}]"
    text = clean(told, limit=MEMO_LIMIT - len(marker) - 1, latin1_only=latin1_only, single_line=True).text
    return f"{text.replace('[bw', '(bw')} {marker}"


def find_accrual(memo: str) -> tuple[str, int] | None:
    """Which invoice an accrual stands for, and which of its accruals it is; None when it is none of ours."""
    found = _ACCRUAL.findall(memo)
    if not found:
        return None
    written, number = found[-1]
    return _WRITTEN_CODE.sub(_character, written), int(number)


def memo_text(task: Task, part: int, parts: int, notes: Iterable[str]) -> str:
    """The memo: the supplier's full number, what a reader must know, voucher and orders, and our marker.

    At most 4000 characters; when it is too long the orders are cut first, the marker never.
    """
    document = task.document
    said = [f"{task.policy.memo_prefix} invoice {document.invoice_number}".strip()]
    if parts > 1:
        said.append(f"part {part + 1} of {parts}")
    said.extend(note for note in notes if note)
    if document.voucher_number:
        said.append(f"Voucher {document.voucher_number}")
    orders = list(dict.fromkeys([*document.order_numbers, *(row.order_number for row in document.rows)]))
    if any(orders):
        said.append(f"Orders {', '.join(order for order in orders if order)}")
    marker = marker_text(document.invoice_id, part)
    room = MEMO_LIMIT - len(marker) - 1
    text = clean("; ".join(said), limit=room, latin1_only=task.latin1_only, single_line=True).text
    # A supplier's text must not be mistaken for our marker, nor hide it: ours is the only one in the memo.
    return f"{text.replace('[bw', '(bw')} {marker}"
