"""Company codes of Basware's that no connection takes over: which of those that wait are nobody's, who says so, and in which words.

Pure: what waits and which connections there are is handed in.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One connection of a sign-in at Basware, with the companies it takes over. `works`: nobody paused or disconnected it.

    `elsewhere` are companies that, by its settings, another program takes over.
    """

    connection_id: str
    companies: tuple[str, ...]
    works: bool
    elsewhere: tuple[str, ...] = ()


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How much of one company waits in Basware to be taken over. `prebookings` are invoices that wait for an answer before they are
    approved. `vendors` are those that other programs gave to Basware: they wait for nothing, but nobody takes them over."""

    documents: int = 0
    prebookings: int = 0
    orders: int = 0
    vendors: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        """Both together."""
        mine, others = msgspec.structs.asdict(self), msgspec.structs.asdict(other)
        return Waiting(**{name: number + others[name] for name, number in mine.items()})

    @property
    def waits(self) -> bool:
        """Whether anything stands still because nobody takes it over."""
        return bool(self.documents or self.prebookings or self.orders)


def spokesman(claims: Sequence[Claim]) -> str:
    """The one connection that looks and tells for all with its sign-in: the oldest that works, so that nothing is told twice."""
    return next((one.connection_id for one in claims if one.works), "")


def taken_care_of(claims: Collection[Claim]) -> frozenset[str]:
    """Companies nobody has to be told of. A paused connection counts: its documents wait because somebody wanted that."""
    return frozenset(code for one in claims for code in (*one.companies, *one.elsewhere))


def nobodys(waiting: Mapping[str, Waiting], claims: Collection[Claim]) -> dict[str, Waiting]:
    """What waits and belongs to no connection, by company code."""
    known = taken_care_of(claims)
    return {code: found for code, found in sorted(waiting.items()) if code not in known}


def unclaimed_message(code: str, found: Waiting) -> str:
    """What a person has to know and do about one company."""
    kinds = (
        (found.documents, "approved document"), (found.prebookings, "prebooked invoice"),
        (found.orders, "exported order"), (found.vendors, "vendor"),
    )  # fmt: skip
    parts = [f"{number} {what}{'s' if number > 1 else ''}" for number, what in kinds if number]
    listed = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    one = found.documents + found.prebookings + found.orders + found.vendors == 1
    stands = ("waits" if one else "wait") if found.waits else ("is" if one else "are")
    return (
        f"{listed} of Basware company {code} {stands} in Basware, and no connection takes that "
        f"company over. Add {code} to company_codes of the connection whose QuickBooks company it belongs to, or add a connection "
        f"for it. If another program takes it over, add {code} to elsewhere in [basware.unclaimed]."
    )
