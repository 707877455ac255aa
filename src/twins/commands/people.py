"""`act`: what a person does in either system, behind the back of whoever uses its interface."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from twins.commands.output import CommandError, print_json, print_table
from twins.commands.running import USUAL, Common, Twin, Which, by_twin, one_twin, twins

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
TEXT = "text"


def act(
    twin: Which | None = None,
    name: str = "",
    *details: str,
    company: str = "",
    common: Common = USUAL,
) -> None:
    """Do something as a person would in QuickBooks or Basware; without a name, list what can be done.

    Parameters
    ----------
    twin
        Where the person is: quickbooks or basware.
    name
        What the person does.
    details
        As name=value. Text is taken as it stands; anything else is JSON, and name=@FILE reads the value from a file.
    company
        Realm id or client id, where a twin holds several.
    """
    if not name:
        _list(common, twin)
        return
    asked = one_twin(common, twin)
    acts = {one["name"]: one for one in asked.get("acts")}
    if name not in acts:
        raise CommandError(f"Nobody can {name!r} there. Known: {', '.join(sorted(acts))}.")
    kinds = {one["name"]: one["kind"] for one in acts[name]["parameters"]}
    given = dict(_detail(text, kinds) for text in details)
    result = asked.post("act", {"action": name, "company": company, "details": given})["result"]
    print_json(result)


def _list(common: Common, twin: str | None) -> None:
    found = [(one, one.get("acts")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, acts in found:
        print_table(_title(one), ("Act", "Details", "What happens"), map(_cells, acts))


def _title(one: Twin) -> str:
    return f"act {one.name} NAME detail=value …"


def _cells(act: dict[str, Any]) -> tuple[str, str, str]:
    details = (one["name"] if one["required"] else f"[{one['name']}]" for one in act["parameters"])
    return (act["name"], " ".join(details), act["help"].partition("\n\n")[0])


def _detail(text: str, kinds: dict[str, str]) -> tuple[str, Any]:
    """A detail as it was typed, in the kind the act takes. Raises CommandError."""
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"{text!r} is no detail; write name=value.")
    if name not in kinds:
        raise CommandError(f"The act takes no {name!r}. It takes: {', '.join(kinds) or 'nothing'}.")
    if value.startswith("@"):
        try:
            value = Path(value[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{value[1:]} can't be read: {error}") from error
    if kinds[name] == TEXT:
        return name, value
    try:
        return name, _decode(value)
    except msgspec.DecodeError:
        if value[:1] in {"{", "[", '"'}:
            raise CommandError(f"{name} is no JSON: {value}") from None
        return name, value  # a word where anything is taken stands for itself
