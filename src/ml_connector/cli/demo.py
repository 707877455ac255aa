"""`ml-connector demo`: the main job from beginning to end, on two offline twins, with a proof at the end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from ml_connector.app import App
from ml_connector.cli.documents import print_cause
from ml_connector.cli.output import CommandError, ExitCode, money, out, print_json, print_table, say
from ml_connector.cli.session import translated
from ml_connector.cli.showcase import show_console
from ml_connector.demonstration.stage import Stage, StageError, connection_of, installation, twins
from ml_connector.demonstration.tie_out import TieOut, tie_out
from ml_connector.store import documents
from ml_connector.work.desk import Desk
from ml_connector.work.engine import Step, run
from ml_connector.work.hold_views import HoldGroup, hold_groups
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_proposals import accept, proposals
from ml_connector.work.ping import ping
from ml_connector.work.posting_views import LineView, PostingView
from ml_connector.work.views import DocumentView, document_lines, document_view

_ACTOR = "demo"


def demo(
    *, keep: bool = False, console: bool = False, port: int = 8080, home: Path | None = None, json: bool = False
) -> int:
    """Post a demo company's approved invoices on offline twins of both systems, and prove that everything ties.

    Parameters
    ----------
    keep
        Keep the twins and the installation running afterwards, to look around, until Ctrl-C.
    console
        Instead: four companies that have worked for four weeks, and the web console on them, until Ctrl-C. See docs/demo.md.
    port
        The port of the console; 0 takes a free one.
    home
        Where to put the demo's installation; a temporary folder when left out.
    json
        Print what was posted, what is held and the tie-out as JSON.
    """
    try:
        if console:
            with _home(home) as folder, translated():
                return show_console(folder, port)
        with _home(home) as folder, twins() as stage, translated(), installation(folder) as app:
            code = _perform(app, stage, folder, json=json)
            if keep:
                _wait(stage, folder)
            else:
                say("To keep it running and look around: ml-connector demo --keep")
                say("To see it all in the web console, with everything that can happen: make demo-console")
            return code
    except StageError as error:
        raise CommandError(str(error), ExitCode.TRY_LATER) from error


@contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        if any(given.iterdir()):
            raise CommandError(f"The folder {given} is not empty. The demo starts from nothing: name another folder.")
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="ml-connector-demo-") as folder:
        yield Path(folder)


def _perform(app: App, stage: Stage, folder: Path, *, json: bool) -> int:
    file = connection_of(stage, folder)
    row = app.add_connection(file, {field: str(value) for field, value in file.secrets.items()})
    desk = app.desk(row)
    with app.probe(row) as probe:
        for check in ping(desk, probe):
            say(f"{check.what}: {check.found}")
    say(f"Taken over from Basware: {run(desk, [Step.INTAKE]).intake.new} documents")
    _map(desk)
    report = run(desk)
    say(f"Posted to QuickBooks: {report.posted.done}; answered to Basware: {report.answered.done}")
    proof = _proof(desk, stage)
    views, groups = _views(desk), hold_groups(desk)
    if json:
        print_json({"posted": [view for view in views if view.document.transactions], "held": groups, "tie_out": proof})
    else:
        _print_posted([view for view in views if view.document.transactions])
        _print_held(groups, [view for view in views if view.document.state == "returned"])
        _print_tie_out(proof)
    for problem in proof.problems:
        say(f"Does not tie: {problem}")
    return ExitCode.DONE if proof.holds else ExitCode.HELD_OR_FAILED


def _map(desk: Desk) -> None:
    """What a person does at first connect: take over the certain proposals, and look at the others."""
    refresh_lists(desk)
    found = proposals(desk)
    certain = [one for one in found if one.confidence == "certain"]
    likely = [one for one in found if one.confidence != "certain"]
    accept(desk, found, actor=_ACTOR)
    say(f"Mapping: {len(certain)} codes matched with certainty")
    for one in likely:
        say(
            f"Mapping: {one.dimension} {one.code} ({one.code_name}) is likely {one.target_name}: {one.why}; accepted for the demo"
        )


def _proof(desk: Desk, stage: Stage) -> TieOut:
    basware, quickbooks = stage.books(stage.basware_url), stage.books(stage.quickbooks_url)
    return tie_out(basware["accountingDocuments"], quickbooks, load_books(desk).preferences.home_currency)


def _views(desk: Desk) -> list[DocumentView]:
    views = []
    for line in document_lines(desk):
        with desk.database.read() as tx:
            row = documents.get(tx, desk.connection_id, line.invoice_id)
        if row is not None:
            views.append(document_view(desk, row))
    return views


def _print_posted(views: list[DocumentView]) -> None:
    columns = ("Invoice", "Vendor", "Kind", "Accounts and items", "Location", "Class", "Amount", "QuickBooks id")
    rows = [_posted_row(view, posting) for view in views for posting in view.postings]
    print_table(f"Posted: {len(rows)}", columns, rows, right=("Amount",))


def _posted_row(view: DocumentView, posting: PostingView) -> tuple[str, ...]:
    lines = [line for line in posting.lines if not line.vendor]
    ids = {one.part: one.id for one in view.document.transactions}
    locations = [posting.location] if posting.location else [line.location for line in lines]
    return (
        view.document.invoice_number,
        posting.vendor,
        posting.type,
        _several(_on(line) for line in lines),
        _several(locations),
        _several(line.tracking_class for line in lines),
        money(posting.total, posting.currency),
        ids.get(posting.part, ""),
    )


def _on(line: LineView) -> str:
    """What a line is booked on: a product, with its pieces, or an account."""
    if not line.item:
        return line.account
    return f"{line.quantity:f} x {line.item}" if line.quantity is not None else line.item


def _several(names: Iterator[str] | list[str]) -> str:
    return "; ".join(dict.fromkeys(name for name in names if name))


def _print_held(groups: list[HoldGroup], returned: list[DocumentView]) -> None:
    count = len({invoice_id for group in groups for invoice_id in group.invoice_ids}) + len(returned)
    out().print(f"\nHeld: {count}, and what to do")
    for group in groups:
        out().print(f"{', '.join(group.documents)}", markup=False)
        print_cause(group.cause)
    for view in returned:
        out().print(f"{view.document.invoice_number}: given back to Basware", markup=False)
        for cause in view.causes:
            print_cause(cause)


def _print_tie_out(proof: TieOut) -> None:
    for tie in proof.ties:
        rows = [
            ("Received from Basware", str(tie.received), money(tie.received_amount, tie.currency)),
            ("Posted, as Basware shows it", str(tie.posted), money(tie.posted_amount, tie.currency)),
            ("Posted, as QuickBooks shows it", str(tie.in_quickbooks), money(tie.in_quickbooks_amount, tie.currency)),
            ("Held or given back", str(tie.held), money(tie.held_amount, tie.currency)),
        ]
        title = "Tie-out from the two systems' own books: " + ("everything ties" if proof.holds else "DOES NOT TIE")
        print_table(f"\n{title}", ("", "Documents", "Amount"), rows, right=("Documents", "Amount"))


def _wait(stage: Stage, folder: Path) -> None:
    say(f"QuickBooks' twin listens on {stage.quickbooks_url}, Basware's on {stage.basware_url}.")
    say("In another terminal:")
    say(f"  export ML_CONNECTOR_HOME={folder}")
    say("  ml-connector status; ml-connector holds list; ml-connector documents show INVOICE")
    say("  ml-connector twins --help")
    say(f"Both systems' own books, side by side: {stage.page_url}")
    say("Ctrl-C ends it.")
    try:
        Event().wait()
    except KeyboardInterrupt:
        say("Ended.")
