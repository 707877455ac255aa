"""Libraries nobody here wrote, unchanged, with their own idea of Intuit's addresses; only the network leads to a twin.

Every HTTP connection of the `requests` library goes to a twin on loopback, under the name the library asked for, as if that were
what the name resolves to. Nothing of the libraries is replaced.
"""

import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import requests
import requests.sessions
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from requests.adapters import HTTPAdapter

from quickbooks import QuickBooks
from twins.clock import Clock
from twins.quickbooks import QuickBooksTwin
from twins.serve import TwinServer

REDIRECT = "http://localhost:8000/callback"
SHOWN: dict[str, list[dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "shown.toml").read_text())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each entity the table names beside it."""
    if "entity" in metafunc.fixturenames:
        entries = [each for each in SHOWN["python-quickbooks"] if each["test"] == metafunc.function.__name__]
        metafunc.parametrize("entity", entries[0]["entities"])


class Network(HTTPAdapter):
    """Carries a request for any of Intuit's hosts to the twin; other hosts can't be reached."""

    def __init__(self, server: TwinServer) -> None:
        super().__init__()
        self._server = server

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send to the twin, telling it the host that was asked for."""
        asked = urlsplit(str(request.url))
        if not str(asked.hostname).endswith(".intuit.com") and asked.hostname != "127.0.0.1":
            raise requests.ConnectionError(f"no route to {asked.hostname}", request=request)
        there = request.copy()
        there.headers["Host"] = asked.netloc
        there.url = urlunsplit((*urlsplit(self._server.url)[:2], *asked[2:]))
        answer = super().send(there, *args, **options)
        answer.url = str(request.url)
        return answer


@pytest.fixture(scope="session")
def shown() -> dict[str, list[dict[str, Any]]]:
    """The table of what is shown, by library."""
    return SHOWN


@pytest.fixture
def twin() -> QuickBooksTwin:
    """Two companies, one at home in the US and one abroad with tax and currencies.

    The clock runs, since the libraries look at their own; nothing is throttled, since they can't wait.
    """
    made = QuickBooksTwin(Clock())
    made.switches.throttle = False
    made.switches.consent = "grant at once"
    made.add_company(_seed("1001", "US", "USD"))
    made.add_company(_seed("1002", "NO", "NOK"))
    return made


@pytest.fixture
def network(twin: QuickBooksTwin, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwinServer]:
    """The twin in Intuit's place."""
    adapters: list[Network] = []

    def adapter() -> Network:
        adapters.append(Network(server))
        return adapters[-1]

    with TwinServer(twin) as server:
        monkeypatch.setattr(requests.sessions, "HTTPAdapter", adapter)
        yield server
        for each in adapters:
            each.close()


@pytest.fixture
def auth_client(network: TwinServer) -> Iterator[AuthClient]:
    """Intuit's own OAuth client for the sandbox."""
    with closing(AuthClient("app", "secret", REDIRECT, "sandbox")) as client:
        yield client


@pytest.fixture
def sign_in(network: TwinServer) -> Callable[..., dict[str, str]]:
    """The way a browser goes: follow the client's authorization address, come back with a code, let the client exchange it."""

    def through(client: AuthClient, *scopes: Scopes, realm_id: str = "1001") -> dict[str, str]:
        with requests.Session() as browser:
            address = f"{client.get_authorization_url(list(scopes))}&realmId={realm_id}"
            answer = browser.get(address, allow_redirects=False)
        back = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
        assert back.pop("state") == client.state_token
        client.get_bearer_token(back["code"], realm_id=back.get("realmId"))
        return back

    return through


@pytest.fixture
def connect(auth_client: AuthClient, sign_in: Callable[..., dict[str, str]]) -> Iterator[Callable[[str], QuickBooks]]:
    """The way to connect python-quickbooks to a company."""
    made: list[QuickBooks] = []

    def to(realm_id: str) -> QuickBooks:
        sign_in(auth_client, Scopes.ACCOUNTING, realm_id=realm_id)
        made.append(
            QuickBooks(
                auth_client=auth_client,
                refresh_token=auth_client.refresh_token,
                company_id=auth_client.realm_id,
                minorversion=75,
                use_decimal=True,
            )
        )
        return made[-1]

    yield to
    for client in made:
        client.session.close()


@pytest.fixture
def client(connect: Callable[[str], QuickBooks], twin: QuickBooksTwin) -> Iterator[QuickBooks]:
    """python-quickbooks in the company at home; whatever was done there, the books are sound afterwards."""
    yield connect("1001")
    assert twin.check("1001") == []


@pytest.fixture
def abroad(connect: Callable[[str], QuickBooks]) -> QuickBooks:
    """python-quickbooks in the company abroad."""
    return connect("1002")


def _seed(realm_id: str, country: str, home: str) -> dict[str, Any]:
    abroad = country != "US"
    return {
        "realm_id": realm_id,
        "client_id": "app",
        "client_secret": "secret",
        "refresh_token": f"RT1-{realm_id}",
        "redirect_uris": [REDIRECT],
        "CompanyInfo": {"CompanyName": f"Company {realm_id}", "Country": country},
        "Preferences": {
            "AccountingInfoPrefs": {
                "TrackDepartments": True,
                "ClassTrackingPerTxnLine": True,
                "UseAccountNumbers": True,
            },
            "CurrencyPrefs": {"MultiCurrencyEnabled": abroad, "HomeCurrency": {"value": home}},
            "TaxPrefs": {"UsingSalesTax": abroad},
        },
        "entities": {
            "Account": [
                {"Id": "10", "Name": "Checking", "AcctNum": "1010", "AccountType": "Bank"},
                {"Id": "20", "Name": "Office", "AcctNum": "6000", "AccountType": "Expense"},
                {"Id": "31", "Name": "Accounts Payable (A/P)", "AcctNum": "2000", "AccountType": "Accounts Payable"},
            ],
            "Vendor": [{"Id": "50", "DisplayName": "Nordlys Print"}],
            "Customer": [{"Id": "60", "DisplayName": "Acme"}],
            "Employee": [{"Id": "65", "DisplayName": "Ada Byron", "GivenName": "Ada", "FamilyName": "Byron"}],
            "Item": [{"Id": "40", "Name": "Toner", "ExpenseAccountRef": {"value": "20"}}],
            "TaxAgency": [{"Id": "1", "DisplayName": "Skatteetaten"}] if abroad else [],
            "TaxRate": [{"Id": "6", "Name": "25% Purchases", "RateValue": 25}] if abroad else [],
            "TaxCode": [
                {"Id": "5", "Name": "25%", "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "6"}}]}}
            ]
            if abroad
            else [],
            "CompanyCurrency": [{"Id": "1", "Code": "EUR", "Name": "Euro"}] if abroad else [],
            "ExchangeRate": [{"SourceCurrencyCode": "EUR", "Rate": 12, "AsOfDate": "2026-01-02"}] if abroad else [],
        },
    }
