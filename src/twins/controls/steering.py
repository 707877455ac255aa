"""Steering a running twin: companies, people's acts, the clock, switches, faults, notifications, keeping the state."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from twins.controls import looking
from twins.controls.answers import Command, ControlError, body_of, converted, instant_of, one_of
from twins.faults import FaultRule
from twins.http import Request
from twins.luck import LuckRule
from twins.outgoing import Outbox

if TYPE_CHECKING:
    from twins.control import ControlledTwin

_CLOCK = ("stop", "run", "advance", "set")


def seed(desk: "ControlledTwin", request: Request) -> Any:
    """Add a company or tenant from a seed."""
    company = desk.panel.seed(body_of(request))
    if desk.house is not None:
        desk.house.open_places()
    return {"company": company}


def act(desk: "ControlledTwin", request: Request) -> Any:
    """Do something as a person: `{"action": …, "company": …, "details": {…}}`."""
    body = body_of(request)
    acts = {one.name: one for one in desk.panel.acts()}
    chosen = acts[one_of(str(body.get("action") or ""), sorted(acts), "act")]
    details = body.get("details", {})
    if not isinstance(details, dict):
        raise ControlError("details is no JSON object", "an act takes its details by name")
    known = [one.name for one in chosen.parameters]
    for name in details:
        one_of(name, known, f"detail of {chosen.name}")
    if missing := [one.name for one in chosen.parameters if one.required and one.name not in details]:
        raise ControlError(f"{chosen.name} lacks {', '.join(missing)}", f"it takes: {', '.join(known) or 'nothing'}")
    return {"result": desk.panel.act(str(body.get("company", "")), chosen.name, details)}


def set_clock(desk: "ControlledTwin", request: Request) -> Any:
    """`{"stop": true}`, `{"run": scale}`, `{"advance": seconds}`, `{"set": instant}`, in this order if several."""
    body = body_of(request)
    for name in body:
        one_of(name, _CLOCK, "way to set the clock")
    instant = instant_of(body["set"]) if "set" in body else None
    if body.get("stop"):
        desk.clock.stop()
    if "run" in body:
        desk.clock.run(scale=float(body["run"]))
    if "advance" in body:
        desk.clock.advance(float(body["advance"]))
    if instant is not None:
        desk.clock.set(instant)
    return looking.time(desk)


def set_switches(desk: "ControlledTwin", request: Request) -> Any:
    """Set switches by name, all or none."""
    switches, hints = desk.panel.switches, get_type_hints(type(desk.panel.switches))
    wanted = body_of(request)
    for name in wanted:
        one_of(name, sorted(hints), "switch")
    checked: dict[str, Any] = {}
    for name, value in wanted.items():
        try:
            checked[name] = converted(value, hints[name])
        except msgspec.ValidationError as error:
            raise ControlError(f"the switch {name} can't be {value!r}", str(error)) from error
    for name, value in checked.items():
        setattr(switches, name, value)
    return asdict(switches)


def add_fault(desk: "ControlledTwin", request: Request) -> Any:
    """Put a fault rule in force."""
    body = body_of(request)
    for name in body:
        one_of(name, sorted(FaultRule.__dataclass_fields__), "part of a fault rule")
    try:
        return {"id": desk.faults.add(converted(body, FaultRule))}
    except re.error as error:
        raise ControlError("a pattern of the rule is no regular expression", str(error)) from error


def remove_faults(desk: "ControlledTwin", request: Request) -> Any:
    """Take all fault rules out of force, or the one named by `id`."""
    if name := request.parameter("id"):
        desk.faults.remove(one_of(name, [row["id"] for row in desk.faults.report()], "fault rule"))
    else:
        desk.faults.clear()
    return desk.faults.report()


def clear_requests(desk: "ControlledTwin", _: Request) -> Any:
    """Forget the requests received so far; numbering goes on."""
    desk.recorder.clear()
    return {}


def configure_webhooks(desk: "ControlledTwin", request: Request) -> Any:
    """Set up where notifications go, as in QuickBooks' developer portal; `{"client_id": …, "remove": true}` ends it."""
    return desk.panel.configure_webhooks(body_of(request))


