"""Companies to try the QuickBooks twin on, and a caller that speaks plain HTTP to it."""

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from twins.clock import Clock
from twins.http import Request, Response
from twins.quickbooks import QuickBooksTwin
from twins.quickbooks.events import Change
from twins.quickbooks.sign_in import App

REALM = "9130357"
decode = msgspec.json.Decoder(float_hook=Decimal).decode
encode = msgspec.json.Encoder(decimal_format="number").encode


@pytest.fixture(autouse=True, scope="module")
def books_stay_sound() -> Any:
    """After every request and every act that changes a company, its books have to add up."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(QuickBooksTwin, "handle", audited(QuickBooksTwin.handle))
        patched.setattr(QuickBooksTwin, "act", audited(QuickBooksTwin.act))
        yield


def audited(step: Any) -> Any:
    """A step of the twin, with its companies' books looked into afterwards wherever something was changed."""

    def stepped(twin: QuickBooksTwin, *given: Any, **named: Any) -> Any:
        changed: set[str] = set()

        def note(change: Change) -> None:
            changed.add(change.realm_id)

        for company in twin.companies.values():
            company.listeners.append(note)
        try:
            return step(twin, *given, **named)
        finally:
            for company in twin.companies.values():
                company.listeners.remove(note)
            assert {realm: twin.check(realm) for realm in changed} == {realm: [] for realm in changed}

    return stepped


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


class Caller:
    """Calls one company of a twin and unpacks the answers."""

    def __init__(self, twin: QuickBooksTwin, clock: Clock, realm: str, refresh_token: str) -> None:
        self.twin = twin
        self.clock = clock
        self.realm = realm
        self.refresh_token = refresh_token
        self.access_token = ""
        self.number = 0

    def token_call(self, *, headers: dict[str, str] | None = None, **form: str) -> tuple[int, Any]:
        given = {"authorization": basic("app", "secret"), **(headers or {})}
        request = Request("POST", "oauth", "/oauth2/v1/tokens/bearer", (), given, urlencode(form).encode())
        answer = self.twin.handle(request)
        return answer.status, decode(answer.body)

    def refresh(self, value: str = "", **headers: str) -> tuple[int, Any]:
        status, body = self.token_call(
            headers=headers, grant_type="refresh_token", refresh_token=value or self.refresh_token
        )
        if status == 200:
            self.access_token, self.refresh_token = body["access_token"], body["refresh_token"]
        return status, body

    def raw(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **query: Any
    ) -> Response:
        given = {
            "authorization": f"Bearer {self.access_token}",
            "accept": "application/json",
            "content-type": "application/json",
            **(headers or {}),
        }
        content = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        pairs = tuple((name, str(value)) for name, value in query.items())
        return self.twin.handle(
            Request(method, "quickbooks", f"/v3/company/{self.realm}/{path}", pairs, given, content)
        )

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        answer = self.raw(method, path, body, **query)
        return answer.status, decode(answer.body)

    def post(self, entity: str, body: Any, **query: Any) -> dict[str, Any]:
        status, answer = self.call("POST", entity.lower(), body, **query)
        assert status == 200, answer
        return answer[entity]

    def get(self, entity: str, key: str) -> dict[str, Any]:
        status, answer = self.call("GET", f"{entity.lower()}/{key}")
        assert status == 200, answer
        return answer[entity]

    def refused(self, entity: str, body: Any, **query: Any) -> dict[str, Any]:
        """The first error of a write that must be refused."""
        status, answer = self.call("POST", entity.lower(), body, **query)
        assert status == 400, answer
        return answer["Fault"]["Error"][0]

    def code(self, entity: str, body: Any, **query: Any) -> str:
        return self.refused(entity, body, **query)["code"]

    def query(self, statement: str) -> dict[str, Any]:
        status, answer = self.call("GET", "query", query=statement)
        assert status == 200, answer
        return answer["QueryResponse"]

    def query_code(self, statement: str) -> str:
        status, answer = self.call("GET", "query", query=statement)
        assert status == 400, answer
        return answer["Fault"]["Error"][0]["code"]

    def batch(self, *items: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        numbered = [{"bId": str(position), **item} for position, item in enumerate(items, start=1)]
        status, answer = self.call("POST", "batch", {"BatchItemRequest": numbered}, **query)
        assert status == 200, answer
        return answer["BatchItemResponse"]

    def act(self, action: str, **details: Any) -> dict[str, Any]:
        return self.twin.act(self.realm, action, **details)

    # bodies

    @staticmethod
    def line(amount: Any = "100.00", account: str = "20", **detail: Any) -> dict[str, Any]:
        references = {name: {"value": value} if name.endswith("Ref") else value for name, value in detail.items()}
        return {
            "Amount": Decimal(str(amount)),
            "DetailType": "AccountBasedExpenseLineDetail",
            "AccountBasedExpenseLineDetail": {"AccountRef": {"value": account}, **references},
        }

    def bill(self, *lines: dict[str, Any], vendor: str = "50", **fields: Any) -> dict[str, Any]:
        return {"VendorRef": {"value": vendor}, "TxnDate": "2026-10-20", "Line": list(lines) or [self.line()], **fields}

    @staticmethod
    def side(
        side: str, amount: Any, account: str, *, vendor: str = "", customer: str = "", **detail: Any
    ) -> dict[str, Any]:
        kind, party = ("Vendor", vendor) if vendor else ("Customer", customer)
        entity = {"Entity": {"Type": kind, "EntityRef": {"value": party}}} if party else {}
        return {
            "Amount": Decimal(str(amount)),
            "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": account}, **entity, **detail},
        }

    @staticmethod
    def payment(total: Any, *links: tuple[str, str, Any], vendor: str = "50", **fields: Any) -> dict[str, Any]:
        return {
            "VendorRef": {"value": vendor},
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": {"value": "10"}},
            "TotalAmt": Decimal(str(total)),
            "TxnDate": "2026-10-25",
            "Line": [
                {"Amount": Decimal(str(amount)), "LinkedTxn": [{"TxnId": key, "TxnType": kind}]}
                for kind, key, amount in links
            ],
            **fields,
        }


