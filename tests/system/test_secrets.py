"""Canaries: every secret of a connection, and every token issued for it, is looked for wherever the product writes anything."""

import base64
import logging
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import text

from databases import SqliteFiles
from ml_connector.basware.errors import BaswareError
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.store import audit, calls, documents
from ml_connector.store.database import Database
from ml_connector.work.ping import ping
from ml_connector.work.views import document_lines, document_view, hold_groups, status_view
from paperwork import invoice, line
from twins.demo_company import basware_seed, quickbooks_seed
from twins.faults import BodyForm, FaultKind, FaultRule
from world import World, build_world

CANARIES = {
    "quickbooks client": "canary-quickbooks-client-4f1b",
    "quickbooks secret": "canary-quickbooks-secret-a77c",
    "first refresh token": "canary-first-refresh-token-90d2",
    "realm": "9130355377388383",
    "basware client": "canary-basware-client-b3e0",
    "basware secret": "canary-basware-secret-51aa",
}


class Eavesdropper(httpx2.BaseTransport):
    """Notes every token that passes in either direction."""

    def __init__(self, beyond: httpx2.BaseTransport) -> None:
        self._beyond = beyond
        self.tokens: set[str] = set()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        _, _, sent = request.headers.get("authorization", "").partition(" ")
        answer = self._beyond.handle_request(request)
        if request.url.path.endswith(("/tokens", "/bearer")) and answer.status_code == 200:
            issued = msgspec.json.decode(answer.content)
            self.tokens |= {str(issued[name]) for name in ("access_token", "refresh_token") if issued.get(name)}
        self.tokens |= {sent} - {""}
        return answer


@pytest.fixture
def scene(
    fast_files: SqliteFiles, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> tuple[dict[str, str], str]:
    """All secrets by name, and everything the product wrote while much went well and much went wrong."""
    caplog.set_level(logging.DEBUG)
    with fast_files.fresh() as url:
        database = Database.open(url)
        world = build_world(database, company=_planted())
        ear = Eavesdropper(world.transport)
        world.restart("under observation", transport=ear)
        written = [*_eventful_days(world), *_shown(world), caplog.text, *capfd.readouterr()]
        path = Path(str(database.engine.url.database))
        files = b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
        with database.read() as tx:
            tx.execute(text("SELECT 1"))
        database.close()
    secrets = CANARIES | {f"token {number}": token for number, token in enumerate(sorted(ear.tokens))}
    return secrets, "\n".join(written) + files.decode("latin-1")


def _planted() -> tuple[dict[str, object], dict[str, object]]:
    own = quickbooks_seed() | {
        "client_id": CANARIES["quickbooks client"],
        "client_secret": CANARIES["quickbooks secret"],
        "refresh_token": CANARIES["first refresh token"],
        "realm_id": CANARIES["realm"],
    }
    other = basware_seed() | {
        "client_id": CANARIES["basware client"],
        "client_secret": CANARIES["basware secret"],
        "accountingDocuments": [],
        "attachments": {},
    }
    return own, other


def _eventful_days(world: World) -> list[str]:
    """Post, hold, lose answers, expire tokens, refuse sign-ins; the errors as a person would read them."""
    said: list[str] = []
    world.quickbooks.switches.rotate_after_seconds = 0
    world.approve(invoice("A-1"))
    world.approve(invoice("A-2", line("5.00", account="6470")))
    world.settle()
    for fault in (
        FaultRule(kind=FaultKind.STATUS, status=401, times=4),
        FaultRule(kind=FaultKind.STATUS, status=500, body=BodyForm.HTML, times=6),
        FaultRule(kind=FaultKind.LOST_AFTER, times=1, path="/batch$|Responses$"),
    ):
        for faults in (world.quickbooks_faults, world.basware_faults):
            faults.add(fault)
        world.approve(invoice(f"B-{len(said)}-{fault.kind.value.replace(' ', '-')}"))
        for _ in range(3):
            try:
                world.run()
            except (QuickBooksError, BaswareError) as error:
                said += [str(error), repr(error)]
            world.clock.advance(3700)
        for faults in (world.quickbooks_faults, world.basware_faults):
            faults.clear()
    world.settle()
    world.quickbooks.sign_in.disconnect(world.realm_id)
    world.basware.revoke_tokens()
    with world.app.probe(world.connection) as probe:
        said += [str(check) for check in ping(world.desk(), probe)]
    assert said
    return said


def _shown(world: World) -> list[str]:
    """Everything a command or a page would show."""
    desk = world.desk()
    with world.database.read() as tx:
        rows = documents.listing(tx, world.connection_id, limit=100)
        told = [
            *audit.listing(tx, world.connection_id, limit=1000),
            *calls.listing(tx, world.connection_id, limit=5000),
        ]
    views = [
        document_lines(desk),
        hold_groups(desk),
        status_view(desk),
        [document_view(desk, row) for row in rows],
        told,
    ]
    return [msgspec.json.encode(view).decode() for view in views] + [repr(desk), repr(world.app.connection("demo"))]


def test_no_secret_is_written_anywhere_in_clear(scene: tuple[dict[str, str], str]) -> None:
    secrets, written = scene
    found = [name for name, secret in secrets.items() if secret in written]
    encoded = [
        name for name, secret in secrets.items() if base64.b64encode(secret.encode()).decode().rstrip("=") in written
    ]

    assert (found, encoded) == ([], [])


def test_the_search_would_find_one(scene: tuple[dict[str, str], str]) -> None:
    secrets, written = scene

    assert "Calloway Thorne" in written
    assert sum(name.startswith("token") for name in secrets) >= 5
