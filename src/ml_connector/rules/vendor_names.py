"""Names of vendors in QuickBooks, which must be free among vendors, customers and employees, inactive ones included (Intuit, 6240).

A name that is taken gets the vendor code behind it, if the company chose so: clear, and always the same.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from ml_connector.rules.texts import clean

LIMIT = 500
"""Longest DisplayName (Intuit's entity reference, Vendor)."""


class TakenName(StrEnum):
    """What happens to a vendor whose name another record of QuickBooks has."""

    HOLD = "hold"
    SUFFIX = "suffix"


class Names:
    """Every name in use in a QuickBooks company. Names differ whatever their case."""

    def __init__(self, holders: Iterable[tuple[str, str, str]]) -> None:
        """`holders`: name, a word for the kind of record, and its id."""
        self._holders: dict[str, list[tuple[str, str]]] = {}
        for name, kind, key in holders:
            self._holders.setdefault(_folded(name), []).append((kind, key))

    def holder(self, name: str, *, but: str = "") -> str:
        """Who else has a name, such as `customer 12`; empty when nobody but the vendor `but` has it."""
        others = [
            f"{kind} {key}" for kind, key in self._holders.get(_folded(name), ()) if (kind, key) != ("vendor", but)
        ]
        return others[0] if others else ""

    def take(self, name: str, key: str) -> None:
        """A vendor gets this name."""
        self._holders.setdefault(_folded(name), []).append(("vendor", key))


def name_in_quickbooks(
    name: str, code: str, names: Names, policy: TakenName, *, latin1_only: bool, vendor: str = "", shown: str = ""
) -> tuple[str | None, str]:
    """The name a vendor has in QuickBooks, and who has the one it should have. `vendor`: its id there; `shown`: its name now.

    None for a name that cannot be had. A suffix stays once it is there, also when the plain name becomes free: names people know
    do not change by themselves.
    """
    plain = clean(name.replace(":", " "), limit=LIMIT, latin1_only=latin1_only, single_line=True).text
    if not plain:
        return None, ""
    suffixed = with_suffix(plain, code)
    if shown and shown == suffixed:
        return suffixed, ""
    holder = names.holder(plain, but=vendor)
    if not holder:
        return plain, ""
    if policy is TakenName.SUFFIX and code and not names.holder(suffixed, but=vendor):
        return suffixed, holder
    return None, holder


def with_suffix(name: str, code: str) -> str:
    """A name with the vendor code behind it, never too long."""
    suffix = f" ({code})"
    return name[: LIMIT - len(suffix)].rstrip() + suffix


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def free_code(wanted: Mapping[str, str], taken: Iterable[str], limit: int) -> dict[str, str]:
    """The vendor code of each vendor that Basware is to get, by QuickBooks id: its vendor number where that is free and fits, else
    `QB` and its id. `wanted`: vendor numbers by id. The same number of two vendors goes to the one with the lower id."""
    used = {one.casefold() for one in taken}
    given: dict[str, str] = {}
    for key in sorted(wanted, key=lambda one: (len(one), one)):
        number = " ".join(wanted[key].split())
        fits = 0 < len(number) <= limit and number.casefold() not in used
        code = number if fits else f"QB{key}"
        while code.casefold() in used:
            code = f"{code}-{key}"[:limit]
        used.add(code.casefold())
        given[key] = code
    return given
