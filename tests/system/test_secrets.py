"""Canaries: every secret of a connection, and every token issued for it, is looked for wherever the product writes anything."""

import base64
import json
import logging
from contextlib import suppress

import httpx2
import msgspec
import pytest

from canaries import MASTER_KEY, PLANTED, Eavesdropper, all_secrets, dump, planted_company, planted_vault, sightings
from feed_scenes import arrive, file
from ml_connector.app import App
from ml_connector.basware import webhooks as basware_webhooks
from ml_connector.basware.errors import BaswareError
from ml_connector.basware.webhooks import Form
from ml_connector.quickbooks import webhooks as quickbooks_webhooks
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store import alerts, audit, calls, deliveries, document_lists
from ml_connector.store.database import Database
from ml_connector.store.deliveries import DeliveryFilter
from ml_connector.store.errors import StoreError
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.connection_status import status_view
from ml_connector.work.feed_settings import NetworkSettings
from ml_connector.work.hold_views import hold_groups
from ml_connector.work.ping import ping
from ml_connector.work.registry import PERFORM, enabled_jobs
from ml_connector.work.rotation import rotate
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.views import document_lines, document_view
from paperwork import invoice, line
from twins.faults import BodyForm, FaultKind, FaultRule
from web import served
from world import World, build_world

pytestmark = pytest.mark.both_databases

FAULTS = (
    FaultRule(kind=FaultKind.STATUS, status=401, times=4),
    FaultRule(kind=FaultKind.STATUS, status=500, body=BodyForm.HTML, times=6),
    FaultRule(kind=FaultKind.STATUS, status=429, times=3),
    FaultRule(kind=FaultKind.STATUS, status=400, times=3),
    FaultRule(kind=FaultKind.TRUNCATED, times=3),
    FaultRule(kind=FaultKind.LOST_BEFORE, times=2),
    FaultRule(kind=FaultKind.LOST_AFTER, times=1, path="/batch$|Responses$"),
)

Scene = tuple[dict[str, str], list[str | bytes]]


