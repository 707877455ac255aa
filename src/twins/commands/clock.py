"""`clock …`: the twins' time, which both share."""

from typing import Any

from cyclopts import App

from twins.commands.output import CommandError, print_json, print_table
from twins.commands.running import USUAL, Common, one_twin

app = App(name="clock", help="The twins' time: stop it, move it, let it run faster.")


_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}


def _seconds(text: str) -> float:
    """A span of time as a person writes it. Raises CommandError."""
    unit = _UNITS.get(text[-1:], 0.0)
    try:
        return float(text[:-1]) * unit if unit else float(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no span of time; write 90, 15m, 36h or 2d.") from error


def _shown(time: dict[str, Any], common: Common) -> None:
    if common.json:
        print_json(time)
        return
    how = f"runs, {float(time['scale']):g} times as fast as real time" if time["running"] else "stands still"
    print_table("", ("Instant (UTC)", "Time"), [(time["now"], how)])


@app.command
def show(*, common: Common = USUAL) -> None:
    """Show the instant and whether time passes."""
    _shown(one_twin(common).get("clock"), common)


@app.command
def stop(*, common: Common = USUAL) -> None:
    """Hold time still."""
    _shown(one_twin(common).post("clock", {"stop": True}), common)


@app.command
def run(scale: float = 1.0, *, common: Common = USUAL) -> None:
    """Let time pass.

    Parameters
    ----------
    scale
        How many times as fast as real time: 60 makes a minute of each second.
    """
    _shown(one_twin(common).post("clock", {"run": scale}), common)


@app.command
def advance(seconds: str, *, common: Common = USUAL) -> None:
    """Move time forward at once; notifications that become due are sent.

    Parameters
    ----------
    seconds
        How far: seconds, or a number with s, m, h or d, such as 90, 15m, 36h, 2d.
    """
    _shown(one_twin(common).post("clock", {"advance": _seconds(seconds)}), common)


@app.command(name="set")
def set_to(instant: str, *, common: Common = USUAL) -> None:
    """Jump to an instant, also backwards.

    Parameters
    ----------
    instant
        With a time zone, such as 2026-11-20T12:00:00Z.
    """
    _shown(one_twin(common).post("clock", {"set": instant}), common)
