"""A twin with its instruments: faults in front of it, a record of what passed, and a control interface under `/_twin/`.

The control interface is for tests and for people who look around: seed a company, look at its books, act as somebody in the
other system's own user interface, move the clock, bring bad luck. Clients of the twin never need it. Everything is JSON, and
since it can do anything, only programs on this machine are heard, and no page of a browser is.
"""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from twins.clock import Clock
from twins.controls import looking, steering
from twins.controls.answers import Command, ControlError, in_json, paged
from twins.faults import FaultInjector
from twins.http import Request, Response
from twins.panels import Panel
from twins.recorder import Recorder

PREFIX = "/_twin/"

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})

COMMANDS: tuple[Command, ...] = (*looking.COMMANDS, *steering.COMMANDS)
"""Everything the control interface does."""

_BY_NAME: Mapping[tuple[str, str], Command] = {(command.method, command.name): command for command in COMMANDS}


class House(Protocol):
    """What a twin knows of the process that serves it."""

    @property
    def keeps(self) -> bool:
        """Whether it has a state file."""
        ...

    def save(self) -> dict[str, Any]:
        """Write the state file now; tells where and how large."""
        ...

    def addresses(self) -> dict[str, Any]:
        """Where both twins, the regions and the page are reached."""
        ...

    def open_places(self) -> None:
        """Listen for regions that have come into use."""
        ...


class ControlledTwin:
    """A service: requests under `/_twin/` are for the control interface, all others reach the twin through its instruments."""

    def __init__(self, panel: Panel, clock: Clock, *, seed: int = 0) -> None:
        self.panel = panel
        self.clock = clock
        self.faults = FaultInjector(panel.twin, clock, seed, panel.manners)
        self.recorder = Recorder(self.faults, clock)
        self.house: House | None = None
        """The process that serves the twin, once it does."""
        self.changes = 0
        """Grows with whatever may have changed the twin."""

    def __getstate__(self) -> dict[str, Any]:
        """Put away, a twin belongs to no process."""
        return {**self.__dict__, "house": None}

    def handle(self, request: Request) -> Response:
        """Answer a request. Raises LostAnswerError when a fault cuts the connection."""
        if request.path.startswith(PREFIX) or request.path == PREFIX.rstrip("/"):
            return self._control(request)
        self.changes += 1
        return self.recorder.handle(request)

    def _control(self, request: Request) -> Response:
        try:
            refuse_strangers(request)
            command = _command(request)
            self.changes += command.changes
            found = command.answer(self, request)
            return in_json(paged(request, found) if command.lists else found)
        except ControlError as error:
            return error.response()
        except (ValueError, KeyError, TypeError, msgspec.ValidationError) as error:
            text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
            return ControlError(text or type(error).__name__, type(error).__name__).response()


def refuse_strangers(request: Request) -> None:
    """Hear programs on this machine only. Raises ControlError for a request that a web page may have caused.

    A foreign page reaches 127.0.0.1 with its own Origin, or under a name of its own that it lets point here.
    """
    if host_name(request.host) not in LOOPBACK:
        raise ControlError(
            "this host is not heard", f"{request.host} is not this machine", "call 127.0.0.1 or localhost", status=403
        )
    origin = request.headers.get("origin")
    foreign = request.headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if foreign or (origin is not None and urlsplit(origin).netloc != request.host):
        raise ControlError("this page is not heard", f"it comes from {origin or 'another site'}", status=403)


def host_name(host: str) -> str:
    """A host without its port, in lower case."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _command(request: Request) -> Command:
    name = request.path[len(PREFIX) :].strip("/")
    command = _BY_NAME.get((request.method, name))
    if command is not None:
        return command
    if name == "" and request.method == "GET":
        return Command("GET", "", "this list", _list_commands, lists=True)
    known = ", ".join(sorted(f"{method} {PREFIX}{known}" for method, known in _BY_NAME))
    raise ControlError(f"no such command: {request.method} {request.path}", f"known: {known}", status=404)


def _list_commands(_: ControlledTwin, __: Request) -> Any:
    return [{"command": f"{one.method} {PREFIX}{one.name}", "help": one.help} for one in COMMANDS]