def seed(*, country: str = "US", home: str = "USD", multicurrency: bool = False) -> dict[str, Any]:
    foreign_accounts = [
        {"Id": "12", "Name": "Bank EUR", "AccountType": "Bank", "CurrencyRef": {"value": "EUR"}},
        {
            "Id": "32",
            "Name": "Accounts Payable (A/P) - EUR",
            "AccountType": "Accounts Payable",
            "CurrencyRef": {"value": "EUR"},
        },
    ]
    accounts = [
        {"Id": "10", "Name": "Checking", "AcctNum": "1010", "AccountType": "Bank"},
        {"Id": "11", "Name": "Accounts Receivable (A/R)", "AcctNum": "1200", "AccountType": "Accounts Receivable"},
        {"Id": "15", "Name": "Company card", "AcctNum": "2050", "AccountType": "Credit Card"},
        {"Id": "20", "Name": "Office", "AcctNum": "6000", "AccountType": "Expense"},
        {"Id": "21", "Name": "Software", "AcctNum": "6010", "AccountType": "Expense", "ParentRef": {"value": "20"}},
        {"Id": "22", "Name": "Old costs", "AcctNum": "6999", "AccountType": "Expense", "Active": False},
        {
            "Id": "25",
            "Name": "VAT",
            "AcctNum": "2700",
            "AccountType": "Other Current Liability",
            "AccountSubType": "GlobalTaxPayable",
        },
        {"Id": "31", "Name": "Accounts Payable (A/P)", "AcctNum": "2000", "AccountType": "Accounts Payable"},
        *(foreign_accounts if multicurrency else []),
    ]
    vendors = [
        {"Id": "50", "DisplayName": "Nordlys Print", "AcctNum": "V-1"},
        {"Id": "51", "DisplayName": "Café Zoë"},
        {"Id": "52", "DisplayName": "Gone Ltd", "Active": False},
        *([{"Id": "53", "DisplayName": "Müller GmbH", "CurrencyRef": {"value": "EUR"}}] if multicurrency else []),
    ]
    rates = [
        {"Id": "6", "Name": "25% Purchases", "RateValue": 25},
        {"Id": "7", "Name": "12% Purchases", "RateValue": 12},
        {"Id": "8", "Name": "25% Sales", "RateValue": 25},
    ]
    codes = [
        {"Id": "5", "Name": "25%", "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "6"}}]}},
        {"Id": "9", "Name": "12%", "PurchaseTaxRateList": {"TaxRateDetail": [{"TaxRateRef": {"value": "7"}}]}},
        {"Id": "14", "Name": "25% sales only", "PurchaseTaxRateList": {"TaxRateDetail": []}},
    ]
    return {
        "realm_id": REALM,
        "client_id": "app",
        "client_secret": "secret",
        "refresh_token": "RT1-first",
        "CompanyInfo": {"CompanyName": "Trial Company", "Country": country},
        "Preferences": {
            "AccountingInfoPrefs": {
                "TrackDepartments": True,
                "ClassTrackingPerTxnLine": True,
                "UseAccountNumbers": True,
            },
            "CurrencyPrefs": {"MultiCurrencyEnabled": multicurrency, "HomeCurrency": {"value": home}},
            "TaxPrefs": {"UsingSalesTax": country != "US"},
            "OtherPrefs": {
                "NameValue": [
                    {"Name": "WarnDuplicateBillNumber", "Value": "true"},
                    {"Name": "WarnDuplicateJournalNumber", "Value": "true"},
                ]
            },
        },
        "entities": {
            "Account": accounts,
            "Vendor": vendors,
            "Customer": [
                {"Id": "60", "DisplayName": "Acme"},
                {"Id": "61", "DisplayName": "Pier", "ParentRef": {"value": "60"}},
            ],
            "Employee": [{"Id": "65", "DisplayName": "Ada Byron", "GivenName": "Ada", "FamilyName": "Byron"}],
            "Department": [{"Id": "1", "Name": "Norway"}, {"Id": "2", "Name": "Oslo", "ParentRef": {"value": "1"}}],
            "Class": [{"Id": "5000000000000142240", "Name": "Marketing"}],
            "Term": [
                {"Id": "3", "Name": "Net 30", "DueDays": 30},
                {"Id": "4", "Name": "On the 10th", "DayOfMonthDue": 10, "DueNextMonthDays": 5},
            ],
            "Item": [
                {"Id": "40", "Name": "Toner", "ExpenseAccountRef": {"value": "20"}},
                {"Id": "41", "Name": "Advice we sell"},
            ],
            "TaxRate": [] if country == "US" else rates,
            "TaxCode": [] if country == "US" else codes,
            "CompanyCurrency": [{"Id": "1", "Code": "EUR"}, {"Id": "2", "Code": "GBP"}] if multicurrency else [],
            "ExchangeRate": [
                {"SourceCurrencyCode": "EUR", "Rate": Decimal("1.0825"), "AsOfDate": "2026-10-01"},
                {"SourceCurrencyCode": "EUR", "Rate": Decimal("1.0911"), "AsOfDate": "2026-10-15"},
            ]
            if multicurrency
            else [],
        },
    }


def caller(company: dict[str, Any]) -> Caller:
    clock = Clock(datetime(2026, 11, 2, 12, 0, 0, tzinfo=UTC), running=False)
    twin = QuickBooksTwin(clock)
    twin.switches.throttle = False
    twin.add_company(company)
    made = Caller(twin, clock, company["realm_id"], company["refresh_token"])
    made.refresh()
    return made


@pytest.fixture
def qbo() -> Caller:
    """A US company with one currency."""
    return caller(seed())


@pytest.fixture
def world() -> Caller:
    """A US company with several currencies."""
    return caller(seed(multicurrency=True))


@pytest.fixture
def nordic() -> Caller:
    """A company outside the US, with purchase tax."""
    return caller(seed(country="NO", home="NOK"))


@pytest.fixture
def make_caller() -> Any:
    """The way to make further callers, with their seeds."""
    return lambda **options: caller(seed(**options))


@pytest.fixture
def make_seeded() -> Any:
    """The way to make companies that have more records from the start, by entity; options are `seed`'s."""

    def made(options: dict[str, Any] | None = None, **more: list[dict[str, Any]]) -> Caller:
        company = seed(**(options or {}))
        for entity, records in more.items():
            company["entities"][entity] = company["entities"].get(entity, []) + records
        return caller(company)

    return made


@pytest.fixture(scope="module")
def make_world() -> Any:
    """The way to make a company with several currencies that many generated documents share."""
    return lambda: caller(seed(multicurrency=True))


@pytest.fixture(scope="module")
def nordic_company() -> Caller:
    """A company outside the US that many generated bills share."""
    return caller(seed(country="NO", home="NOK"))


def application(qbo: Caller, client_id: str) -> Caller:
    """Another application that the same company agreed to, calling for it."""
    qbo.twin.sign_in.register(App(client_id=client_id, client_secret="secret"))
    qbo.twin.sign_in.grant(qbo.realm, client_id, f"RT1-{client_id}")
    made = Caller(qbo.twin, qbo.clock, qbo.realm, f"RT1-{client_id}")
    made.refresh(authorization=basic(client_id, "secret"))
    return made


@pytest.fixture
def make_application() -> Any:
    """The way to make further applications of a company."""
    return application


@pytest.fixture
def second_application(qbo: Caller) -> Caller:
    """Another application that the US company agreed to."""
    return application(qbo, "app-2")


@pytest.fixture
def second_company(qbo: Caller) -> Caller:
    """Another company of the same service with the same records, connected to an application of its own."""
    keys = {"realm_id": "9130358", "client_id": "app-2", "client_secret": "secret", "refresh_token": "RT1-second"}
    qbo.twin.add_company({**seed(), **keys})
    made = Caller(qbo.twin, qbo.clock, keys["realm_id"], keys["refresh_token"])
    made.refresh(authorization=basic("app-2", "secret"))
    return made
