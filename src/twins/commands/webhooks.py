"""`webhooks …`: what running twins send on their own, to whom, and what became of it."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from twins.commands.output import print_json, print_table
from twins.commands.running import USUAL, Common, Which, by_twin, one_twin, twins

app = App(name="webhooks", help="Notifications: who is told, what was delivered, bad luck on the way.")
luck = App(name="luck", help="Bad luck for notifications: lost, repeated, overtaken, delayed.")
app.command(luck)


@app.command
def show(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """Show who is notified of what: QuickBooks' applications, Basware's subscriptions.

    Parameters
    ----------
    twin
        Only this twin.
    """
    found = [(one, one.get("webhooks")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, held in found:
        print_table(one.name, ("Who", "What"), held.items())


@app.command
def configure(
    *,
    address: str = "",
    verifier_token: str = "",
    client_id: str = "",
    format: str | None = None,  # noqa: A002 - the option's name
    window: int | None = None,
    entity: Annotated[list[str] | None, Parameter(negative=())] = None,
    remove: bool = False,
    common: Common = USUAL,
) -> None:
    """Set up where QuickBooks' notifications go, as an application's owner does in the developer portal.

    Parameters
    ----------
    address
        Where to call.
    verifier_token
        What calls are signed with.
    client_id
        The application, where there are several.
    format
        cloudevents or legacy.
    window
        Seconds for which events are gathered: 0, 60, 180 or 300.
    entity
        Only this entity, or Entity:Create,Update for some operations; may be given several times.
    remove
        Notify the application no longer.
    """
    entities = None if entity is None else dict(_entity(one) for one in entity)
    given = {
        "url": address, "verifier_token": verifier_token, "client_id": client_id, "format": format,
        "window_seconds": window, "entities": entities, "remove": remove,
    }  # fmt: skip
    stand = one_twin(common, "quickbooks").post("webhooks", {name: part for name, part in given.items() if part})
    print_json(stand) if common.json else print_table("quickbooks", ("Who", "What"), stand.items())


@app.command
def deliveries(twin: Which | None = None, *, state: str = "", limit: int = 100, common: Common = USUAL) -> None:
    """List notifications that wait or were settled lately.

    Parameters
    ----------
    twin
        Only this twin's.
    state
        Only those waiting, delivered or failed.
    limit
        At most so many of each twin; 0: all.
    """
    _list(common, twin, "deliveries", limit, {"state": state})


@app.command
def attempts(
    twin: Which | None = None, *, delivery: str = "", status: str = "", limit: int = 100, common: Common = USUAL
) -> None:
    """List attempts to deliver, and what was answered.

    Parameters
    ----------
    twin
        Only this twin's.
    delivery
        Only those of this delivery.
    status
        Only those answered with this status.
    limit
        At most so many of each twin; 0: all.
    """
    _list(common, twin, "attempts", limit, {"delivery": delivery, "status": status})


@app.command
def resend(twin: Which, delivery: str, *, system: str = "", common: Common = USUAL) -> None:
    """Send a notification again.

    Parameters
    ----------
    twin
        Which twin.
    delivery
        The delivery, as `webhooks deliveries` shows it.
    system
        Which of Basware's systems, where several have a delivery of this name.
    """
    sent = one_twin(common, twin).post("resend", {"delivery": delivery, "system": system})
    print_json(sent) if common.json else print_table("", ("Delivery",), [(sent["delivery"],)])


@luck.command(name="list")
def list_luck(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """List the rules in force. Percentages are switches: outgoing_lost and the like.

    Parameters
    ----------
    twin
        Only this twin's.
    """
    _list(common, twin, "luck", 0, {})


@luck.command
def add(
    twin: Which,
    kind: str,
    *,
    about: str | None = None,
    nth: int | None = None,
    times: int | None = None,
    always: bool = False,
    seconds: float | None = None,
    system: str = "",
    common: Common = USUAL,
) -> None:
    """Put a rule in force. It strikes one event unless told otherwise.

    Parameters
    ----------
    twin
        Which twin.
    kind
        lost, duplicate, overtaken or delayed.
    about
        Only events whose description this regular expression is found in: "Bill 145 Update", "AccountingDocuments".
    nth
        The first matching event that is struck; 1 is the next.
    times
        At most so many are struck; 1 unless told otherwise.
    always
        No such limit.
    seconds
        How long it is held back, or how much later it is sent again.
    system
        Which of Basware's systems; the main one unless told otherwise.
    """
    given = {"kind": kind, "about": about, "nth": nth, "times": times, "seconds": seconds, "system": system or None}
    rule: dict[str, Any] = {name: part for name, part in given.items() if part is not None}
    added = one_twin(common, twin).post("luck", rule | ({"times": None} if always else {}))
    print_json(added) if common.json else print_table("", ("Id",), [(added["id"],)])


@luck.command
def clear(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """Take all rules out of force.

    Parameters
    ----------
    twin
        Only this twin's.
    """
    found = [(one, one.delete("luck")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))


def _entity(text: str) -> tuple[str, list[str]]:
    name, _, operations = text.partition(":")
    return name, [one for one in operations.split(",") if one]


def _list(common: Common, twin: str | None, command: str, limit: int, wanted: dict[str, str]) -> None:
    found = [(one, one.all(command, limit, **wanted)) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, rows in found:
        columns = tuple(rows[0]) if rows else ("None",)
        print_table(one.name, columns, [tuple(row.get(name) for name in columns) for row in rows])
