"""Who may do what: the roles a person has in a connection, and the rights that come with each."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

EVERY_CONNECTION = "*"
"""Stands for a connection's id where a role counts in all of them, also in those that are added later."""


class Role(StrEnum):
    """What somebody is in a connection. One person can be several things."""

    VIEWER = "viewer"
    ACCOUNTANT = "accountant"
    MAPPER = "mapper"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What somebody may do in a connection.

    Deciding on documents and mapping are two rights, so that one person can be kept from doing both (segregation of duties).
    """

    VIEW = "view"
    DECIDE = "decide"
    """Retry, hold, ignore, link, reject, release, run now, pause."""
    MAP = "map"
    """Change what codes become, and which vendors are the same; have what is inactive in QuickBooks made active."""
    ADMINISTER = "administer"
    """Change the connection itself, its settings and credentials, and who may do what in it."""


RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.VIEW}),
    Role.ACCOUNTANT: frozenset({Right.VIEW, Right.DECIDE}),
    Role.MAPPER: frozenset({Right.VIEW, Right.MAP}),
    Role.ADMINISTRATOR: frozenset(Right),
}


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has shown who they are. `actor` names them in the audit; `roles` are by connection id or EVERY_CONNECTION."""

    person_id: str
    name: str
    actor: str
    roles: Mapping[str, frozenset[Role]]
    token_id: int = 0
    """The token of a program that calls; 0 for a person in a browser or at the command line."""
    session_id: int = 0
    """The session of a person in a browser; 0 for a program and at the command line."""
    until: datetime | None = None
    """When that token ends; None where there is none."""
    secret: str = ""
    """What the forms of this visitor's session carry, so that no other page can send them; empty for programs with a token."""

    def rights(self, connection_id: str) -> frozenset[Right]:
        """Everything this visitor may do in a connection; empty where they may not even know of it."""
        held = self.roles.get(connection_id, frozenset()) | self.roles.get(EVERY_CONNECTION, frozenset())
        return frozenset().union(*(RIGHTS[role] for role in held))

    @property
    def administers_some(self) -> bool:
        """Whether this visitor looks after any connection, and so after people in it."""
        return any(Right.ADMINISTER in self.rights(place) for place in self.roles)

    def may(self, connection_id: str, right: Right) -> bool:
        """Whether this visitor has a right in a connection."""
        return right in self.rights(connection_id)


PROGRAM = " (token "
"""Stands between a person's login and the name of the token that one of their programs came with. A login has no spaces."""


def person_behind(actor: str) -> str:
    """Whoever is behind an actor of the audit: somebody at a page and their program with a token are one person."""
    return actor.partition(PROGRAM)[0]


def narrowed(own: Mapping[str, frozenset[Role]], connection_id: str, role: Role) -> dict[str, frozenset[Role]]:
    """What is left of a role given on (to a token) in a connection or EVERY_CONNECTION, where its giver is only `own` now.

    Never more than either: a role counts where all its rights are among those of the giver and those of what was given.
    """
    given = RIGHTS[role]
    places = set(own) if connection_id == EVERY_CONNECTION else {connection_id}
    left: dict[str, frozenset[Role]] = {}
    for place in places:
        held = own.get(place, frozenset()) | own.get(EVERY_CONNECTION, frozenset())
        rights = frozenset[Right]().union(*(RIGHTS[one] for one in held)) & given
        if fitting := frozenset(one for one in Role if RIGHTS[one] <= rights):
            left[place] = fitting
    return left
