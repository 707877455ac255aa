"""A small Basware tenant, and a caller that speaks plain HTTP to it."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from twins.basware import BaswareTwin, Switches
from twins.clock import Clock
from twins.http import Request, Response

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SCOPES = [
    "accountingDocuments.read",
    "accountingDocuments.write",
    "companies.read",
    "requestStatus.read",
    "requestStatus.write",
]


def basic(name: str, word: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()


@dataclass
class Caller:
    """Requests of one client, signed in with HTTP Basic unless told otherwise."""

    twin: BaswareTwin
    clock: Clock
    host: str = "basware.test"
    authorization: str = basic("interface", "pass word")

    def send(
        self, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None, *, anonymous: bool = False
    ) -> Response:
        sent = {} if anonymous else {"Authorization": self.authorization}
        if not isinstance(body, bytes):
            body = msgspec.json.Encoder(decimal_format="number").encode(body)
            sent["Content-Type"] = "application/json"
        url = path if path.startswith("http") else f"https://{self.host}{path}"
        return self.twin.handle(Request.build(method, url, (sent | (headers or {})).items(), body))

    def get(self, path: str, headers: dict[str, str] | None = None, *, anonymous: bool = False) -> Response:
        return self.send("GET", path, headers=headers, anonymous=anonymous)

    def post(self, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> Response:
        return self.send("POST", path, body, headers)

    def answer(self, invoice_id: str, **changes: Any) -> Response:
        """Send a transfer response, successful unless changed."""
        body = {
            "externalCode": "r1",
            "success": True,
            "responseMessage": "Bill created",
            "paymentBlock": False,
            **changes,
        }
        return self.post(f"/v1/accountingDocuments/{invoice_id}/transferResponses", body)

    def pay(self, invoice_id: str, **changes: Any) -> Response:
        body = {"externalCode": "p1", "success": True, "paymentBlock": False, **changes}
        return self.post(f"/v1/accountingDocuments/{invoice_id}/paymentResponses", body)

    def acknowledge(self, invoice_id: str) -> Response:
        return self.post(f"/v1/accountingDocuments/{invoice_id}/acknowledge")

    def token(self, form: str, authorization: str = basic("client", "secret")) -> Response:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if authorization:
            headers["Authorization"] = authorization
        return self.send("POST", "/v1/tokens", form.encode(), headers, anonymous=True)

    def read_all(self, query: str) -> list[list[str]]:
        """Invoice ids page by page."""
        pages: list[list[str]] = []
        headers: dict[str, str] = {}
        while True:
            page = self.get(f"/v1/accountingDocuments?{query}", headers)
            if page.status == 404:
                return pages
            pages.append([item["invoiceId"] for item in parsed(page)["accountingDocuments"]])
            token = page.headers.get("x-amz-meta-continuationtoken")
            if not token:
                return pages
            headers = {"x-amz-meta-continuationtoken": token}


def parsed(answer: Response) -> Any:
    return msgspec.json.Decoder(float_hook=Decimal).decode(answer.body)


def invoice(number: int, **changes: Any) -> dict[str, Any]:
    """A waiting invoice over 1 080.00."""
    return {
        "invoiceId": f"inv{number}",
        "processingStatus": "WaitingForTransfer",
        "companyCode": "US10",
        "supplierCode": "V-1",
        "currencyCode": "USD",
        "paymentBlock": False,
        "invoiceNumber": f"NW-{number}",
        "invoiceDate": "2026-11-02T00:00:00",
        "netSum": Decimal("1000.00"),
        "grossSum": Decimal("1080.00"),
        "paymentMethod": "Check",
        "lastUpdated": f"2026-11-10T08:{number % 60:02}:00.000Z",
        "codingRows": [
            {"externalCode": f"row{number}", "rowIndex": 1, "accountCode": "6150", "netTotal": Decimal("1000.00")}
        ],
        **changes,
    }


def tenant(documents: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {
        "client_id": "client",
        "client_secret": "secret",
        "user": "interface",
        "password": "pass word",
        "bwcid": "004711.TEST",
        "scopes": SCOPES,
        "companies": [{"companyCode": "US10", "name": "Demo Holdings"}],
        "accountingDocuments": documents,
        "attachments": {},
        **changes,
    }


IMPORTED = (
    "accounts companies costCenters errorFeedbacks exchangeRates lists matchingOrderLines matchingOrders paymentTerms projects "
    "requestStatus taxCodes taskStatus vendors"
)
ALL_RIGHTS = SCOPES + [f"{name}.{right}" for name in IMPORTED.split() for right in ("read", "write", "delete")]


@dataclass
class Importer(Caller):
    """A caller with all rights, and its view of what becomes of what it posts."""

    def put(self, path: str, *records: dict[str, Any]) -> str:
        """Post records that must be accepted; the request id."""
        answer = self.post(f"/v1/{path}", list(records))
        assert answer.status == 200, answer.body
        return answer.headers["x-amzn-RequestId"]

    def patch(self, path: str, **changes: Any) -> Response:
        return self.send("PATCH", f"/v1/{path}", changes)

    def delete(self, path: str, **what: Any) -> Response:
        return self.send("DELETE", f"/v1/{path}", what)

    def found(self, path: str) -> Any:
        """The body of a GET that must find something."""
        answer = self.get(f"/v1/{path}")
        assert answer.status == 200, (path, answer.status, answer.body)
        return parsed(answer)

    def status(self, request_id: str) -> dict[str, Any]:
        [shown] = self.found(f"requestStatus/{request_id}")["requestStatus"]
        return shown

    def outcomes(self, request_id: str) -> dict[str, str]:
        """What became of each record of a request."""
        [system] = self.status(request_id)["systems"]
        return {item["externalCode"]: item["status"] for item in system["items"]}

    def complaints(self, request_id: str) -> list[str]:
        """Everything P2P says about the records of a request."""
        [system] = self.status(request_id)["systems"]
        return [error["message"] for item in system["items"] for error in item["errors"]]

    def in_p2p(self, table: str) -> list[dict[str, Any]]:
        return self.twin.p2p_rows(table)


def named(text: str) -> list[dict[str, str]]:
    return [{"language": "en-US", "translation": text}]


def vendor(number: int | str, **changes: Any) -> dict[str, Any]:
    return {
        "externalCode": f"E-{number}",
        "vendorCode": f"V-{number}",
        "name": f"Vendor {number}",
        "companies": [{"companyCode": "US10", "inheritToChildUnits": True}],
        **changes,
    }


def account(number: int | str, **changes: Any) -> dict[str, Any]:
    companies = [{"companyCode": "US10", "inherit": True, "active": True}]
    names = named(f"Account {number}")
    return {
        "externalCode": f"A-{number}",
        "accountCode": f"{number}",
        "accountNames": names,
        "companies": companies,
        **changes,
    }


def term(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "externalCode": f"T-{code}",
        "paymentTermCode": code,
        "paymentTermNames": named(code),
        "validFrom": "2020-01-01",
        "validTo": "2099-12-31",
        "companies": [{"companyCode": "US10", "inherit": True, "active": True}],
        **changes,
    }


def order(number: int | str, **changes: Any) -> dict[str, Any]:
    return {
        "externalCode": f"O-{number}",
        "orderNumber": f"PO-{number}",
        "sourceSystem": "QBO",
        "companyCode": "US10",
        "organizationElementCode": "US10",
        "supplierCode": "V-1",
        "currencyCode": "USD",
        **changes,
    }


def order_line(number: int | str, **changes: Any) -> dict[str, Any]:
    return {
        "externalCode": f"L-{number}",
        "orderExternalCode": "O-1",
        "lineNumber": f"{number}",
        "matchingMode": "Standard",
        "quantity": 10,
        "netPrice": Decimal("2.50"),
        "isDeleted": False,
        **changes,
    }


EXPORTED = (
    "accountingDocuments exportedContracts exportedContractSpends exportedPurchaseOrders exportedPurchaseRequisitions "
    "purchaseGoodsReceipts subscriptions tasks"
)
EVERY_SCOPE = ALL_RIGHTS + [f"{name}.{right}" for name in EXPORTED.split() for right in ("read", "write", "delete")]


class Tools:
    """What the tests build with."""

    named = staticmethod(named)
    vendor = staticmethod(vendor)
    account = staticmethod(account)
    term = staticmethod(term)
    order = staticmethod(order)
    order_line = staticmethod(order_line)

    @staticmethod
    def importer(**seed: Any) -> Importer:
        """A caller with all rights at a tenant that has company US10 and whatever the seed adds."""
        clock = Clock(NOON, running=False)
        twin = BaswareTwin(clock)
        twin.add_tenant(tenant([], scopes=ALL_RIGHTS, **seed))
        return Importer(twin, clock)

    all_scopes = EVERY_SCOPE

    @staticmethod
    def everything(documents: list[dict[str, Any]], **seed: Any) -> Caller:
        """A caller that may do all there is, at a tenant with these documents and whatever the seed adds."""
        clock = Clock(NOON, running=False)
        twin = BaswareTwin(clock)
        twin.add_tenant(tenant(documents, scopes=EVERY_SCOPE, **seed))
        return Caller(twin, clock)

    basic = staticmethod(basic)
    parsed = staticmethod(parsed)
    invoice = staticmethod(invoice)
    tenant = staticmethod(tenant)
    noon = NOON

    @staticmethod
    def caller(documents: list[dict[str, Any]], **changes: Any) -> Caller:
        clock = Clock(NOON, running=False)
        twin = BaswareTwin(clock, switches=Switches(redirect="large"))  # so that short answers come in one hop
        twin.add_tenant(tenant(documents, **changes))
        return Caller(twin, clock)


@pytest.fixture
def tools() -> type[Tools]:
    return Tools


@pytest.fixture
def importer() -> Importer:
    """A caller with all rights at an empty tenant with company US10."""
    return Tools.importer()


@pytest.fixture
def caller() -> Caller:
    """Three waiting invoices of US10."""
    return Tools.caller([invoice(number) for number in (1, 2, 3)])
