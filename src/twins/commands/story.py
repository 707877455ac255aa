"""`story`: the showcase's story, played on running twins chapter by chapter, as standard input asks for it."""

import sys
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from twins.commands.output import print_json
from twins.commands.running import USUAL, twins
from twins.demo_company import basware_tenant
from twins.demo_company.showcase import CHAPTERS, play
from twins.demo_company.showcase.hands import Json

_encode = msgspec.json.Encoder(decimal_format="number").encode


class Reached(Protocol):
    """A twin as the story reaches it: its control interface, and the service itself."""

    def get(self, command: str, **parameters: Any) -> Any:
        """Ask the control interface for something."""
        ...

    def post(self, command: str, body: Any) -> Any:
        """Have the control interface do something."""
        ...

    def call(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Post to the service itself, as any program may."""
        ...


class ReachedHands:
    """People's hands on two twins, through their control interfaces."""

    def __init__(self, quickbooks: Reached, basware: Reached) -> None:
        self._quickbooks, self._basware = quickbooks, basware

    def now(self) -> datetime:
        """The present moment of the twins' clock."""
        return datetime.fromisoformat(self._quickbooks.get("clock")["now"])

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._quickbooks.post("clock", {"advance": seconds})

    def quickbooks(self, company: str, action: str, details: Mapping[str, Any]) -> Any:
        """Do something in QuickBooks' pages."""
        return self._quickbooks.post("act", {"action": action, "company": company, "details": details})["result"]

    def basware(self, company: str, action: str, details: Mapping[str, Any]) -> Any:
        """Do something in Basware's screens."""
        return self._basware.post("act", {"action": action, "company": company, "details": details})["result"]

    def books(self, company: str) -> Mapping[str, list[Json]]:
        """QuickBooks' own books."""
        found: Mapping[str, list[Json]] = self._quickbooks.get("books", company=company)
        return found

    def documents(self, company: str) -> list[Json]:
        """The documents of a tenant."""
        found: list[Json] = self._basware.get("books", company=company)["accountingDocuments"]
        return found

    def refuse(self, field: str, value: str, fault: str) -> None:
        """Have QuickBooks refuse every write of a record whose field holds a value."""
        rule = {"kind": "status", "status": 400, "path": "/batch$", "text": fault, "times": None}
        self._quickbooks.post("faults", rule | {"contains": f'"{field}":"{value}"'})

    def other_program(self, key: str, vendors: list[Json]) -> None:
        """Another program posts vendors, with the tenant's user and password."""
        word = b64encode(f"{key}.api:{basware_tenant.PASSWORD}".encode()).decode()
        headers = {"authorization": f"Basic {word}", "content-type": "application/json"}
        self._basware.call("/v1/vendors", headers, _encode(vendors))


def story() -> None:
    """Play the showcase's story on twins that hold its companies: `serve --company showcase`.

    Reads one line after the other from standard input: the name of a chapter, or `advance SECONDS`. Each is answered with a line
    of JSON once it is done: the time there then, or what went wrong. The first line tells the chapters.
    """
    hands = ReachedHands(*twins(USUAL))
    print_json([{"name": one.name, "after": one.after} for one in CHAPTERS])
    for asked in sys.stdin:
        sys.stdout.flush()
        word, _, rest = asked.strip().partition(" ")
        if word == "advance":
            hands.advance(float(rest))
        else:
            play(asked.strip(), hands)
        print_json({"done": asked.strip(), "now": hands.now()})
        sys.stdout.flush()