def resend(desk: "ControlledTwin", request: Request) -> Any:
    """Send a notification again."""
    body = body_of(request)
    name, system = str(body.get("delivery") or ""), str(body.get("system") or "")
    holding = [
        outbox
        for known, outbox in desk.panel.outboxes().items()
        if system in {"", known} and name in {row["id"] for row in outbox.report()}
    ]
    if len(holding) > 1:
        raise ControlError(f"several systems have a delivery {name}", "name the system", "see GET deliveries")
    if not holding:
        raise ControlError(
            f"there is no delivery {name!r}", "it never was, or was settled long ago", "see GET deliveries"
        )
    return {"delivery": holding[0].resend(name)}


def add_luck(desk: "ControlledTwin", request: Request) -> Any:
    """Put a rule of bad luck for notifications in force."""
    body = body_of(request)
    system = str(body.pop("system", ""))
    for name in body:
        one_of(name, sorted(LuckRule.__dataclass_fields__), "part of a luck rule")
    try:
        return {"id": _outbox(desk, system).luck.add(converted(body, LuckRule))}
    except re.error as error:
        raise ControlError("the pattern of the rule is no regular expression", str(error)) from error


def remove_luck(desk: "ControlledTwin", request: Request) -> Any:
    """Take rules of bad luck out of force: all, or the one named by `id`."""
    name = request.parameter("id")
    for known, outbox in desk.panel.outboxes().items():
        if request.parameter("system") not in {"", known}:
            continue
        if not name:
            outbox.luck.clear()
        elif name in {row["id"] for row in outbox.luck.report()}:
            outbox.luck.remove(name)
    return looking.luck(desk, request)


def save(desk: "ControlledTwin", _: Request) -> Any:
    """Save the state file now."""
    if desk.house is None or not desk.house.keeps:
        raise ControlError(
            "there is no state file", "the twins were started without one", "start them with --state FILE"
        )
    return desk.house.save()


def addresses(desk: "ControlledTwin", _: Request) -> Any:
    """Where both twins, the regions and the page are reached."""
    if desk.house is None:
        raise ControlError("the addresses are not known", "this twin is not served by a process of its own")
    return desk.house.addresses()


def _outbox(desk: "ControlledTwin", system: str) -> Outbox:
    outboxes = desk.panel.outboxes()
    if not system and outboxes:
        return next(iter(outboxes.values()))
    return outboxes[one_of(system, list(outboxes), "system")]


COMMANDS = (
    Command("POST", "seed", "add a company or tenant from a seed", seed, changes=True),
    Command("POST", "act", "do something as a person: `action`, `company`, `details`", act, changes=True),
    Command(
        "POST", "clock", "`stop`, `run` at a scale, `advance` by seconds, `set` to an instant", set_clock, changes=True
    ),
    Command("POST", "switches", "set switches by name, all or none", set_switches, changes=True),
    Command("POST", "faults", "put a fault rule in force", add_fault, changes=True),
    Command("DELETE", "faults", "take fault rules out of force: all, or one (`id`)", remove_faults, changes=True),
    Command("DELETE", "requests", "forget the requests received so far", clear_requests, changes=True),
    Command("POST", "webhooks", "set up where notifications go", configure_webhooks, changes=True),
    Command("POST", "resend", "send a notification again: `delivery`, `system`", resend, changes=True),
    Command("POST", "luck", "put bad luck for notifications in force", add_luck, changes=True),
    Command(
        "DELETE", "luck", "take bad luck for notifications out of force: all, or one (`id`)", remove_luck, changes=True
    ),
    Command("POST", "save", "save the state file now", save),
    Command("GET", "addresses", "where the twins, the regions and the page are reached", addresses),
)
