"""What somebody who administers one company can have this machine call: the Internet, and nothing behind it."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import httpx2
import pytest

from databases import SqliteFiles
from instruments import VirtualClock
from ml_connector.app import App
from ml_connector.app.egress import PrivateAddressError, PublicTransport, is_public, public_only
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings, SettingsError
from twins.clock import Clock as TwinClock


class Inside:
    """Something that only this machine can reach. It notes whether anybody came."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.came = 0
        Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                one, _ = self.socket.accept()
            except OSError:
                return
            self.came += 1
            one.recv(65536)
            one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
            one.close()


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    made = Inside()
    yield made
    made.socket.close()


def app_of(sqlite_url: str, *, allowed: bool) -> App:
    """Real sockets and a clock that does not wait: what fails is tried again at once."""
    return App(
        Database.open(sqlite_url),
        Vault(MasterKeys(b"w" * 32)),
        clock=VirtualClock(TwinClock(datetime(2026, 11, 20, 9, tzinfo=UTC), running=False)),
        worker="web",
        private_addresses=allowed,
    )


def file_with(url: str) -> ConnectionFile:
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=("X",), base_url=url))
    return ConnectionFile(name="x", settings=settings, secrets={})


def test_a_name_that_means_this_machine_by_the_time_it_is_called_is_not_called(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with DNS rebinding: the name looked like the Internet's when it was saved."""
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda _host, port, *more, **named: real("127.0.0.1", port, *more, **named)
    )
    url = f"http://api.vendor.example:{inside.port}/"

    with (
        httpx2.Client(transport=PublicTransport()) as http,
        pytest.raises(PrivateAddressError, match=r"api\.vendor\.example"),
    ):
        http.get(url)
    assert inside.came == 0

    with httpx2.Client(transport=PublicTransport(f"http://api.vendor.example:{inside.port}")) as http:
        assert http.get(url).text == "secret"  # our own public address is its operator's choice


def test_what_needs_no_connection_is_not_sent_either() -> None:
    """A log server is told by single packets."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
    ):
        listening.bind(("127.0.0.1", 0))
        with public_only() as refused, pytest.raises(OSError, match="private network"):
            one.sendto(b"<14>hello", listening.getsockname())
        assert refused == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("64:ff9b::5db8:d822", True), ("10.1.2.3", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("::1", False), ("fd00:ec2::254", False),
        ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:a00:1::1", False), ("fe80::1%eth0", False),
        ("224.0.0.1", False), ("240.0.0.1", False), ("/run/docker.sock", False),
    ],
)  # fmt: skip
def test_addresses_of_the_internet_are_told_from_all_others(host: str, public: bool) -> None:
    assert is_public(host) is public


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8101", "http://localhost:1", "https://10.0.0.8", "https://169.254.169.254/latest", "https://[::1]/x"]
)  # fmt: skip
def test_an_address_that_says_it_lies_inside_is_refused_when_it_is_saved(sqlite: SqliteFiles, url: str) -> None:
    with sqlite.fresh() as database:
        strict, twins = app_of(database, allowed=False), app_of(database, allowed=True)
        with pytest.raises(SettingsError, match="ML_CONNECTOR_PRIVATE_ADDRESSES"):
            strict.add_connection(file_with(url), {})
        assert twins.add_connection(file_with(url), {}).name == "x"


def test_an_installation_calls_nothing_inside_unless_it_says_so(
    sqlite: SqliteFiles, inside: Inside, caplog: pytest.LogCaptureFixture
) -> None:
    """With whatever client: the addresses were saved while that was allowed, and it is not any more."""
    given = {"basware.client_id": "c", "basware.client_secret": "s", "quickbooks.realm_id": "1"}
    with sqlite.fresh() as database:
        row = app_of(database, allowed=True).add_connection(file_with(f"http://127.0.0.1:{inside.port}"), given)
        strict = app_of(database, allowed=False)
        failed = [line for line in strict.ping(row) if line.id.startswith("basware") and not line.ok]
        assert failed
        assert inside.came == 0
        assert "ML_CONNECTOR_PRIVATE_ADDRESSES" in caplog.text
