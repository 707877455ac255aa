"""`ml-connector webhooks deliveries`, `delivery` and `replay`: the log of what came, and reading it once more."""

import sys
from datetime import datetime
from typing import Literal

from ml_connector.cli.output import CommandError, ExitCode, print_json, print_table, say
from ml_connector.cli.session import opened, person
from ml_connector.cli.webhooks import app
from ml_connector.model.announcements import instant_of
from ml_connector.store import deliveries
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.schema import DeliveryOutcome, System
from ml_connector.work import webhook_log

webhooks = app
"""The noun with these commands too."""

_MANY = 100_000


@app.command(name="deliveries")
def deliveries_(
    *,
    system: Literal["quickbooks", "basware"] | None = None,
    connection: str = "",
    entity: str = "",
    id: str = "",  # noqa: A002 - the option's name
    outcome: Literal["stored", "test", "unknown company", "unreadable"] | None = None,
    since: str = "",
    until: str = "",
    limit: int = 50,
    json: bool = False,
) -> int:
    """List webhook calls that came, newest first.

    Parameters
    ----------
    system
        Only from this system.
    connection
        Only those that concern this connection.
    entity
        Only those about this kind of record, such as Bill or AccountingDocuments.
    id
        Only those about the record with this id.
    outcome
        Only those with this outcome.
    since
        Only those that came at or after this moment or day (UTC).
    until
        Only those that came first before this moment or day (UTC).
    limit
        At most this many.
    json
        Print JSON.
    """
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
        rows = [
            (
                str(line.id),
                line.received_at.isoformat(timespec="seconds"),
                str(line.times),
                line.system,
                line.outcome,
                str(line.events),
                ", ".join(f"{number} {state}" for state, number in sorted(line.notices.items())),
                line.problem,
            )
            for line in lines
        ]
        print_table("", columns, rows, right=("Id", "Times", "Events"))
    return ExitCode.DONE


def _moment(text: str, option: str) -> datetime | None:
    if not text:
        return None
    found = instant_of(text)
    if found is None:
        raise CommandError(f"{option} takes a day or moment such as 2026-11-28 or 2026-11-28T09:30, not {text!r}.")
    return found


@app.command
def delivery(id: int, *, body: bool = False, json: bool = False) -> int:  # noqa: A002 - the argument's name
    """Show one webhook call: what it announced, to whom, and what became of it.

    Parameters
    ----------
    id
        The delivery's number in the list.
    body
        Show the body too. It names the QuickBooks company in the open.
    json
        Print JSON.
    """
    with opened() as app_:
        found = webhook_log.view(app_.database, app_.vault, id, with_body=body)
    if found is None:
        raise CommandError(
            f"There is no delivery {id}. Old ones are removed; `ml-connector webhooks deliveries` shows all."
        )
    if json:
        print_json(found)
        return ExitCode.DONE
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
    events = [
        (one.connection, one.entity, one.entity_id, one.operation, one.merged_id, one.state, one.problem, one.event_id)
        for one in found.notices
    ]
    print_table("Notices", columns, events)
    if found.body is not None:
        sys.stdout.write(found.body + "\n")
    return ExitCode.DONE


@app.command
def replay(
    id: int | None = None,  # noqa: A002 - the argument's name
    *,
    since: str = "",
    connection: str = "",
    json: bool = False,
) -> int:
    """Let what a webhook call announced be read once more, or what all calls since a moment did.

    Parameters
    ----------
    id
        The delivery's number in the list.
    since
        All that came at or after this moment or day (UTC).
    connection
        Only for this connection.
    json
        Print JSON.
    """
    if (id is None) == (not since):
        raise CommandError("Say which: the number of a delivery, or --since with a day or moment.")
    with opened() as app_:
        only = app_.connection(connection).id if connection else ""
        with app_.database.read() as tx:
            one = deliveries.get(tx, id) if id is not None else None
            rows = [one] if one else []
            if id is None:
                rows = deliveries.listing(tx, DeliveryFilter(since=_moment(since, "--since")), limit=_MANY)
        if id is not None and not rows:
            raise CommandError(f"There is no delivery {id}. `ml-connector webhooks deliveries` shows all.")
        result = webhook_log.replay(
            app_.database, app_.vault, rows, app_.clock.now(), actor=person(), connection_id=only
        )
    if json:
        print_json(result)
    say(f"{result.deliveries} deliveries read once more: {result.waiting} notices wait again.")
    if result.still_unknown:
        say(f"{result.still_unknown} events are of companies that no connection with their token has.")
    return ExitCode.DONE
