"""Scenes of the Basware Network and of Data Access, for tests: the feeds switched on, documents that arrive, what came of them."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from ml_connector.store import alerts, network
from ml_connector.store.alerts import AlertRow
from ml_connector.store.network import NetworkRow
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings
from ml_connector.work.settings import ConnectionSettings
from twins.demo_company.basware_tenant import NETWORK
from world import World

SECRETS = {"basware.network_user": NETWORK["user"], "basware.network_password": NETWORK["password"]}


def with_feeds(
    world: World, *, network: NetworkSettings | None = None, extracts: ExtractsSettings | None = None
) -> None:
    """Save the connection again with these feeds."""

    def change(settings: ConnectionSettings) -> ConnectionSettings:
        own = settings.basware
        changed = msgspec.structs.replace(own, network=network or own.network, extracts=extracts or own.extracts)
        return msgspec.structs.replace(settings, basware=changed)

    world.change_settings(change, SECRETS)


def invoice(number: str = "NW-77", *, total: Any = 1080.25, **more: Any) -> dict[str, Any]:
    """The content of a document as a supplier sends it."""
    return {
        "externalDocumentIdentifier": number,
        "issueDate": "2026-11-18",
        "documentCurrencyCode": "USD",
        "accountingSupplierParty": {"party": {"partyName": [{"name": "Northwind Ltd."}]}},
        "legalMonetaryTotal": {"payableAmount": total},
        "orderReference": {"id": "PO-7701"},
        "invoiceLines": [{"id": "1"}],
        **more,
    }


def file(content: bytes = b"%PDF-1.7", content_type: str = "application/pdf") -> dict[str, str]:
    """A file as the twin takes it."""
    return {"content_base64": base64.b64encode(content).decode(), "content_type": content_type}


def arrive(world: World, data: Mapping[str, Any] | None = None, **details: Any) -> str:
    """Let a document arrive in the Network; its bumId."""
    return str(world.basware.act("receive_document", data=data or invoice(), **details))


def document(world: World, bum_id: str) -> NetworkRow:
    """A document on its way, as the product keeps it."""
    with world.database.read() as tx:
        row = network.get(tx, world.connection_id, bum_id)
    assert row is not None
    return row


def open_alerts(world: World, kind: str) -> list[AlertRow]:
    """What a person is told of one kind."""
    with world.database.read() as tx:
        return [one for one in alerts.listing(tx, world.connection_id) if one.kind == kind]


def mailbox(world: World) -> Any:
    """The company's side of the Network, in the twin's own books."""
    [tenant] = world.basware._world.tenants.values()
    return tenant.network
