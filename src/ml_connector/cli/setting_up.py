"""`ml-connector connection first-plan`, `release`, `leave`: what would be posted is seen before anything is; then it begins, or
a company that was not meant is let go of.
"""

from ml_connector.cli.options import Json
from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, opened, person
from ml_connector.model.money import format_money
from ml_connector.store import connections
from ml_connector.work.setup.first_plan import first_plan as work_out
from ml_connector.work.setup.looking import look
from ml_connector.work.setup.other_company import leave_company
from ml_connector.work.setup.progress import Step, note_step
from ml_connector.work.setup.steps import let_begin


def first_plan(name: str = "", *, json: Json = False) -> int:
    """Show what a connection that is being set up would post, and what would wait. Nothing is written in either system.

    Parameters
    ----------
    name
        The connection; may be left out when there is only one.
    """
    with desk_of(name) as desk:
        seen = look(desk)
        plan = work_out(desk)
        with desk.database.read() as tx:
            row = connections.get(tx, desk.connection_id)
        note_step(desk.database, row, Step.PLAN, actor=person(), now=desk.clock.now())
    if json:
        print_json(plan)
        return ExitCode.DONE
    rows = [
        (
            one.invoice_number or one.invoice_id,
            one.supplier,
            one.date,
            format_money(one.total, one.currency) if one.total is not None else "",
            one.becomes,
            "; ".join(cause.title for cause in one.causes),
        )
        for one in plan.documents
    ]
    print_table("", ("Invoice", "Supplier", "Date", "Total", "Would", "Because"), rows)
    more = f" Basware has more than the {seen.documents} looked at." if seen.more else ""
    say(f"{plan.to_post} would be posted, {plan.held} would wait. Nothing was written anywhere.{more}")
    say(f"To let it begin: ml-connector connection release {desk.connection_name}")
    return ExitCode.DONE


def release(name: str, *, review: bool = False, reason: str = "", json: Json = False) -> int:
    """Let a connection that was set up begin: its jobs run by their plans from now on, and what waits is posted.

    Parameters
    ----------
    name
        The connection.
    review
        Have every posting of invoices wait for a release at first; see docs/review.md.
    reason
        Why, for the audit.
    """
    with desk_of(name) as desk:
        with desk.database.read() as tx:
            row = connections.get(tx, desk.connection_id)
        let_begin(desk, row, reviewed=review, actor=person(), reason=reason, now=desk.clock.now())
    say(f"{row.name} is released. Its jobs run by their plans; watch them with: ml-connector schedule list {row.name}")
    if json:
        print_json({"name": row.name, "released": True})
    return ExitCode.DONE


def leave(name: str, *, json: Json = False) -> int:
    """Let go of the QuickBooks company of a connection that is being set up, because another one was meant.

    The sign-in is given back to Intuit, and what was read of the company and matched to it is forgotten.

    Parameters
    ----------
    name
        The connection.
    """
    with opened() as app:
        row = app.connection(name)
        told = leave_company(app.connecting(), row, actor=person())
    say(f"{row.name} has no company now: {told}. Connect the other one: ml-connector connection connect {row.name}")
    if json:
        print_json({"name": row.name, "told": told})
    return ExitCode.DONE
