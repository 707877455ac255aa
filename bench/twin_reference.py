"""Writes docs/twins/reference.md: acts, switches, faults, hosts and control commands, as the twins themselves describe them.

python bench/twin_reference.py            # prints the page
python bench/twin_reference.py --write    # puts it where it belongs; a test compares the two
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from twins import described
from twins.basware import BaswareInstances
from twins.basware.regions import HOSTS
from twins.clock import Clock
from twins.control import COMMANDS, PREFIX
from twins.described import Parameter
from twins.faults import BodyForm, FaultKind, FaultRule
from twins.luck import LuckRule, Mishap
from twins.panels import BaswarePanel, Panel, QuickBooksPanel
from twins.quickbooks.twin import QuickBooksTwin

PAGE = Path(__file__).resolve().parents[1] / "docs" / "twins" / "reference.md"

_HEAD = """# Reference of the twins

Everything the twins know by name. `python bench/twin_reference.py --write` writes this page from the twins themselves. What it
is all for stands in the [guide](README.md)."""


def page() -> str:
    """The whole page."""
    clock = Clock()
    panels: tuple[tuple[str, Panel], ...] = (
        ("QuickBooks", QuickBooksPanel(QuickBooksTwin(clock))),
        ("Basware", BaswarePanel(BaswareInstances(clock))),
    )
    parts = [_HEAD]
    for name, panel in panels:
        parts += [f"## Acts in {name}", _acts(panel)]
    for name, panel in panels:
        parts += [f"## Switches of {name}", _switches(panel)]
    parts += ["## Kinds of faults", _table(("Kind", "What happens"), described.member_texts(FaultKind).items())]
    parts += ["## Parts of a fault rule", _fields(FaultRule)]
    parts += ["## Shapes of a false answer", ", ".join(f"`{form.value}`" for form in BodyForm)]
    for name, panel in panels:
        parts += [
            f"## Errors of {name}",
            _table(("Error", "Means"), sorted(panel.manners.errors().items(), key=_order)),
        ]
    parts += ["## Bad luck for notifications", _table(("Kind", "What happens"), described.member_texts(Mishap).items())]
    parts += ["## Parts of a luck rule", ", ".join(f"`{name}`" for name in LuckRule.__dataclass_fields__)]
    parts += ["## Hosts of Basware", _hosts()]
    parts += ["## Control commands", _commands()]
    return "\n\n".join(parts) + "\n"


def _acts(panel: Panel) -> str:
    rows = []
    for act in panel.acts():
        details = ", ".join(f"`{one.name}`" if one.required else f"[`{one.name}`]" for one in act.parameters)
        rows.append((act.name, details or "none", " ".join(act.help.split())))
    return _table(("Act", "Details", "What happens"), rows)


def _switches(panel: Panel) -> str:
    rows = [
        (one.name, f"`{_json(one.default)}`", _can_be(one), one.help)
        for one in described.fields_of(type(panel.switches))
    ]
    return _table(("Switch", "Default", "Can be", "Means"), rows)


def _fields(shape: type[Any]) -> str:
    rows = [
        (one.name, "none" if one.required else f"`{_json(one.default)}`", _can_be(one), one.help)
        for one in described.fields_of(shape)
    ]
    return _table(("Part", "Default", "Can be", "Means"), rows)


def _can_be(one: Parameter) -> str:
    kinds = ", ".join(f"`{choice}`" for choice in one.choices) or one.kind
    return f"{kinds} or null" if one.may_be_null else kinds


def _hosts() -> str:
    rows = [
        (place.name, f"`{host.name}`", host.confidence.value, ", ".join(f"`{name}`" for name in host.others) or "none")
        for place, host in HOSTS.items()
    ]
    return _table(("System", "Host", "Found", "Other spellings"), rows, plain=True)


def _commands() -> str:
    rows = [(f"{one.method} {PREFIX}{one.name}", "yes" if one.lists else "", one.help) for one in COMMANDS]
    return _table(("Command", "In pages", "Does"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, plain: bool = False) -> str:
    """A table whose first column is in code type."""
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for first, *others in rows:
        cells = [first if plain else f"`{first}`", *(cell.replace("|", "\\|") for cell in others)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _order(row: tuple[str, str]) -> tuple[int, str]:
    """Numbers by their size."""
    return (int(row[0]) if row[0].isdigit() else 0, row[0])


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
