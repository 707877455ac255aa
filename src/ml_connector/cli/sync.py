"""`ml-connector sync`: do everything that is due, once or for as long as it is left running."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ml_connector.cli.options import Connection
from ml_connector.cli.output import CommandError, ExitCode, err, print_json, say
from ml_connector.cli.session import desk_of, person, translated
from ml_connector.store import connections
from ml_connector.store.schema import ConnectionState, DocumentState
from ml_connector.work.connection_status import status_view
from ml_connector.work.desk import Desk, Watch
from ml_connector.work.engine import RunReport, Step, run
from ml_connector.work.jobs import Job
from ml_connector.work.schedule import ScheduleError, note_run_despite, require_may_run


def sync(
    connection: Connection = "",
    *,
    only: Annotated[list[Literal["intake", "plan", "post", "answer"]] | None, Parameter(negative="")] = None,
    watch: bool = False,
    interval: float = 300.0,
    despite: str = "",
    json: bool = False,
) -> int:
    """Take over what Basware released, post it to QuickBooks, and answer Basware, until nothing is due.

    Parameters
    ----------
    only
        Do only this step: intake, plan, post or answer. May be given several times.
    watch
        Go on for ever, looking again after each interval.
    interval
        Seconds between looks with --watch.
    despite
        Why the run may not wait for the end of a blackout or freeze.
    json
        Print the run's report as JSON (one line a run with --watch).
    """
    if watch and interval <= 0:
        raise CommandError("The interval must be more than 0 seconds.")
    steps = [Step(name) for name in only] if only else list(Step)
    with _progress() as shown, desk_of(connection, shown) as desk:
        while True:
            try:
                _require_may_run(desk, despite)
                code = _once(desk, steps, json=json)
            except CommandError as error:
                if not watch or error.code is not ExitCode.TRY_LATER:
                    raise
                say(f"{error} Trying again in {interval:.0f} seconds.")
                code = error.code
            if not watch:
                return code
            desk.clock.sleep(interval)


@contextmanager
def _progress() -> Iterator[Watch | None]:
    """A bar on the terminal while a person is watching; nothing otherwise."""
    console = err()
    if not console.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


def _require_may_run(desk: Desk, despite: str) -> None:
    """A run by hand minds what the schedule minds; with --watch it goes on once that is over."""
    now = desk.clock.now()
    with desk.database.write() as tx:
        row = connections.get(tx, desk.connection_id)
        if row.state is ConnectionState.PAUSED:
            return  # disconnected: the run itself says how to sign in again
        try:
            closed = require_may_run(tx, row, Job.INVOICES, despite=despite, now=now)
        except ScheduleError as error:
            raise CommandError(str(error), ExitCode.TRY_LATER) from error
        if closed is not None:
            note_run_despite(tx, row, Job.INVOICES, despite=despite, actor=person(), now=now)


def _once(desk: Desk, steps: list[Step], *, json: bool) -> int:
    with translated():
        report = run(desk, steps, asked_by=person())
    status = status_view(desk)
    held = status.documents.get(DocumentState.HELD.value)
    if json:
        print_json({"run": report, "status": status})
    say(_told(report))
    if held:
        say(f"{held.documents} held: ml-connector holds list")
    if report.next_due is not None:
        when = report.next_due.isoformat(timespec="seconds")
        say(
            f"QuickBooks has not answered {status.unanswered} calls; they can be settled after {when}. Run sync again then."
        )
        return ExitCode.TRY_LATER
    if report.answered.unclear:
        say(f"Basware has not taken {report.answered.unclear} answers yet. Run sync again.")
        return ExitCode.TRY_LATER
    failed = report.answered.refused or report.answered.failures
    return ExitCode.HELD_OR_FAILED if held or failed else ExitCode.DONE


def _told(report: RunReport) -> str:
    intake, failures = report.intake, report.answered.failures
    given_back = f", {failures} of them given back to Basware" if failures else ""
    return (
        f"Taken over {intake.new} new and {intake.sent_again} again; planned {report.planned}; "
        f"posted {report.posted.done}, refused {report.posted.refused}; answered {report.answered.done}{given_back}."
    )
