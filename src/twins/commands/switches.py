"""`switches …`: behaviours of the twins that nobody documents, or that differ from company to company."""

from typing import Any

import msgspec
from cyclopts import App

from twins.commands.output import CommandError, print_json, print_table
from twins.commands.running import USUAL, Common, Which, by_twin, one_twin, twins

app = App(name="switches", help="Behaviours that can be turned: undocumented points, conditions of a company.")


@app.command
def show(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """List all switches with what they mean.

    Parameters
    ----------
    twin
        Only this twin.
    """
    found = [(one, one.get("switches/described")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, rows in found:
        print_table(one.name, ("Switch", "Stands at", "Default", "Can be", "Means"), map(_cells, rows))


@app.command(name="set")
def set_to(twin: Which, *settings: str, common: Common = USUAL) -> None:
    """Set switches, all or none.

    Parameters
    ----------
    twin
        Which twin.
    settings
        As name=value; null takes a limit away.
    """
    asked = one_twin(common, twin)
    kinds = {row["name"]: row["kind"] for row in asked.get("switches/described")}
    stand = asked.post("switches", dict(_setting(text, kinds) for text in settings))
    print_json(stand) if common.json else print_table("", ("Switch", "Stands at"), stand.items())


def _setting(text: str, kinds: dict[str, str]) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"{text!r} is no setting; write name=value.")
    if value == "null" or kinds.get(name) != "text":
        try:
            return name, msgspec.json.decode(value)
        except msgspec.DecodeError:
            return name, value  # the twin says what it takes
    return name, value


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    can_be = ", ".join(row["choices"]) or row["kind"]
    return (
        row["name"],
        row["value"],
        row["default"],
        f"{can_be} or null" if row["may_be_null"] else can_be,
        row["help"],
    )
