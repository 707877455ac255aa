"""Which rows are billed on to their customer, and what they are marked up by.

Whether QuickBooks bills anything on at all is a preference of the company; a row's own mark is never dropped in silence.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import TransactionType
from ml_connector.model.documents import row_value
from ml_connector.model.holds import Cause
from ml_connector.rules.coding import CodedRow
from ml_connector.rules.findings import Findings, Task

_YES = frozenset({"yes", "y", "true", "1", "x", "billable"})
_NO = frozenset({"no", "n", "false", "0", "notbillable", "not billable"})
_CUSTOMER_CAUSES = frozenset({Cause.CUSTOMER_NOT_MAPPED, Cause.CUSTOMER_INACTIVE})


def billed_on(task: Task, type_: TransactionType, rows: Sequence[CodedRow], findings: Findings) -> tuple[CodedRow, ...]:
    """The rows with their mark and markup: by the row's own field (`sources.billable`), else by `billable` of the policy."""
    held = {row for hold in findings.holds if hold.cause in _CUSTOMER_CAUSES for row in hold.rows}
    return tuple(
        _marked(task, type_, row, findings)
        if _is_billable(task, row, findings, customer_held=row.row.row_index in held)
        else row
        for row in rows
    )


def _is_billable(task: Task, coded: CodedRow, findings: Findings, *, customer_held: bool) -> bool:
    field, row = task.policy.sources.billable, coded.row
    value = row_value(task.document, row, field).strip() if field else ""
    possible = task.books.preferences.billable_expenses
    if not value:
        return bool(coded.customer_id) and task.policy.billable and possible
    facts = {"field": field, "value": value}
    if value.casefold() not in _YES | _NO:
        findings.hold(Cause.BILLABLE_UNCLEAR, value, rows=(row.row_index,), **facts)
    if value.casefold() not in _YES:
        return False
    if not possible:
        findings.hold(Cause.BILLABLE_SWITCHED_OFF, field, rows=(row.row_index,), **facts)
    if not coded.customer_id and not customer_held:
        findings.hold(Cause.BILLABLE_WITHOUT_CUSTOMER, field, rows=(row.row_index,), **facts)
    return possible and bool(coded.customer_id)


def _marked(task: Task, type_: TransactionType, coded: CodedRow, findings: Findings) -> CodedRow:
    index, policy = coded.row.row_index, task.policy
    field = policy.sources.billable
    own = bool(field and row_value(task.document, coded.row, field).strip())
    customer = task.books.customers[coded.customer_id].label
    source = f"{field} on row {index}" if own else "a row with a customer"
    findings.explain(f"row {index}: billable", source, "the row's own mark" if own else "policy: billable", customer)
    percent = policy.markup_percents.get(coded.customer_id, policy.markup_percent)
    if not percent:
        return msgspec.structs.replace(coded, billable=True)
    rule = "markup of this customer" if coded.customer_id in policy.markup_percents else "markup of every customer"
    if type_ is TransactionType.JOURNAL_ENTRY:
        findings.explain(f"row {index}: markup", f"policy: {percent} %", rule, "none: a journal entry takes no markup")
        return msgspec.structs.replace(coded, billable=True)
    findings.explain(f"row {index}: markup", f"policy: {percent} %", rule, _told(percent))
    return msgspec.structs.replace(coded, billable=True, markup_percent=percent)


def _told(percent: Decimal) -> str:
    return f"{percent.normalize():f} %"
