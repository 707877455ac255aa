"""Where each row's amount goes: item or account, location, class and customer, by the mapping, checked against the books.

A code that leads nowhere, to an inactive record, or to a dimension the company does not use is always held: a dimension
is never dropped in silence.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from ml_connector.model.books import Account, ClassTracking, Item, ListRecord
from ml_connector.model.documents import CodingRow, row_value
from ml_connector.model.holds import Cause
from ml_connector.model.mapping import Dimension
from ml_connector.model.policy import EmptyDimension
from ml_connector.rules.amounts import RowAmount
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.mapping import NO_ROW, Match, resolve
from ml_connector.rules.pieces import Pieces

NOT_POSTABLE = {"Accounts Payable", "Accounts Receivable", "Non-Posting"}
"""Account types no line may stand on: the first two belong to the document as a whole, the last takes no amounts."""


NOT_BOUGHT = {"Category": "it is a category, which only groups items", "Group": "it is a bundle of other items"}
"""Types of item that stand on no purchase, with the reason (Intuit's entity reference, Item.Type)."""


class CodedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row with its QuickBooks ids; "" where a dimension is empty (or held).

    On an item, `account_id` is the account QuickBooks books it to, and `pieces` say how many at what price.
    """

    amount: RowAmount
    account_id: str
    location_id: str
    class_id: str
    customer_id: str
    tax_code_id: str = ""
    item_id: str = ""
    pieces: tuple[Pieces, ...] = ()
    billable: bool = False
    markup_percent: Decimal | None = None

    @property
    def row(self) -> CodingRow:
        """The coding row as Basware gave it."""
        return self.amount.row


class _Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How one dimension of a row is checked. `off` is the cause when the company does not track it, `missing` when a code
    is required and the row has none."""

    dimension: Dimension
    label: str
    field: str
    records: Mapping[str, ListRecord]
    not_mapped: Cause
    inactive: Cause
    missing: Cause | None = None
    off: Cause | None = None
    required: bool = False


def code_rows(task: Task, amounts: Sequence[RowAmount], findings: Findings) -> tuple[CodedRow, ...]:
    """Every row with its item or account, location, class and customer. What cannot be decided is held and left empty."""
    account, location, class_, customer = _rules(task)
    coded: list[CodedRow] = []
    for amount in amounts:
        item = _item(task, amount.row, findings)
        if item is not None:
            account_id = item.account_id
        else:
            account_id = _target(task, amount.row, account, findings)
            _check_postable(task, amount.row, account_id, findings)
        coded.append(
            CodedRow(
                amount=amount,
                account_id=account_id,
                item_id=item.id if item else "",
                location_id=_target(task, amount.row, location, findings),
                class_id=_target(task, amount.row, class_, findings),
                customer_id=_target(task, amount.row, customer, findings),
            )
        )
    return tuple(coded)


def _rules(task: Task) -> tuple[_Rule, _Rule, _Rule, _Rule]:
    books, policy = task.books, task.policy
    preferences = books.preferences
    return (
        _Rule(
            dimension=Dimension.ACCOUNT,
            label="account",
            field=policy.sources.account,
            records=books.accounts,
            not_mapped=Cause.ACCOUNT_NOT_MAPPED,
            inactive=Cause.ACCOUNT_INACTIVE,
            missing=Cause.ACCOUNT_MISSING,
            required=True,
        ),
        _Rule(
            dimension=Dimension.LOCATION,
            label="location",
            field=policy.sources.location,
            records=books.locations,
            not_mapped=Cause.LOCATION_NOT_MAPPED,
            inactive=Cause.LOCATION_INACTIVE,
            missing=Cause.LOCATION_MISSING if policy.empty_location is EmptyDimension.HOLD else None,
            off=None if preferences.track_locations else Cause.LOCATION_TRACKING_OFF,
        ),
        _Rule(
            dimension=Dimension.CLASS,
            label="class",
            field=policy.sources.class_,
            records=books.classes,
            not_mapped=Cause.CLASS_NOT_MAPPED,
            inactive=Cause.CLASS_INACTIVE,
            missing=Cause.CLASS_MISSING if policy.empty_class is EmptyDimension.HOLD else None,
            off=Cause.CLASS_TRACKING_OFF if preferences.class_tracking is ClassTracking.OFF else None,
        ),
        _Rule(
            dimension=Dimension.CUSTOMER,
            label="customer",
            field=policy.sources.customer,
            records=books.customers,
            not_mapped=Cause.CUSTOMER_NOT_MAPPED,
            inactive=Cause.CUSTOMER_INACTIVE,
        ),
    )


def _item(task: Task, row: CodingRow, findings: Findings) -> Item | None:
    """The item a row is on instead of an account; None when it is on none (or held)."""
    rule = _Rule(
        dimension=Dimension.ITEM,
        label="item",
        field=task.policy.sources.item,
        records=task.books.items,
        not_mapped=Cause.ITEM_NOT_MAPPED,
        inactive=Cause.ITEM_INACTIVE,
    )
    item = task.books.items.get(_target(task, row, rule, findings))
    if item is None:
        return None
    label = f"{item.label} ({item.id})"
    if why := why_not_bought(task, item):
        code = row_value(task.document, row, rule.field)
        findings.hold(Cause.ITEM_NOT_PURCHASABLE, item.label, rows=(row.row_index,), code=code, target=label, why=why)
    else:
        account = task.books.accounts[item.account_id]
        told = f"{account.label} ({account.id})"
        findings.explain(f"row {row.row_index}: account", f"item {label}", "QuickBooks books an item on its own", told)
    return item


def why_not_bought(task: Task, item: Item) -> str:
    """Why an item can stand on no bill or vendor credit of this document; "" when it can."""
    if item.type in NOT_BOUGHT:
        return NOT_BOUGHT[item.type]
    if not item.account_id:
        return "it has no expense account" if not item.is_stock else "it has no inventory account"
    account = task.books.accounts.get(item.account_id)
    if account is None or not account.active:
        return f"its account {account.label if account else item.account_id} is {'inactive' if account else 'no longer there'}"
    why = why_not_postable(account, task.document.currency, task.books.preferences.home_currency)
    return f"its account {account.label} takes no lines: {why}" if why else ""


def _target(task: Task, row: CodingRow, rule: _Rule, findings: Findings) -> str:
    """The QuickBooks id for one dimension of one row, explained; "" when it is empty or held."""
    if not rule.field and not rule.required:
        return ""
    code = row_value(task.document, row, rule.field)
    match = resolve(task.mapping, rule.dimension, code, task.document, row)
    nowhere = not match.found or (rule.required and not match.target_id)
    if rule.off is not None and (match.target_id or (nowhere and match.code)):
        findings.hold(rule.off, rule.label, rows=(row.row_index,))
        return ""
    if nowhere:
        return _unmatched(row, rule, match, findings)
    source = source_told(row, rule.field, match.code)
    if not match.target_id:
        findings.explain(f"row {row.row_index}: {rule.label}", source, match.rule, "left empty on purpose")
        return ""
    record = check_active(findings, rule.records, match, rule.inactive, row, field=rule.field)
    if record is None:
        return ""
    findings.explain(f"row {row.row_index}: {rule.label}", source, match.rule, f"{record.label} ({record.id})")
    return record.id


def check_active(
    findings: Findings, records: Mapping[str, ListRecord], match: Match, inactive: Cause, row: CodingRow, *, field: str
) -> ListRecord | None:
    """The record a rule points at, if the books still have it and it is active; else the cause is noted."""
    record = records.get(match.target_id)
    if record is not None and record.active:
        return record
    findings.hold(
        inactive,
        record.label if record else match.target_id,
        rows=() if row is NO_ROW else (row.row_index,),
        code=match.code,
        field=field,
        target=f"{record.label} ({record.id})" if record else f"id {match.target_id}",
        state="inactive" if record else "no longer there",
    )
    return None


def _unmatched(row: CodingRow, rule: _Rule, match: Match, findings: Findings) -> str:
    if match.code:
        name = _name(row, rule.field)
        findings.hold(rule.not_mapped, match.code, rows=(row.row_index,), code=match.code, field=rule.field, name=name)
    elif rule.missing is not None:
        findings.hold(rule.missing, rule.field, rows=(row.row_index,), field=rule.field)
    else:
        source = f"no {rule.field} on row {row.row_index}"
        findings.explain(f"row {row.row_index}: {rule.label}", source, "no code, no rule", "left empty")
    return ""


def _check_postable(task: Task, row: CodingRow, account_id: str, findings: Findings) -> None:
    """No line on receivables or payables, and none on an account kept in a third currency."""
    account = task.books.accounts.get(account_id)
    if account is None:
        return
    why = why_not_postable(account, task.document.currency, task.books.preferences.home_currency)
    if why:
        label = f"{account.label} ({account.id})"
        code = row_value(task.document, row, task.policy.sources.account)
        findings.hold(
            Cause.ACCOUNT_NOT_POSTABLE, account.label, rows=(row.row_index,), code=code, target=label, why=why
        )


def why_not_postable(account: Account, currency: str, home_currency: str) -> str:
    """Why no line may stand on the account; "" when one may. Intuit allows one foreign currency per transaction."""
    if account.type in NOT_POSTABLE:
        return f"it is of type {account.type}"
    if account.currency and account.currency not in {currency, home_currency}:
        return f"it is kept in {account.currency}"
    return ""


def source_told(row: CodingRow, field: str, code: str) -> str:
    """Where a value came from, as a person would say it: "costCenterCode NYC (New York) on row 3"."""
    name = _name(row, field)
    where = "" if row is NO_ROW else f" on row {row.row_index}"
    return f"{field} {code}{f' ({name})' if name and name != code else ''}{where}" if code else f"no {field}{where}"


def _name(row: CodingRow, field: str) -> str:
    """The name Basware gives for a code, kept under the field's name or its twin: accountCode has accountName."""
    return row.names.get(field) or row.names.get(field.replace("Code", "Name"), "")


def locations_of(task: Task, rows: Sequence[CodedRow]) -> list[str]:
    """The names of the different locations of the rows, in the order of the rows."""
    different = dict.fromkeys(row.location_id for row in rows if row.location_id)
    return [task.books.locations[location_id].label for location_id in different]


def one_class(task: Task, rows: Sequence[CodedRow], findings: Findings) -> str:
    """The class of the whole transaction, for a company that keeps one per transaction; "" elsewhere or without any.

    Rows of different classes are held. A row without a class takes the class of the others.
    """
    if task.books.preferences.class_tracking is not ClassTracking.TRANSACTION:
        return ""
    classes = list(dict.fromkeys(row.class_id for row in rows if row.class_id))
    if len(classes) > 1:
        names = ", ".join(task.books.classes[class_id].label for class_id in classes)
        findings.hold(Cause.SEVERAL_CLASSES, task.document.invoice_number, classes=names)
    if len(classes) != 1:
        return ""
    label = f"{task.books.classes[classes[0]].label} ({classes[0]})"
    rule = "the company keeps one class per transaction"
    findings.explain("class", "the rows' class", rule, f"{label} on every line")
    return classes[0]
