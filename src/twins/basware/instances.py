"""All of Basware: one twin for each region and environment behind one service, told apart by the host that is called.

Each has tenants, tokens and documents of its own, so the credentials of one are refused by every other, as they are by Basware.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from twins.basware.acts import ACTS
from twins.basware.regions import HOSTS, Place, place_named
from twins.basware.switches import Switches
from twins.basware.twin import BaswareTwin
from twins.clock import Clock
from twins.http import Request, Response
from twins.outgoing import Outbox, Send


class BaswareInstances:
    """The eight systems of Basware. They share the clock and the switches, and nothing else."""

    def __init__(self, clock: Clock, *, switches: Switches | None = None, seed: int = 0) -> None:
        self.switches = switches or Switches()
        self._twins = {
            place: BaswareTwin(clock, switches=self.switches, seed=seed + (number << 32), issuer=host.issuer)
            for number, (place, host) in enumerate(HOSTS.items())
        }
        self._hosts = {name: place for place, host in HOSTS.items() for name in (host.name, *host.others)}
        self._tenants: dict[str, Place] = {}

    # where things are

    @property
    def main(self) -> Place:
        """The system that answers under a host nobody assigned: that of the first tenant, else production in Europe."""
        return next(iter(self._tenants.values()), Place())

    @property
    def used(self) -> list[Place]:
        """Systems that have a tenant, the main one first."""
        return list(dict.fromkeys((self.main, *self._tenants.values())))

    def at(self, place: Place) -> BaswareTwin:
        """The twin of one system."""
        return self._twins[place]

    def assign(self, host: str, place: Place) -> None:
        """Let a host name, with or without a port, stand for a system."""
        self._hosts[host.lower()] = place

    def place_of(self, host: str) -> Place:
        """The system that a host stands for; a name below a known one, as downloads have, belongs to it too."""
        with_port = host.lower()
        name = with_port.rpartition(":")[0] or with_port
        for candidate in (with_port, name):
            if candidate in self._hosts:
                return self._hosts[candidate]
        return next((place for known, place in self._hosts.items() if name.endswith(f".{known}")), self.main)

    # the service

    def handle(self, request: Request) -> Response:
        """Answer a request by the system whose host it names."""
        return self._twins[self.place_of(request.host)].handle(request)

    def connect(self, send: Send) -> None:
        """Say how calls are made while a request is answered."""
        for twin in self._twins.values():
            twin.connect(send)

    @property
    def outboxes(self) -> dict[Place, Outbox]:
        """What each system in use sends on its own."""
        return {place: self._twins[place].outbox for place in self.used}

    @property
    def calls(self) -> dict[str, int]:
        """How many requests came to all systems, by kind, and all of them as `requests`."""
        total: Counter[str] = Counter()
        for twin in self._twins.values():
            total.update(twin.calls)
        return dict(total)

    # tenants

    @property
    def tenants(self) -> Mapping[str, Place]:
        """Client ids in the order they were added, each with the system it lives in."""
        return self._tenants

    def add_tenant(self, seed: Mapping[str, Any]) -> str:
        """Set up a tenant as `BaswareTwin.add_tenant` does, where its keys `region` and `environment` say; return its client id.

        Raises ValueError for an unknown system, and for a client id that any system has already.
        """
        place = place_named(str(seed.get("region") or ""), str(seed.get("environment") or ""))
        if (taken := self._tenants.get(str(seed.get("client_id")))) is not None:
            raise ValueError(f"the client id {seed['client_id']} is taken in {taken.name}")
        client_id = self._twins[place].add_tenant(seed)
        self._tenants[client_id] = place
        return client_id

    def twin_of(self, tenant: str) -> BaswareTwin:
        """The twin a tenant lives in. Raises KeyError."""
        return self._twins[self._tenants[tenant]]

    def act(self, action: str, **details: Any) -> Any:
        """Do what a person does in Basware, in the system of the tenant or the invoice that the details name.

        Raises KeyError for an action, a tenant or an invoice that there isn't, ValueError when nothing tells which tenant.
        """
        if action not in ACTS:
            raise KeyError(f"no action {action}; there are {', '.join(sorted(ACTS))}")
        return self._meant(details).act(action, **details)

    def documents(self, tenant: str = "") -> list[dict[str, Any]]:
        """All accounting documents of a tenant, or of all, oldest change first within a system."""
        return [document for twin in self._owners(tenant) for document in twin.documents(tenant)]

    def answers(self, *, tenant: str = "") -> list[dict[str, Any]]:
        """Every transfer response taken from a tenant's client, or from all."""
        return [answer for twin in self._owners(tenant) for answer in twin.answers(tenant=tenant)]

    def master_data(self, tenant: str = "") -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Imported data as the `interface` shows it, and what `p2p` itself holds, both by list."""
        found: dict[str, dict[str, list[dict[str, Any]]]] = {"interface": {}, "p2p": {}}
        for twin in self._owners(tenant):
            for side, tables in twin.master_data(tenant).items():
                for name, rows in tables.items():
                    found[side].setdefault(name, []).extend(rows)
        return found

    def p2p_rows(self, table: str, tenant: str = "") -> list[dict[str, Any]]:
        """What P2P has in one of its tables, of a tenant or of all."""
        return [row for twin in self._owners(tenant) for row in twin.p2p_rows(table, tenant)]

    def p2p_tables(self, tenant: str = "") -> list[str]:
        """The tables of P2P that hold anything."""
        return sorted({name for twin in self._owners(tenant) for name in twin.p2p_tables(tenant)})

    def subscriptions(self, tenant: str) -> list[dict[str, Any]]:
        """A tenant's subscriptions, without their keys. Raises KeyError."""
        return self.twin_of(tenant).subscriptions(tenant)

    def check(self) -> list[str]:
        """Everything that should never be, in any system."""
        return [problem for twin in self._twins.values() for problem in twin.check()]

    def revoke_tokens(self) -> None:
        """Make every access token of every system worthless."""
        for twin in self._twins.values():
            twin.revoke_tokens()

    def _owners(self, tenant: str) -> Iterator[BaswareTwin]:
        yield from [self.twin_of(tenant)] if tenant else (self._twins[place] for place in self.used)

    def _meant(self, details: Mapping[str, Any]) -> BaswareTwin:
        if details.get("tenant"):
            return self.twin_of(str(details["tenant"]))
        invoice_id = details.get("invoice_id")
        for twin in self._owners(""):
            if len(self.used) == 1 or (invoice_id and twin.holds(str(invoice_id))):
                return twin
        raise ValueError(f"name the tenant, one of: {', '.join(self._tenants)}")
