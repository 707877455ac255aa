"""`ml-connector drift …`: posted transactions that somebody changed or deleted in QuickBooks, and the ways on."""

from collections.abc import Callable, Sequence
from typing import Annotated

from cyclopts import App, Parameter

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, out, print_json, print_lines, print_table, say
from ml_connector.cli.session import desk_of, person
from ml_connector.store.drift_cases import ACCRUAL, CaseRow
from ml_connector.work.desk import Desk
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import WAITING, DriftCase, Subject, case_list, cases_of, subject, to_decide, worded

app = App(
    name="drift", help="Posted transactions that somebody changed or deleted in QuickBooks: accept, restore, ignore."
)

Invoice = Annotated[str, Parameter(help="The invoice number or Basware's invoice id.")]
Reason = Annotated[str, Parameter(help="Why, for whoever reads it a year from now.")]
Part = Annotated[int | None, Parameter(help="Only this transaction of the document; all of them unless given.")]


@app.command(name="list")
def list_(*, connection: Connection = "", every: bool = False, limit: Limit = 1000, json: Json = False) -> int:
    """List transactions that differ from what was posted, the latest first. Exit code 1 when one waits for a person.

    Parameters
    ----------
    every
        Also those that were decided or are over.
    """
    with desk_of(connection) as desk:
        cases = case_list(desk, None if every else WAITING).page(limit=limit)
    columns = ("Invoice", "Supplier", "In QuickBooks", "Was", "State", "What differs")
    print_lines(cases, columns, _row, json=json)
    if not cases:
        say("Nothing that was posted differs from what was agreed.")
    return ExitCode.HELD_OR_FAILED if any(one.state == "open" for one in cases) else ExitCode.DONE


def _row(case: DriftCase) -> tuple[str, ...]:
    fields = ", ".join(dict.fromkeys(one.field for one in case.differences))
    number = case.invoice_number or case.invoice_id
    what = f"{case.quickbooks_type} {case.quickbooks_id}" + (" (accrual)" if case.kind == ACCRUAL else "")
    return number, case.supplier, what, case.what, case.state, fields


def _meant(desk: Desk, invoice: str) -> Subject:
    found = subject(desk, invoice)
    if found is None:
        raise CommandError(f"There is no document {invoice!r}. `ml-connector documents list` shows all.")
    return found


@app.command
def show(invoice: Invoice, *, connection: Connection = "", json: Json = False) -> int:
    """Show field by field what was posted for a document and what QuickBooks has, when it was changed, and what was decided."""
    with desk_of(connection) as desk:
        cases = cases_of(desk, _meant(desk, invoice))
    if json:
        print_json(cases)
    elif not cases:
        say("What was posted for this document is as agreed.")
    else:
        for case in cases:
            _print(case)
    return ExitCode.DONE


def _print(case: DriftCase) -> None:
    console = out()
    what = f"Accrual {case.quickbooks_type}" if case.kind == ACCRUAL else case.quickbooks_type
    head = f"{what} {case.quickbooks_id} of invoice {case.invoice_number or case.invoice_id}"
    when = f" on {case.changed_at:%Y-%m-%d %H:%M} UTC" if case.changed_at else ""
    who = f" by QuickBooks user {case.changed_by}" if case.changed_by else ""
    console.print(f"{head} was {case.what} in QuickBooks{when}{who}: {case.state}", markup=False)
    if case.differences:
        rows = [(str(one.line) if one.line else "", one.field, *worded(case, one)) for one in case.differences]
        print_table("", ("Line", "Field", "Posted", "Now in QuickBooks"), rows)
    for label, text in (("Last attempt", case.problem), ("Cannot be restored", case.why_not)):
        if text:
            console.print(f"  {label}: {text}", markup=False)
    if case.decided_by:
        console.print(f"  Decided by {case.decided_by}: {case.reason}", markup=False)


@app.command
def accept(
    invoice: Invoice, *, reason: Reason, part: Part = None, connection: Connection = "", json: Json = False
) -> int:
    """QuickBooks is right: what it has now counts as agreed. Nothing is sent; a deleted transaction stays deleted."""
    return _decided(invoice, deciding.accept, "Accepted.", reason, part, connection, json)


@app.command
def restore(
    invoice: Invoice, *, reason: Reason, part: Part = None, connection: Connection = "", json: Json = False
) -> int:
    """What was posted is right: have it written back in the next run, or a deleted transaction posted anew.

    Refused for paid transactions and closed periods, with the reason.
    """
    return _decided(
        invoice, deciding.restore, "It will be restored. Next: ml-connector sync", reason, part, connection, json
    )


@app.command
def ignore(
    invoice: Invoice, *, reason: Reason, part: Part = None, connection: Connection = "", json: Json = False
) -> int:
    """It may stay different. It is shown again as soon as anything else differs."""
    return _decided(invoice, deciding.ignore, "Ignored.", reason, part, connection, json)


def _decided(  # noqa: PLR0917
    invoice: str,
    decide: Callable[..., None],
    told: str,
    reason: str,
    part: int | None,
    connection: str,
    json: bool,
) -> int:
    with desk_of(connection) as desk:
        row = _meant(desk, invoice)
        meant: Sequence[CaseRow] = to_decide(desk, row, part)
        decide(desk, meant, reason=reason, actor=person())
        after = _after(desk, invoice, meant)
    say(told)
    if json:
        print_json(after)
    return ExitCode.DONE


def _after(desk: Desk, invoice: str, meant: Sequence[CaseRow]) -> list[DriftCase]:
    parts = {one.part for one in meant}
    return [one for one in cases_of(desk, _meant(desk, invoice)) if one.part in parts]
