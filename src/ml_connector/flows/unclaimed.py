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
    """How much of one company waits in Basware to be taken over."""

    documents: int = 0
    orders: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        """Both together."""
        return Waiting(documents=self.documents + other.documents, orders=self.orders + other.orders)


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
    parts = []
    if found.documents:
        parts.append(f"{found.documents} approved document{'s' if found.documents > 1 else ''}")
    if found.orders:
        parts.append(f"{found.orders} exported order{'s' if found.orders > 1 else ''}")
    one = found.documents + found.orders == 1
    return (
        f"{' and '.join(parts)} of Basware company {code} {'waits' if one else 'wait'} in Basware, and no connection takes that "
        f"company over. Add {code} to company_codes of the connection whose QuickBooks company it belongs to, or add a connection "
        f"for it. If another program takes it over, add {code} to elsewhere in [basware.unclaimed]."
    )
