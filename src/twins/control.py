"""A twin with its instruments: faults in front of it, a record of what passed, and a control interface under `/_twin/`.

The control interface is for tests and for people who look around: seed a company, look at its books, act as somebody in the
other system's own user interface, move the clock, bring bad luck. Clients of the twin never need it. Everything is JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, get_type_hints

import msgspec

from twins.clock import Clock
from twins.faults import FaultInjector, FaultRule
from twins.http import Request, Response, Service
from twins.recorder import Exchange, Recorder

PREFIX = "/_twin/"

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Panel(Protocol):
    """What the control interface needs of a twin, whichever it is. `company` may be empty where there is only one."""

    name: str

    @property
    def twin(self) -> Service:
        """The twin itself."""
        ...

    @property
    def switches(self) -> Any:
        """Its switches, a dataclass."""
        ...

    def calls(self) -> Mapping[str, Any]:
        """Counts of requests by kind."""
        ...

    def companies(self) -> list[str]:
        """Names of the companies or tenants it holds."""
        ...

    def seed(self, seed: dict[str, Any]) -> str:
        """Add a company or tenant; returns its name."""
        ...

    def act(self, company: str, action: str, details: dict[str, Any]) -> Any:
        """Do what a person would do in the system itself."""
        ...

    def books(self, company: str) -> Any:
        """Everything it holds for the company."""
        ...

    def ledger(self, company: str) -> Any:
        """What was posted or answered, entry by entry."""
        ...

    def check(self, company: str) -> list[str]:
        """Whatever is wrong with the books."""
        ...


class ControlledTwin:
    """A service: requests under `/_twin/` are for the control interface, all others reach the twin through its instruments."""

    def __init__(self, panel: Panel, clock: Clock, *, seed: int = 0) -> None:
        self.panel = panel
        self.clock = clock
        self.faults = FaultInjector(panel.twin, clock, seed)
        self.recorder = Recorder(self.faults, clock)
        self._commands: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "state"): self._state,
            ("GET", "books"): lambda request: panel.books(request.parameter("company")),
            ("GET", "ledger"): lambda request: panel.ledger(request.parameter("company")),
            ("GET", "check"): lambda request: panel.check(request.parameter("company")),
            ("GET", "calls"): lambda _: panel.calls(),
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): lambda _: self.recorder.clear(),
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._set_clock,
            ("GET", "switches"): lambda _: _plain(panel.switches),
            ("POST", "switches"): self._set_switches,
            ("GET", "faults"): lambda _: self.faults.report(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._remove_faults,
            ("POST", "seed"): lambda request: {"company": panel.seed(_object(request))},
            ("POST", "act"): self._act,
        }

    def handle(self, request: Request) -> Response:
        """Answer a request. Raises LostAnswerError when a fault cuts the connection."""
        if not request.path.startswith(PREFIX):
            return self.recorder.handle(request)
        command = self._commands.get((request.method, request.path[len(PREFIX) :].strip("/")))
        if command is None:
            known = sorted(f"{method} {PREFIX}{name}" for method, name in self._commands)
            return _in_json({"error": f"no such command: {request.method} {request.path}", "commands": known}, 404)
        try:
            return _in_json(command(request))
        except (ValueError, KeyError, TypeError) as error:
            return _in_json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _state(self, _: Request) -> Any:
        return {
            "twin": self.panel.name,
            "companies": self.panel.companies(),
            "clock": self._time(),
            "calls": self.panel.calls(),
            "faults": self.faults.report(),
            "switches": _plain(self.panel.switches),
        }

    def _time(self) -> Any:
        return {"now": self.clock.now(), "running": self.clock.running}

    def _set_clock(self, request: Request) -> Any:
        """`{"stop": true}`, `{"run": scale}`, `{"advance": seconds}`, `{"set": instant}`, in this order if several."""
        body = _object(request)
        if unknown := body.keys() - {"stop", "run", "advance", "set"}:
            raise ValueError(f"the clock knows no {', '.join(sorted(unknown))}")
        if body.get("stop"):
            self.clock.stop()
        if "run" in body:
            self.clock.run(scale=float(body["run"]))
        if "advance" in body:
            self.clock.advance(float(body["advance"]))
        if "set" in body:
            instant = datetime.fromisoformat(body["set"])
            if instant.tzinfo is None:
                raise ValueError("the clock is set to an instant with a time zone")
            self.clock.set(instant)
        return self._time()

    def _set_switches(self, request: Request) -> Any:
        switches, hints = self.panel.switches, get_type_hints(type(self.panel.switches))
        wanted = _object(request)
        if unknown := wanted.keys() - hints.keys():
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        checked = {name: _converted(value, hints[name]) for name, value in wanted.items()}
        for name, value in checked.items():
            setattr(switches, name, value)
        return _plain(switches)

    def _add_fault(self, request: Request) -> Any:
        return {"id": self.faults.add(_converted(_object(request), FaultRule))}

    def _remove_faults(self, request: Request) -> Any:
        """All of them, or the one named by the parameter `id`."""
        if name := request.parameter("id"):
            self.faults.remove(name)
        else:
            self.faults.clear()
        return self.faults.report()

    def _act(self, request: Request) -> Any:
        """`{"action": …, "company": …, "details": {…}}`."""
        body = _object(request)
        details = body.get("details", {})
        return {"result": self.panel.act(str(body.get("company", "")), str(body["action"]), details)}

    def _requests(self, request: Request) -> Any:
        """The last exchanges, at most `last` of them."""
        last = int(request.parameter("last") or "100")
        return [_exchange(exchange) for exchange in self.recorder.exchanges[-last:]]


def _object(request: Request) -> dict[str, Any]:
    body = _decode(request.body)
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _converted(value: Any, wanted: Any) -> Any:
    """A JSON value as the type a rule or switch has; a whole number is good where a fraction is expected."""
    return msgspec.convert(_floats(value), wanted)


def _floats(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return {name: _floats(inner) for name, inner in value.items()} if isinstance(value, dict) else value


def _plain(switches: Any) -> Any:
    return asdict(switches) if is_dataclass(switches) and not isinstance(switches, type) else switches


def _exchange(exchange: Exchange) -> dict[str, Any]:
    shown = {name: getattr(exchange, name) for name in Exchange.__dataclass_fields__}
    for name in ("request_body", "response_body"):
        shown[name] = shown[name].decode("utf-8", "replace")
    return shown


def _in_json(value: Any, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "application/json"}, _encode(value))