@pytest.fixture
def scene(database: Database, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Scene:
    """All secrets by name, and everything the product wrote while much went well and much went wrong."""
    caplog.set_level(logging.DEBUG)
    world = build_world(database, company=planted_company(), vault=planted_vault())
    world.change_settings(_with_network, PLANTED)
    ear = Eavesdropper(world.transport)
    world.restart("under observation", transport=ear)
    written: list[str | bytes] = [*_web(world), *_eventful_days(world), *_sign_ins_refused(world), *_shown(world)]
    written += [*_bad_keys(world), caplog.text, *capfd.readouterr(), dump(database)]
    return all_secrets(ear.tokens), written


def _with_network(settings: ConnectionSettings) -> ConnectionSettings:
    basware = msgspec.structs.replace(settings.basware, network=NetworkSettings(enabled=True))
    return msgspec.structs.replace(settings, basware=basware)


def _web(world: World) -> list[str]:
    """Webhooks good and bad, and every address a browser may open; what was answered, headers included."""
    event = {
        "specversion": "1.0", "id": "88cd52aa", "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": "qbo.vendor.updated.v1", "datacontenttype": "application/json", "time": "2026-11-20T10:00:00Z",
        "intuitentityid": "56", "intuitaccountid": PLANTED["quickbooks.realm_id"], "data": {},
    }  # fmt: skip
    good = json.dumps([event]).encode()
    answers: list[httpx2.Response] = []
    with served(world.app) as url, httpx2.Client(base_url=url) as client:
        for body, token in (
            (good, "quickbooks.webhook_token"),
            (good, "quickbooks.old_webhook_token"),
            (b"{", "basware.password"),
        ):
            headers = {"intuit-signature": quickbooks_webhooks.signature(body, PLANTED[token])}
            answers.append(client.post("/webhooks/quickbooks", content=body, headers=headers))
        task = b'{"taskType":"ConnectionTest"}'
        for body, token in ((task, "basware.webhook_token"), (task, "quickbooks.webhook_token")):
            headers = {"X-BWAPI-Signature-256": basware_webhooks.signature(body, PLANTED[token], Form.HEX)}
            answers.append(client.post("/webhooks/basware", content=body, headers=headers))
        asked = {
            "code": PLANTED["basware.password"],
            "state": "no such state",
            "realmId": PLANTED["quickbooks.realm_id"],
        }
        answers.append(client.get("/connect/quickbooks/callback", params=asked))
        answers += [
            client.get(path)
            for path in ("/healthz", "/readyz", "/connect/done", "/connect/quickbooks/none", "/nothing")
        ]
    assert {answer.status_code for answer in answers} >= {200, 401, 302, 404}
    return [f"{answer.status_code} {answer.headers} {answer.text}" for answer in answers]


def _eventful_days(world: World) -> list[str]:
    """Post, hold, take over from the Network, do every job, lose answers, expire tokens; the errors as a person would read them."""
    said: list[str] = []
    world.quickbooks.switches.rotate_after_seconds = 0
    world.approve(invoice("A-1"))
    world.approve(invoice("A-2", line("5.00", account="6470")))
    arrive(world, files={"scan.pdf": file()})
    world.settle()
    said += _every_job(world)
    for number, fault in enumerate(FAULTS):
        for faults in (world.quickbooks_faults, world.basware_faults):
            faults.add(fault)
        world.approve(invoice(f"B-{number}"))
        for _ in range(3):
            try:
                world.run()
            except (QuickBooksError, BaswareError) as error:
                said += [str(error), repr(error)]
            world.clock.advance(3700)
        said += [*_every_job(world), *_checked(world)]
        for faults in (world.quickbooks_faults, world.basware_faults):
            faults.clear()
    world.settle()
    assert said
    return said


def _every_job(world: World) -> list[str]:
    said = []
    for job in sorted(enabled_jobs(world.desk().settings)):
        desk = world.app.desk(world.app.connection("demo"), job=job)
        desk.take_lease()
        try:
            said.append(repr(PERFORM[job](desk)))
        except (QuickBooksError, BaswareError, UnreadableError) as error:
            said += [str(error), repr(error), repr(error.__cause__)]
        finally:
            desk.release_lease()
            desk.close()
    return said


def _checked(world: World) -> list[str]:
    with world.app.probe(world.app.connection("demo"), public_url="https://nobody.test") as probe:
        return [str(check) for check in ping(world.desk(), probe)] + [repr(probe)]


def _sign_ins_refused(world: World) -> list[str]:
    """Every credential wrong once, and the grants ended; each told by the check and by a run."""
    said: list[str] = []
    for field in ("quickbooks.client_secret", "basware.client_secret", "basware.network_password"):
        world.change_settings(lambda settings: settings, {field: f"wrong, and not {field}"})
        world.basware.revoke_tokens()
        world.clock.advance(3700)
        said += [*_checked(world), *_every_job(world)]
        world.change_settings(lambda settings: settings, {field: PLANTED[field]})
    world.quickbooks.sign_in.disconnect(world.realm_id)
    world.clock.advance(3700)
    said += [*_checked(world), *_every_job(world)]
    assert any("sign" in one for one in said)
    return said


def _bad_keys(world: World) -> list[str]:
    """What is said where the key is wrong, and by a change of keys."""
    stranger = Vault(MasterKeys(b"n" * 32))
    said = [repr(rotate(world.database, stranger)), repr(world.vault.keys)]
    with suppress(StoreError):
        locked_out = App(world.database, stranger, clock=world.clock, transport=world.transport)
        try:
            locked_out.desk(locked_out.connection("demo"))
        except StoreError as error:
            said += [str(error), repr(error), repr(error.__cause__)]
            raise
    said.append(repr(rotate(world.database, Vault(MasterKeys(b"n" * 32, (MASTER_KEY,))))))
    return said


def _shown(world: World) -> list[str]:
    """Everything a command or a page would show."""
    desk = world.desk()
    with world.database.read() as tx:
        rows = document_lists.listing(tx, world.connection_id, limit=100)
        told = [
            *audit.listing(tx, world.connection_id, limit=5000),
            *calls.listing(tx, world.connection_id, limit=5000),
            *alerts.listing(tx, world.connection_id),
            *deliveries.listing(tx, DeliveryFilter()),
        ]
    views = [
        document_lines(desk),
        hold_groups(desk),
        status_view(desk),
        [document_view(desk, row) for row in rows],
        told,
    ]
    return [msgspec.json.encode(view).decode() for view in views] + [repr(desk), repr(world.app.connection("demo"))]


def test_no_secret_is_written_anywhere_in_clear_though_there_was_every_occasion(scene: Scene) -> None:
    secrets, written = scene

    assert sightings(secrets, *written) == []
    everything = b"\n".join(one.encode() if isinstance(one, str) else one for one in written)
    for seen in (b"Calloway Thorne", b"mlc1:", b"was not given", b"401", b"notifications", b"intuit_tid", b"signature"):
        assert seen in everything, seen
    assert sum(name.startswith("token") for name in secrets) >= 10


@pytest.mark.parametrize("name", ["basware.password", "quickbooks.realm_id", "master key"])
def test_the_search_finds_a_secret_in_every_form_it_could_slip_out(name: str) -> None:
    secret = all_secrets()[name]
    raw = secret.encode()
    slips: list[bytes] = [raw, raw.hex().encode(), json.dumps({"a": secret}).encode()]
    slips += [_base64_within(before, raw) for before in (b"", b"u", b"us", b"user:")]
    for slip in slips:
        assert sightings({name: secret}, b"noise" + slip + b"noise"), slip
    assert sightings({name: secret}, b"noise" + raw[:-1]) == []


def _base64_within(before: bytes, raw: bytes) -> bytes:
    return base64.b64encode(before + raw + b"after")
