"""`ml-connector webhooks deliveries`, `delivery` and `replay`: the log of what came, and reading it once more."""

import sys
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import Parameter

from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.cli.webhooks import Json, app
from ml_connector.model.announcements import instant_of
from ml_connector.store import deliveries
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.work import webhook_log
from ml_connector.work.webhook_log import DeliveryLine, DeliveryView, NoticeView, Replayed

webhooks = app
"""The noun with these commands too."""

Number = Annotated[int, Parameter(help="The delivery's number in the list.")]


@app.command(name="deliveries")
def deliveries_(
    *,
    system: Annotated[Literal["quickbooks", "basware"] | None, Parameter(help="Only from this system.")] = None,
    connection: Annotated[str, Parameter(help="Only those that concern this connection, and what they told it.")] = "",
    entity: Annotated[
        str, Parameter(help="Only those about this kind of record, such as Bill or AccountingDocuments.")
    ] = "",
    id: Annotated[str, Parameter(help="Only those about the record with this id.")] = "",  # noqa: A002 - the option's name
    outcome: Annotated[
        Literal["stored", "test", "unknown company", "unreadable"] | None,
        Parameter(help="Only those with this outcome."),
    ] = None,
    since: Annotated[str, Parameter(help="Only those that came at or after this moment or day (UTC).")] = "",
    until: Annotated[str, Parameter(help="Only those that came first before this moment or day (UTC).")] = "",
    limit: Annotated[int, Parameter(help="At most this many.")] = 50,
    json: Json = False,
) -> int:
    """List webhook calls that came, newest first."""
    with opened() as app_:
        wanted = DeliveryFilter(
            system=System(system) if system else None,
            outcome=DeliveryOutcome(outcome) if outcome else None,
            connection_id=app_.connection(connection).id if connection else "",
            entity=entity,
            entity_id=id,
            since=_moment(since, "--since"),
            until=_moment(until, "--until"),
        )
        lines = webhook_log.lines(app_.database, wanted, limit=limit)
    if json:
        print_json(lines)
    else:
        columns = ("Id", "Came (UTC)", "Times", "System", "Outcome", "Events", "Notices", "Problem")
        print_table("", columns, [_cells(line) for line in lines], right=("Id", "Times", "Events"))
    return ExitCode.DONE


def _cells(line: DeliveryLine) -> tuple[str, ...]:
    return (
        str(line.id),
        line.received_at.isoformat(timespec="seconds"),
        str(line.times),
        line.system,
        line.outcome,
        str(line.events),
        ", ".join(f"{number} {state}" for state, number in sorted(line.notices.items())),
        line.problem,
    )


def _moment(text: str, option: str) -> datetime | None:
    if not text:
        return None
    found = instant_of(text)
    if found is None:
        raise CommandError(f"{option} takes a day or moment such as 2026-11-28 or 2026-11-28T09:30, not {text!r}.")
    return found


@app.command
def delivery(
    id: Number,  # noqa: A002 - the argument's name
    *,
    connection: Annotated[str, Parameter(help="Only what it said to this connection.")] = "",
    body: Annotated[
        bool, Parameter(help="Show the body too. It names QuickBooks companies in the open, so not with --connection.")
    ] = False,
    json: Json = False,
) -> int:
    """Show one webhook call: what it announced, to whom, and what became of it."""
    if body and connection:
        raise CommandError(
            "A body may speak of several companies, so it is not shown for one connection: leave one out."
        )
    with opened() as app_:
        only = app_.connection(connection) if connection else None
        found = webhook_log.view(
            app_.database, app_.vault, id, with_body=body, connection_id=only.id if only is not None else ""
        )
    if found is None:
        concerned = f" that concerns {connection}" if connection else ""
        raise CommandError(
            f"There is no delivery {id}{concerned}. Old ones are removed; `ml-connector webhooks deliveries` shows all."
        )
    if json:
        print_json(found)
    else:
        _print_view(found)
    return ExitCode.DONE


def _print_view(found: DeliveryView) -> None:
    line = found.delivery
    rows = [
        ("Came from", f"{line.system}, {line.format or 'unreadable'}, {found.content_type or 'no content type'}"),
        ("Came at (UTC)", line.received_at.isoformat()),
        ("Times", f"{line.times}, last at {line.last_received_at.isoformat()}"),
        ("Outcome", line.outcome),
        ("Problem", line.problem or "none"),
        ("Size, SHA-256", f"{line.size} bytes, {found.sha256}"),
    ]
    print_table(f"Delivery {line.id}", ("What", "Is"), rows)
    columns = ("Connection", "Entity", "Id", "What happened", "Merged", "State", "Problem", "Event")
    print_table("Notices", columns, [_notice(one) for one in found.notices])
    if found.body is not None:
        sys.stdout.write(found.body + "\n")


def _notice(one: NoticeView) -> tuple[str, ...]:
    return one.connection, one.entity, one.entity_id, one.operation, one.merged_id, one.state, one.problem, one.event_id


@app.command
def replay(
    id: Number | None = None,  # noqa: A002 - the argument's name
    *,
    since: Annotated[str, Parameter(help="All that came at or after this moment or day (UTC).")] = "",
    connection: Annotated[str, Parameter(help="Only for this connection.")] = "",
    json: Json = False,
) -> int:
    """Let what a webhook call announced be read once more, or what all calls since a moment did."""
    if (id is None) == (not since):
        raise CommandError("Say which: the number of a delivery, or --since with a day or moment.")
    result = _replay(id, _moment(since, "--since"), connection)
    if json:
        print_json(result)
    say(f"{result.deliveries} deliveries read once more: {result.waiting} notices wait again.")
    if result.still_unknown:
        say(f"{result.still_unknown} events are of companies that no connection with their token has.")
    return ExitCode.DONE


def _replay(number: int | None, since: datetime | None, connection: str) -> Replayed:
    with opened() as app_:
        database, vault, now = app_.database, app_.vault, app_.clock.now()
        only = app_.connection(connection).id if connection else ""
        if since is not None:
            return webhook_log.replay_since(database, vault, since, now, actor=person(), connection_id=only)
        with database.read() as tx:
            row = deliveries.get(tx, number) if number is not None else None
        if row is None:
            raise CommandError(f"There is no delivery {number}. `ml-connector webhooks deliveries` shows all.")
        return webhook_log.replay(database, vault, [row], now, actor=person(), connection_id=only)
