"""Puts decided amounts, coding and dates together: the lines of bills, vendor credits and journal entries.

Everything here adds up by construction; what did not was held before.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Cause
from ml_connector.model.money import ZERO, format_money, minor_unit
from ml_connector.model.policy import TooManyLines
from ml_connector.model.postings import Posting, PostingLine, Side, TaxAmount, TaxMode
from ml_connector.rules.amounts import Amounts, TaxTreatment
from ml_connector.rules.coding import CodedRow, why_not_postable
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.kind import Kind
from ml_connector.rules.marker import MEMO_LIMIT, memo_text
from ml_connector.rules.merging import merge_lines
from ml_connector.rules.numbers import doc_number
from ml_connector.rules.shares import distribute
from ml_connector.rules.tax import tax_amounts, zero_code
from ml_connector.rules.tax_difference import WITH_CODES
from ml_connector.rules.texts import clean

_LOCATION_CAUSES = {Cause.LOCATION_NOT_MAPPED, Cause.LOCATION_INACTIVE, Cause.LOCATION_MISSING}

MOST_LINES = 10_000
"""Lines QuickBooks takes on one transaction (Intuit's limits page)."""


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What has been decided about a document before its lines are written."""

    kind: Kind
    credit: bool
    treatment: TaxTreatment
    amounts: Amounts
    rows: tuple[CodedRow, ...]
    vendor_id: str
    payable_account_id: str
    day: date
    tax_mode: TaxMode
    one_class_id: str
    exchange_rate: Decimal | None
    due: date | None
    term_id: str
    notes: tuple[str, ...]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that make one transaction, with its share of the tax line and of the rounding line."""

    location_id: str
    rows: tuple[CodedRow, ...]
    tax: Decimal
    rounding: Decimal


def build(task: Task, decided: Decided, findings: Findings) -> tuple[Posting, ...]:
    """The transactions of a document, one or one per location."""
    if decided.kind.type is TransactionType.JOURNAL_ENTRY:
        return (_journal_entry(task, decided, findings),)
    parts = _parts(task, decided)
    return tuple(
        _bill(task, decided, part, findings, number=number, parts=len(parts)) for number, part in enumerate(parts)
    )


def _parts(task: Task, decided: Decided) -> list[_Part]:
    """The rows by location, in the order the locations appear; rows without one go with the first."""
    locations = list(dict.fromkeys(row.location_id for row in decided.rows if row.location_id)) or [""]
    groups: dict[str, list[CodedRow]] = {location: [] for location in locations}
    if not decided.kind.split:
        groups = {locations[0]: list(decided.rows)}
    else:
        for row in decided.rows:
            groups[row.location_id or locations[0]].append(row)
    taxes = [ZERO] * len(groups)
    if decided.treatment is TaxTreatment.OWN_LINE:
        nets = [sum((row.amount.amount for row in rows), ZERO) for rows in groups.values()]
        taxes = distribute(decided.amounts.tax, nets, minor_unit(task.document.currency))
    return [
        _Part(
            location_id=location,
            rows=tuple(rows),
            tax=tax,
            rounding=ZERO if number else decided.amounts.rounding,
        )
        for number, ((location, rows), tax) in enumerate(zip(groups.items(), taxes, strict=True))
    ]


def _bill(task: Task, decided: Decided, part: _Part, findings: Findings, *, number: int, parts: int) -> Posting:
    """A bill or a vendor credit: positive lines are its normal direction, so both are built alike."""
    of_rows = [pair for row in part.rows for pair in _row_lines(task, row)]
    lines = [line for line, _ in of_rows]
    if part.tax:
        lines.append(PostingLine(amount=part.tax, account_id=task.policy.tax_account_id, description="Tax"))
    if part.rounding:
        code = zero_code(task.books) if decided.tax_mode in WITH_CODES else ""
        lines.append(_rounding_line(task, part.rounding, code))
    taxes: tuple[TaxAmount, ...] = ()
    if decided.tax_mode is TaxMode.INCLUSIVE:
        taxes_of_lines = [tax for _, tax in of_rows] + [ZERO] * (len(lines) - len(of_rows))
        lines = [
            msgspec.structs.replace(line, with_tax=line.amount + tax)
            for line, tax in zip(lines, taxes_of_lines, strict=True)
        ]
    if decided.tax_mode in WITH_CODES:
        taxes = tax_amounts(part.rows, task.books, task.document.currency)
    if decided.one_class_id:
        lines = [msgspec.structs.replace(line, class_id=decided.one_class_id) for line in lines]
    total = sum((line.amount for line in lines), ZERO) + sum((tax.amount for tax in taxes), ZERO)
    _explain_part(task, part, findings, number=number, parts=parts, total=total)
    return _posting(
        task,
        decided,
        findings,
        part=number,
        parts=parts,
        lines=lines,
        location_id=part.location_id,
        tax_mode=decided.tax_mode,
        tax_amounts=taxes,
        total=total,
    )


def _explain_part(task: Task, part: _Part, findings: Findings, *, number: int, parts: int, total: Decimal) -> None:
    prefix = f"part {number + 1}: " if parts > 1 else ""
    location = task.books.locations.get(part.location_id)
    label = location.label if location else "none"
    if location is not None:
        without = [row.row.row_index for row in part.rows if not row.location_id]
        rule = "one location, in the head" + (f"; rows {_listed(without)} have none and go with it" if without else "")
        findings.explain(f"{prefix}location", "the rows' location", rule, f"{label} ({location.id})")
    if parts == 1:
        return
    told = format_money(total, task.document.currency)
    findings.explain(f"{prefix}total", "its rows", "one transaction per location", told)
    if total <= 0 and not any(hold.cause in _LOCATION_CAUSES for hold in findings.holds):
        what = f"the rows of location {label} come to {told}, which is no transaction of its own"
        findings.hold(Cause.MIXED_SIGNS, task.document.invoice_number, what=what)


def _journal_entry(task: Task, decided: Decided, findings: Findings) -> Posting:
    """A journal entry: rows on their side, tax on its own line, and one payable line with the vendor.

    Amounts are positive, negative rows change sides, debits equal credits (Intuit's rules for journal entries).
    """
    normal, other = (Side.CREDIT, Side.DEBIT) if decided.credit else (Side.DEBIT, Side.CREDIT)
    lines = [msgspec.structs.replace(_row_line(task, row), location_id=row.location_id) for row in decided.rows]
    if decided.amounts.tax:
        lines.append(PostingLine(amount=decided.amounts.tax, account_id=task.policy.tax_account_id, description="Tax"))
    if decided.amounts.rounding:
        lines.append(_rounding_line(task, decided.amounts.rounding, ""))
    sided = [
        msgspec.structs.replace(line, amount=abs(line.amount), side=normal if line.amount > 0 else other)
        for line in lines
        if line.amount
    ]
    number = task.document.invoice_number
    text = clean(f"Payable for {number}", limit=MEMO_LIMIT, latin1_only=task.latin1_only, single_line=True).text
    payable = PostingLine(
        amount=decided.amounts.total,
        account_id=decided.payable_account_id,
        description=text,
        side=other,
        vendor_id=decided.vendor_id,
    )
    return _posting(task, decided, findings, lines=[*sided, payable], total=decided.amounts.total)


def _row_lines(task: Task, coded: CodedRow) -> list[tuple[PostingLine, Decimal]]:
    """The lines of a row on a bill or vendor credit, each with its share of the row's tax: one, or one for each price of an
    item."""
    line = _row_line(task, coded)
    if not coded.item_id:
        return [(line, coded.amount.tax)]
    taxes = distribute(coded.amount.tax, [one.amount for one in coded.pieces], minor_unit(task.document.currency))
    lines = (
        msgspec.structs.replace(
            line, item_id=coded.item_id, amount=one.amount, quantity=one.quantity, unit_price=one.unit_price
        )
        for one in coded.pieces
    )
    return list(zip(lines, taxes, strict=True))


def _row_line(task: Task, coded: CodedRow) -> PostingLine:
    described = coded.row.description or task.document.description
    return PostingLine(
        amount=coded.amount.amount,
        account_id=coded.account_id,
        description=clean(described, limit=MEMO_LIMIT, latin1_only=task.latin1_only).text,
        class_id=coded.class_id,
        customer_id=coded.customer_id,
        billable=coded.billable,
        markup_percent=coded.markup_percent,
        tax_code_id=coded.tax_code_id,
        rows=(coded.row.row_index,),
    )


def _rounding_line(task: Task, amount: Decimal, tax_code_id: str) -> PostingLine:
    return PostingLine(
        amount=amount,
        account_id=task.policy.rounding_account_id,
        description="Rounding difference",
        tax_code_id=tax_code_id,
    )


def _posting(
    task: Task,
    decided: Decided,
    findings: Findings,
    *,
    lines: Sequence[PostingLine],
    total: Decimal,
    part: int = 0,
    parts: int = 1,
    location_id: str = "",
    tax_mode: TaxMode = TaxMode.NONE,
    tax_amounts: tuple[TaxAmount, ...] = (),
) -> Posting:
    if len(lines) > MOST_LINES and task.policy.too_many_lines is TooManyLines.MERGE_ROWS:
        given, lines = len(lines), merge_lines(lines)
        rule = f"more than {MOST_LINES:,}: rows of equal coding added up"
        field = "lines" if parts == 1 else f"part {part + 1}: lines"
        findings.explain(field, f"{given:,} lines", rule, f"{len(lines):,} lines")
    if len(lines) > MOST_LINES:
        findings.hold(
            Cause.TOO_MANY_LINES, task.document.invoice_number, lines=f"{len(lines):,}", limit=f"{MOST_LINES:,}"
        )
    memo = memo_text(task, part, parts, decided.notes)
    findings.explain("memo" if parts == 1 else f"part {part + 1}: memo", "number, voucher, orders", "always", memo)
    return Posting(
        type=decided.kind.type,
        vendor_id=decided.vendor_id,
        txn_date=decided.day,
        doc_number=doc_number(task, part, parts, findings),
        memo=memo,
        currency=task.document.currency,
        total=total,
        payable_account_id=decided.payable_account_id,
        lines=tuple(lines),
        part=part,
        due_date=decided.due,
        term_id=decided.term_id,
        location_id=location_id,
        exchange_rate=decided.exchange_rate,
        multicurrency=task.books.preferences.multicurrency,
        tax_mode=tax_mode,
        tax_amounts=tax_amounts,
    )


def check_extra_lines(task: Task, amounts: Amounts, *, tax_line: bool, findings: Findings) -> None:
    """The accounts of the tax line and of the rounding line must be set, there, active and postable."""
    currency = task.document.currency
    if tax_line and amounts.tax:
        told = format_money(amounts.tax, currency)
        why = _unusable(task, task.policy.tax_account_id)
        if why:
            findings.hold(Cause.TAX_ACCOUNT_MISSING, why, why=why, tax=told)
        else:
            label = task.books.accounts[task.policy.tax_account_id].label
            findings.explain("tax", "the document's tax", "tax on a line of its own", f"{told} on {label}")
    if amounts.rounding:
        told = format_money(amounts.rounding, currency)
        why = _unusable(task, task.policy.rounding_account_id)
        if why:
            findings.hold(
                Cause.LINES_DIFFER_FROM_TOTAL,
                task.document.invoice_number,
                lines=format_money(amounts.total - amounts.rounding, currency),
                total=format_money(amounts.total, currency),
                difference=told,
                rounding=f"the rounding account can't be used: {why}",
            )
        else:
            label = task.books.accounts[task.policy.rounding_account_id].label
            limit = f"policy: rounding up to {task.policy.rounding_limit} {currency}"
            findings.explain("rounding", "total less lines", limit, f"{told} on {label}")


def _unusable(task: Task, account_id: str) -> str:
    """Why an account of the policy can't carry a line; "" when it can."""
    account = task.books.accounts.get(account_id)
    if not account_id:
        return "no account is set"
    if account is None:
        return f"QuickBooks has no account with id {account_id}"
    if not account.active:
        return f"account {account.label} is inactive"
    why = why_not_postable(account, task.document.currency, task.books.preferences.home_currency)
    return f"account {account.label} takes no lines: {why}" if why else ""


def _listed(rows: Sequence[int]) -> str:
    shown = ", ".join(str(row) for row in rows[:10])
    return f"{shown} and {len(rows) - 10} more" if len(rows) > 10 else shown
