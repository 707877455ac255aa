"""`ml-connector documents …`: what became of each document, and why each posted field has its value."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Invoice, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_lines, print_table
from ml_connector.cli.session import desk_of, document
from ml_connector.model.drift import DriftState
from ml_connector.store.schema import DocumentState
from ml_connector.work.accruals.shown import AccrualView
from ml_connector.work.credits.shown import CreditView
from ml_connector.work.drift.views import DriftCase
from ml_connector.work.link_search import LinkCandidate, candidates
from ml_connector.work.posting_views import LineView, PostingView
from ml_connector.work.tax_check import TaxView
from ml_connector.work.views import (
    CauseView,
    DocumentLine,
    DocumentView,
    document_lines,
    document_view,
    early_line,
    early_view,
)

app = App(name="documents", help="What became of each document, and why.")

_CANDIDATES = ("Link to", "Number", "Vendor", "Day", "Total", "Because", "But")


@app.command(name="list")
def list_(
    *,
    connection: Connection = "",
    state: Annotated[list[DocumentState] | None, Parameter(negative="")] = None,
    text: str = "",
    limit: Limit = 1000,
    json: Json = False,
) -> int:
    """List documents in order of arrival.

    Parameters
    ----------
    state
        Only documents in this state. May be given several times.
    text
        Search in invoice numbers, ids and suppliers.
    """
    with desk_of(connection) as desk:
        lines = document_lines(desk, states=state, text=text, limit=limit)
    columns = ("Invoice", "Supplier", "State", "Amount", "In QuickBooks", "Held because")
    print_lines(lines, columns, _row, json=json, right=("Amount",))
    return ExitCode.DONE


def _row(line: DocumentLine) -> tuple[str, ...]:
    posted = ", ".join(f"{one.type} {one.id}" for one in line.transactions)
    number = line.invoice_number or line.invoice_id
    why = "; ".join(filter(None, [", ".join(line.causes), line.answer_problem]))
    return number, line.supplier, line.state, money(line.total, line.currency), posted, why


@app.command
def show(invoice: Invoice, *, connection: Connection = "", raw: bool = False, json: Json = False) -> int:
    """Show one document: where it stands, what was posted, and for each field its source, rule and result.

    Parameters
    ----------
    raw
        Print the document as Basware sent it, and nothing else.
    """
    with desk_of(connection) as desk:
        early = early_line(desk, invoice)
        view = document_view(desk, document(desk, invoice)) if early is None else early_view(desk, early)
    if raw:
        out().print(view.raw, markup=False)
    elif json:
        print_json(view)
    else:
        _print(view)
    return ExitCode.DONE


@app.command(name="candidates")
def candidates_(
    invoice: Invoice,
    *,
    text: str = "",
    amount: str = "",
    day: date | None = None,
    connection: Connection = "",
    json: Json = False,
) -> int:
    """List the transactions of QuickBooks that a document may be, the likeliest first: for `holds decide … link --link-to`.

    Without anything to look for: what has its number, its vendor or its amount. Exit code 1 when there is none.

    Parameters
    ----------
    text
        Search in numbers and vendors' names; or a transaction by its id, such as Bill:145.
    amount
        Only of this total, such as 1250.00.
    day
        Only of this day, such as 2026-11-05.
    """
    total = _amount(amount) if amount else None
    with desk_of(connection) as desk:
        found = candidates(desk, document(desk, invoice), text=text, amount=total, day=day)
    print_lines(found, _CANDIDATES, _candidate, json=json, right=("Total",))
    return ExitCode.DONE if found else ExitCode.HELD_OR_FAILED


def _amount(text: str) -> Decimal:
    try:
        found = Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise CommandError(f"{text!r} is no amount. Write it like 1250.00.") from error
    if not found.is_finite():
        raise CommandError(f"{text!r} is no amount. Write it like 1250.00.")
    return found


def _candidate(one: LinkCandidate) -> tuple[str, ...]:
    day, total = one.day.isoformat() if one.day else "", money(one.total, one.currency)
    return one.link, one.number, one.vendor, day, total, "; ".join(one.fits), "; ".join(one.against)


def _print(view: DocumentView) -> None:
    line, console = view.document, out()
    total = money(line.total, line.currency)
    console.print(f"Invoice {line.invoice_number} of {line.supplier}, {total}: {line.state}", markup=False)
    for one in line.transactions:
        console.print(f"  {one.type} {one.id} in QuickBooks, number {one.number}, {one.date}", markup=False)
    by_part = {one.part: one for one in view.reversals}
    for one in view.taken_back:
        how = f"reversed by {by_part[one.part].type} {by_part[one.part].id}" if one.part in by_part else "gone"
        console.print(f"  {one.type} {one.id}, number {one.number}, taken back: {how}", markup=False)
    for accrual in view.accruals:
        _print_accrual(accrual)
    for case in view.drift:
        console.print(f"  {_drift(case, line)}", markup=False)
    if line.answer_problem:
        console.print(f"  Answer before the transfer: {line.answer_problem}", markup=False)
    if view.note:
        console.print(f"  Note: {view.note}", markup=False)
    for file in view.files:
        where = f"Attachable {file.quickbooks_id}" if file.quickbooks_id else file.state.value
        console.print(f"  File {file.filename}: {where}" + (f" ({file.why})" if file.why else ""), markup=False)
    for tax in view.tax:
        console.print(f"  Tax of {tax.transaction}: {_tax(tax)}", markup=False)
    for credit in view.credits:
        console.print(f"  VendorCredit {credit.credit_id}: {_credit(credit, line.currency)}", markup=False)
    for cause in view.causes:
        print_cause(cause)
    for posting in view.postings:
        _print_posting(posting)
    if view.explanations:
        rows = [(one.field, one.source, one.rule, one.result) for one in view.explanations]
        print_table("Why each field is what it is", ("Field", "From", "Rule", "Result"), rows)
    rows = [(event.at.isoformat(timespec="seconds"), event.action, event.reason, event.actor) for event in view.history]
    print_table("What happened", ("When (UTC)", "What", "Detail", "Who"), rows)


def _print_accrual(accrual: AccrualView) -> None:
    entry = f"JournalEntry {accrual.entry}, number {accrual.entry_number}" if accrual.entry else "no entry"
    back = f", reversed by JournalEntry {accrual.reversed_by} on {accrual.reversed_on}" if accrual.reversed_by else ""
    why = accrual.why or accrual.ending
    told = f"  Accrual {accrual.number}: {accrual.state}, {entry}{back}" + (f" ({why})" if why else "")
    out().print(told, markup=False)


def _drift(case: DriftCase, line: DocumentLine) -> str:
    """That somebody changed what was posted, and how it is decided."""
    what = f"{case.quickbooks_type} {case.quickbooks_id} was {case.what} in QuickBooks"
    if case.state != DriftState.OPEN.value:
        return f"{what}; it is being put right"
    number = line.invoice_number or line.invoice_id
    fields = ", ".join(dict.fromkeys(one.field for one in case.differences))
    differs = f" ({fields})" if fields else ""
    return (
        f"{what}{differs}. `ml-connector drift show {number}` shows how it differs; decide with `ml-connector drift accept`, "
        f"`restore` or `ignore`, and a reason"
    )


def _credit(credit: CreditView, currency: str) -> str:
    if credit.payment_id:
        return f"{money(credit.amount, currency)} applied to {credit.names} by BillPayment {credit.payment_id}"
    told = f"for {credit.names}, {credit.state}" if credit.names else credit.state
    return told + (f": {credit.why}" if credit.why else "")


def _tax(tax: TaxView) -> str:
    amounts = f"invoiced {money(tax.invoiced, tax.currency)}, in QuickBooks {money(tax.booked, tax.currency)}"
    own = f"QuickBooks' own computation {money(tax.computed, tax.currency)}"
    beyond = ", more than the tolerance" if tax.beyond_tolerance else ""
    return f"{amounts}, {own}, difference {money(tax.difference, tax.currency)}{beyond}"


def _print_posting(posting: PostingView) -> None:
    head = (
        f"{posting.type} for {posting.vendor}, {posting.posting_date}, number {posting.number}, "
        f"{money(posting.total, posting.currency)}" + (f", location {posting.location}" if posting.location else "")
    )
    rows = [
        (
            one.side,
            _bought(one),
            one.location,
            one.tracking_class,
            one.customer + (f", billable{_markup(one)}" if one.billable else ""),
            money(one.amount, posting.currency),
        )
        for one in posting.lines
    ]
    print_table(head, ("Side", "Account or item", "Location", "Class", "Customer", "Amount"), rows, right=("Amount",))


def _bought(line: LineView) -> str:
    if line.item and line.quantity is not None and line.unit_price is not None:
        return f"{line.item}, {line.quantity:f} x {line.unit_price:f}"
    return line.account or line.vendor


def _markup(line: LineView) -> str:
    return "" if line.markup_percent is None else f" with {line.markup_percent:f} % markup"


def print_cause(cause: CauseView) -> None:
    """A cause in words: title, why, what to do, who."""
    console = out()
    console.print(f"  {cause.title}", markup=False)
    console.print(f"    {cause.why}", markup=False)
    console.print(f"    What to do: {cause.what_to_do}", markup=False)
    console.print(f"    Who: {cause.who}. More: {cause.page}", markup=False)
