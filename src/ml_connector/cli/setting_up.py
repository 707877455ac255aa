"""`ml-connector connection first-plan` and `release`: seeing what would be posted before anything is, and letting it begin."""

from ml_connector.cli.options import Json
from ml_connector.cli.output import ExitCode, print_json, print_table, say
from ml_connector.cli.session import desk_of, opened, person
from ml_connector.model.money import format_money
from ml_connector.store import connections
from ml_connector.work.setup.first_plan import first_plan as work_out
from ml_connector.work.setup.looking import look
from ml_connector.work.setup.progress import Step, note_step
from ml_connector.work.setup.progress import release as let_go


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


def release(name: str, *, reason: str = "", json: Json = False) -> int:
    """Let a connection that was set up begin: its jobs run by their plans from now on, and what waits is posted.

    Parameters
    ----------
    name
        The connection.
    reason
        Why, for the audit.
    """
    with opened() as app:
        row = app.connection(name)
        let_go(app.database, row, actor=person(), reason=reason, now=app.clock.now())
    say(f"{row.name} is released. Its jobs run by their plans; watch them with: ml-connector schedule list {row.name}")
    if json:
        print_json({"name": row.name, "released": True})
    return ExitCode.DONE
