"""The accrual of a prebooked invoice: its cost as coded, against the account of what is owed and not invoiced yet.

No vendor and no payable account: nothing is owed by an invoice that nobody has approved. Tax that QuickBooks keeps by codes is left
out, for it may be claimed only once there is an invoice.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256

import msgspec

from ml_connector.model.accruals import AccrualPlan
from ml_connector.model.books import Books, TransactionType
from ml_connector.model.documents import AccountingDocument
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Mapping as CodeMapping
from ml_connector.model.money import ZERO
from ml_connector.model.policy import AccrualReversal, PostingPolicy
from ml_connector.model.postings import Posting, TaxMode
from ml_connector.rules.amounts import Amounts, TaxTreatment, payable_total, work_out
from ml_connector.rules.build import Decided, build, check_extra_lines
from ml_connector.rules.coding import CodedRow, code_rows, why_not_postable
from ml_connector.rules.currency import exchange_rate
from ml_connector.rules.dates import dated, is_closed
from ml_connector.rules.draft import rows_to_code, tax_treatment
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.kind import Kind, direction
from ml_connector.rules.marker import MEMO_LIMIT, accrual_memo
from ml_connector.rules.start import before_start
from ml_connector.rules.texts import clean

LIABILITIES = frozenset({"Other Current Liability", "Long Term Liability"})
"""QuickBooks' AccountTypes an accrual may stand on."""

_NUMBER_LIMIT = 21
"""Longest DocNumber (Intuit's API reference, JournalEntry)."""


def plan_accrual(
    document: AccountingDocument,
    *,
    number: int,
    books: Books,
    mapping: CodeMapping,
    policy: PostingPolicy,
    today: date,
    quickbooks_rates: Mapping[str, Decimal],
) -> AccrualPlan:
    """The journal entry of the `number`th accrual of an invoice, or everything that keeps it from being posted."""
    task = Task(document=document, books=books, mapping=mapping, policy=msgspec.structs.replace(policy, billable=False))
    findings = Findings()
    if policy.company_codes and document.company_code not in policy.company_codes:
        wanted = ", ".join(policy.company_codes)
        findings.hold(Cause.WRONG_COMPANY, document.company_code, company=document.company_code, wanted=wanted)
    if too_early := before_start(document, policy):
        said = too_early.facts
        findings.hold(too_early.cause, too_early.subject, date=said["date"], source=said["source"], start=said["start"])
    if not document.rows:
        findings.hold(Cause.NO_CODING_ROWS, document.invoice_number)
    _check_account(task, findings)
    rate = exchange_rate(task, quickbooks_rates, findings)
    day = dated(task, today, findings)
    total = payable_total(document, findings)
    if total is None or not document.rows:
        return AccrualPlan(holds=findings.holds)
    way, treatment = direction(document, total, policy, findings), tax_treatment(task)
    amounts = work_out(document, total=total, sign=way.sign, treatment=treatment, policy=policy, findings=findings)
    coded = code_rows(task, rows_to_code(task, amounts, findings), findings)
    if amounts is None:
        return AccrualPlan(holds=findings.holds)
    amounts = _cost(amounts, treatment)
    if amounts.total <= 0:
        findings.hold(Cause.ZERO_TOTAL, document.invoice_number)
    check_extra_lines(task, amounts, tax_line=True, findings=findings)
    entry = _entry(task, findings, amounts, coded, credit=way.credit, day=day.day if day else today, rate=rate)
    return AccrualPlan(holds=findings.holds) if findings.holds else AccrualPlan(posting=_named(task, entry, number))


def _check_account(task: Task, findings: Findings) -> None:
    if why := _unusable(task):
        findings.hold(Cause.ACCRUAL_ACCOUNT_MISSING, why, why=why)


def _unusable(task: Task) -> str:
    """Why the accrual account cannot carry an accrual; empty when it can."""
    wanted, preferences = task.policy.accrual_account_id, task.books.preferences
    account = task.books.accounts.get(wanted)
    if not wanted:
        return "no account is set"
    if account is None:
        return f"QuickBooks has no account with id {wanted}"
    if not account.active:
        return f"account {account.label} is inactive"
    if account.type not in LIABILITIES:
        return f"account {account.label} is of type {account.type}, which is no liability for accruals"
    why = why_not_postable(account, task.document.currency, preferences.home_currency)
    return f"account {account.label} takes no lines: {why}" if why else ""


def _cost(amounts: Amounts, treatment: TaxTreatment) -> Amounts:
    """What is accrued of the amounts: all of it, but for tax that is posted by codes."""
    if treatment is not TaxTreatment.CODES:
        return amounts
    return msgspec.structs.replace(amounts, tax=ZERO, total=amounts.total - amounts.tax)


def _entry(
    task: Task,
    findings: Findings,
    amounts: Amounts,
    coded: tuple[CodedRow, ...],
    *,
    credit: bool,
    day: date,
    rate: Decimal | None,
) -> Posting:
    decided = Decided(
        kind=Kind(type=TransactionType.JOURNAL_ENTRY),
        credit=credit,
        treatment=tax_treatment(task),
        amounts=amounts,
        rows=tuple(msgspec.structs.replace(row, tax_code_id="") for row in coded),
        vendor_id="",
        payable_account_id=task.policy.accrual_account_id,
        day=day,
        tax_mode=TaxMode.NONE,
        one_class_id="",
        exchange_rate=rate,
        due=None,
        term_id="",
        notes=(),
    )
    return build(task, decided, findings)[0]


def _named(task: Task, entry: Posting, number: int) -> Posting:
    """The entry with the number, the memo and the last line's text of an accrual instead of an invoice's."""
    document = task.document
    whose = f"{document.invoice_number} of {document.supplier_name or document.supplier_code}"
    text = clean(f"Accrued: {whose}", limit=MEMO_LIMIT, latin1_only=task.latin1_only, single_line=True).text
    told = f"{task.policy.memo_prefix} accrual of the prebooked invoice {whose}".strip()
    return msgspec.structs.replace(
        entry,
        doc_number=accrual_number(document, number, latin1_only=task.latin1_only),
        memo=accrual_memo(told, document.invoice_id, number, latin1_only=task.latin1_only),
        lines=(*entry.lines[:-1], msgspec.structs.replace(entry.lines[-1], description=text)),
    )


def accrual_number(document: AccountingDocument, number: int, *, latin1_only: bool) -> str:
    """The accrual's own number: the beginning of the invoice's, and letters that no other accrual has; always the same."""
    unique = sha256(f"{document.invoice_id}/{number}".encode()).hexdigest()[:6].upper()
    room = _NUMBER_LIMIT - len("ACR--") - len(unique)
    readable = clean(document.invoice_number, limit=room, latin1_only=latin1_only, single_line=True).text
    return f"ACR-{readable}-{unique}" if readable else f"ACR-{unique}"


def accrual_reversal_day(
    how: AccrualReversal, *, accrued: date, invoiced: date | None, close_date: date | None, today: date
) -> date | None:
    """The date of the reversal. `invoiced`: when the invoice is posted, None for one that never will be: then the accrual's date.

    A day in closed books gives way to today; None when today's are closed too.
    """
    day = {
        AccrualReversal.WITH_INVOICE: invoiced or accrued,
        AccrualReversal.WITH_ACCRUAL: accrued,
        AccrualReversal.TODAY: today,
    }[how]
    if not is_closed(day, close_date):
        return day
    return None if is_closed(today, close_date) else today
