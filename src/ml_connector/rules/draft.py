"""Asks every rule about one document and writes down what it would become, without a look at what QuickBooks already has.

A cause found by one rule never stops the next, so that all of a document's causes come out together.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.holds import Cause
from ml_connector.model.money import ZERO, format_money
from ml_connector.model.policy import PaymentBlock, UsTax
from ml_connector.model.postings import NewVendor, Posting, TaxMode
from ml_connector.rules.amounts import Amounts, RowAmount, TaxTreatment, payable_total, work_out
from ml_connector.rules.billing import billed_on
from ml_connector.rules.build import Decided, build, check_extra_lines
from ml_connector.rules.coding import CodedRow, code_rows, locations_of, one_class
from ml_connector.rules.currency import exchange_rate, payable_account
from ml_connector.rules.dates import dated, due_date, terms
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.items import with_pieces
from ml_connector.rules.kind import Direction, Kind, direction, transaction_kind
from ml_connector.rules.marker import MEMO_LIMIT
from ml_connector.rules.numbers import has_number
from ml_connector.rules.tax import with_codes
from ml_connector.rules.texts import clean
from ml_connector.rules.vendors import choose_vendor


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a document would become by today's rules. `refused`: the policy wants Basware told at once."""

    postings: tuple[Posting, ...]
    type: TransactionType
    vendor_id: str
    new_vendor: NewVendor | None
    refused: bool


def draft_postings(
    task: Task,
    findings: Findings,
    vendor_links: Mapping[str, str],
    today: date,
    quickbooks_rates: Mapping[str, Decimal],
    *,
    changed: bool,
) -> Draft:
    """Ask every rule. Postings are complete only if nothing was held; until then they serve to find further causes."""
    document, policy, preferences = task.document, task.policy, task.books.preferences
    _check_head(task, findings)
    choice = choose_vendor(task, vendor_links, findings)
    vendor_id = choice.vendor.id if choice.vendor else ""
    rate = exchange_rate(task, quickbooks_rates, findings)
    account_id = ""
    if preferences.multicurrency or document.currency == preferences.home_currency:
        account = payable_account(task, findings)
        account_id = account.id if account else ""
    day = dated(task, today, findings, closed_elsewhere=changed)
    total = payable_total(document, findings)
    way = direction(document, total, policy, findings) if total is not None else Direction(credit=False, sign=1)
    treatment = tax_treatment(task)
    amounts = None
    if total is not None and document.rows:
        amounts = work_out(document, total=total, sign=way.sign, treatment=treatment, policy=policy, findings=findings)
    coded = code_rows(task, rows_to_code(task, amounts, findings), findings)
    kind = transaction_kind(document, way, locations_of(task, coded), policy, findings)
    coded = billed_on(task, kind.type, with_pieces(task, kind.type, coded, findings), findings)
    due = due_date(task, kind.type, findings)
    term_id = terms(task, kind.type, choice.vendor.term_id if choice.vendor else "", findings)
    class_id = one_class(task, coded, findings) if kind.type is not TransactionType.JOURNAL_ENTRY else ""
    postings: tuple[Posting, ...] = ()
    if amounts is not None:
        tax_mode, coded = _tax(task, kind, treatment, coded=coded, amounts=amounts, findings=findings)
        decided = Decided(
            kind=kind,
            credit=way.credit,
            treatment=treatment,
            amounts=amounts,
            rows=coded,
            vendor_id=vendor_id,
            payable_account_id=account_id,
            day=day.day if day else today,
            tax_mode=tax_mode,
            one_class_id=class_id,
            exchange_rate=rate,
            due=due,
            term_id=term_id,
            notes=(*_notes(task, kind, findings), day.note if day else ""),
        )
        postings = build(task, decided, findings)
    refused = day is not None and day.refused
    return Draft(postings=postings, type=kind.type, vendor_id=vendor_id, new_vendor=choice.new, refused=refused)


def _check_head(task: Task, findings: Findings) -> None:
    document, policy = task.document, task.policy
    if policy.company_codes and document.company_code not in policy.company_codes:
        wanted = ", ".join(policy.company_codes)
        findings.hold(Cause.WRONG_COMPANY, document.company_code, company=document.company_code, wanted=wanted)
    if not has_number(document):
        findings.hold(Cause.MISSING_INVOICE_NUMBER, document.supplier_code)
    if not document.rows:
        findings.hold(Cause.NO_CODING_ROWS, document.invoice_number)
    if document.payment_block and policy.payment_block is PaymentBlock.HOLD:
        findings.hold(Cause.PAYMENT_BLOCKED, document.invoice_number)


def tax_treatment(task: Task) -> TaxTreatment:
    """How tax reaches the books of this company."""
    if not task.books.preferences.is_us:
        return TaxTreatment.CODES
    return TaxTreatment.OWN_LINE if task.policy.us_tax is UsTax.OWN_LINE else TaxTreatment.IN_COST


def rows_to_code(task: Task, amounts: Amounts | None, findings: Findings) -> tuple[RowAmount, ...]:
    """The rows whose coding matters: all but empty ones; every row while the amounts are not known."""
    if amounts is None:
        return tuple(
            RowAmount(row=row, amount=ZERO, tax=ZERO, excluded=ZERO, rule="unknown") for row in task.document.rows
        )
    currency = task.document.currency
    for row in amounts.rows:
        told = "kept out: nothing to post" if row.is_empty else format_money(row.amount, currency)
        findings.explain(f"row {row.row.row_index}: amount", "the row's amounts", row.rule, told)
    return tuple(row for row in amounts.rows if not row.is_empty)


def _tax(
    task: Task,
    kind: Kind,
    treatment: TaxTreatment,
    *,
    coded: tuple[CodedRow, ...],
    amounts: Amounts,
    findings: Findings,
) -> tuple[TaxMode, tuple[CodedRow, ...]]:
    """Tax codes where QuickBooks knows them; a journal entry has its tax on a line of its own everywhere."""
    by_code = treatment is TaxTreatment.CODES and kind.type is not TransactionType.JOURNAL_ENTRY
    check_extra_lines(task, amounts, tax_line=not by_code, findings=findings)
    return with_codes(task, coded, amounts, findings) if by_code else (TaxMode.NONE, coded)


def _notes(task: Task, kind: Kind, findings: Findings) -> list[str]:
    """What a reader of the memo must know beyond numbers."""
    document, notes = task.document, []
    if document.payment_block:
        notes.append("BLOCKED FOR PAYMENT in Basware")
        findings.explain("payment block", "blocked in Basware", "policy: post with a note", "note in the memo")
    if kind.type is TransactionType.JOURNAL_ENTRY and document.due_date is not None:
        notes.append(f"Due {document.due_date}")
    changes = 0
    for row in document.rows:
        given = row.description or document.description
        cleaned = clean(given, limit=MEMO_LIMIT, latin1_only=task.latin1_only)
        if cleaned.note:
            changes += 1
            findings.explain(f"row {row.row_index}: description", given, cleaned.note, cleaned.text)
    if changes:
        notes.append(f"{changes} line text{'s' if changes > 1 else ''} changed to fit QuickBooks")
    return notes
