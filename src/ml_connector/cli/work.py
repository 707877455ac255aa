"""`ml-connector work`: do what is due for as long as it is left running, as one process or as one of several workers."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Literal

from ml_connector.app import App
from ml_connector.cli.output import CommandError, ExitCode, print_json, say
from ml_connector.cli.session import opened
from ml_connector.work.engines.local import LocalEngine, OnRun
from ml_connector.work.engines.runs import Ending, Run

if TYPE_CHECKING:
    from ml_connector.work.engines.queue import QueueEngine


def work(
    *connections: str,
    engine: Literal["local", "queue"] = "local",
    threads: int = 4,
    once: bool = False,
    json: bool = False,
) -> int:
    """Do every job of every connection when it is due, until told to stop (Ctrl-C or SIGTERM).

    Parameters
    ----------
    connections
        Only these connections; all when none is named. Not with --engine queue.
    engine
        `local`: this process does everything. `queue`: one of any number of workers on one PostgreSQL database.
    threads
        How many jobs run at once in this process.
    once
        Do what is due now, one job after another, and end.
    json
        Print every run as a line of JSON.
    """
    if threads < 1:
        raise CommandError("At least one thread is needed: --threads 1.")
    if engine == "queue" and (connections or once):
        raise CommandError("With --engine queue a worker takes whatever is due; leave out the connections and --once.")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)

    def told(run: Run) -> None:
        if json:
            print_json(run)
        elif run.ending is Ending.DONE and run.report is not None:
            say(f"{run.connection}: {run.job}: {run.report.outcome}")
        elif run.ending is Ending.FAILED:
            say(f"{run.connection}: {run.job} failed: {run.problem}")

    with opened() as app:
        names = [app.connection(name).name for name in connections]
        if once:
            runs = LocalEngine(app, connections=names, on_run=told).step()
            return ExitCode.HELD_OR_FAILED if any(run.ending is Ending.FAILED for run in runs) else ExitCode.DONE
        with _told_to_stop() as stop:
            say(f"Working; {threads} jobs at once. Stop with Ctrl-C: what is running ends at its next safe point.")
            if engine == "queue":
                _queue_engine(app, threads, told).run(stop)
            else:
                LocalEngine(app, connections=names, threads=threads, on_run=told).run(stop)
    say("Stopped.")
    return ExitCode.DONE


def _queue_engine(app: App, threads: int, on_run: OnRun) -> "QueueEngine":
    from ml_connector.work.engines.queue import (  # noqa: PLC0415 - half a second that only workers need
        QueueEngine,
        QueueNeedsPostgresError,
    )

    try:
        return QueueEngine(app, threads=threads, on_run=on_run)
    except QueueNeedsPostgresError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _told_to_stop() -> Iterator[Event]:
    """An event that is set by Ctrl-C or SIGTERM; a second one ends the process at once, which loses nothing either."""
    stop = Event()

    def stopped(number: int, _frame: object) -> None:
        if stop.is_set():
            signal.default_int_handler(number, None)
        stop.set()

    former = {number: signal.signal(number, stopped) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
