"""The web application around its endpoints: health, headers, what the log shows, and what an error shows."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from ml_connector.app import App
from ml_connector.console.application import create_application
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault

pytestmark = pytest.mark.both_databases

Office = Any


def test_health_is_the_process_and_readiness_the_database(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    healthy, ready = (office.client.get(f"{office.url}/{name}") for name in ("healthz", "readyz"))
    assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})

    monkeypatch.setattr(office.app.database, "is_current", lambda: False)
    assert office.client.get(f"{office.url}/healthz").status_code == 200
    assert office.client.get(f"{office.url}/readyz").status_code == 503


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/webhooks/quickbooks"])
def test_every_answer_carries_the_headers_a_browser_needs_to_be_told(office: Office, path: str) -> None:
    headers = office.client.get(office.url + path).headers

    assert headers["cache-control"] == "no-cache, no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_strict_transport_is_asked_for_behind_a_proxy_that_encrypts(office: Office) -> None:
    encrypted = office.client.get(f"{office.url}/healthz", headers={"X-Forwarded-Proto": "https"})

    assert "strict-transport-security" in encrypted.headers
    assert "strict-transport-security" not in office.client.get(f"{office.url}/healthz").headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_there_are_no_pages_about_the_interface(office: Office, path: str) -> None:
    assert office.client.get(office.url + path).status_code == 404


def test_the_log_has_no_query_and_no_line_breaks_of_a_stranger(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "ml_connector.access"):
        office.client.get(f"{office.url}/healthz?code=secret-code")
        office.client.get(f"{office.url}/x%0AFORGED%20LINE")

    said = "\n".join(record.getMessage() for record in caplog.records if record.name == "ml_connector.access")
    assert "GET /healthz 200" in said
    assert "secret-code" not in said
    assert "\nFORGED" not in said


def test_an_error_shows_nothing_of_itself(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    app = App(database, Vault(MasterKeys(b"w" * 32)), worker="web")
    application = create_application(app)

    @application.get("/broken")
    async def broken() -> None:
        raise ValueError("token-in-the-message")

    status, shown = _ask(application)

    assert status == 500
    assert b"token-in-the-message" not in shown
    assert "token-in-the-message" not in caplog.text
    assert "ValueError at" in caplog.text


def _ask(application: Callable[..., Any]) -> tuple[int, bytes]:
    """One request straight into the application."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/broken", "raw_path": b"/broken", "scheme": "http",
        "query_string": b"", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "root_path": "",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)
