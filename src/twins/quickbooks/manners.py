"""QuickBooks Online as bad luck imitates it: names of its operations, bodies of its errors, fields with listed values.

Source: Intuit's error code page and bodies seen on the wire (`faults.py`); what stands in front of the service (gateway, edge)
answers in its own ways, so 500, 502, 503 and 504 also come as HTML or XML.
"""

from collections.abc import Mapping
from datetime import datetime

from twins.http import Request
from twins.manners import VendorError
from twins.quickbooks.faults import MESSAGES, Problem, gateway_fault, throttled
from twins.quickbooks.values import envelope_time

_API = "/v3/company/"
_ENUMERATIONS = frozenset(
    {
        "AccountType", "AccountSubType", "Classification", "BillableStatus", "DetailType", "EmailStatus", "GlobalTaxCalculation",
        "PayType", "POStatus", "PostingType", "PrintStatus", "status", "SubItemType", "TaxApplicableOn", "TxnType", "Type",
    }
)  # fmt: skip
"""Fields of type enumeration in Intuit's entity schema."""

_SIGN_IN = {
    "/connect/oauth2": "sign-in.authorize",
    "/oauth2/v1/tokens/bearer": "sign-in.token",
    "/v2/oauth2/tokens/revoke": "sign-in.revoke",
    "/v1/openid_connect/userinfo": "sign-in.userinfo",
}
_WHOLE = frozenset({"query", "batch", "cdc", "upload"})

_GATEWAY = {
    "120": (400, "AuthorizationFault", "the person who connected the company may no longer do so"),
    "130": (400, "AuthenticationFault", "the company is served elsewhere for the moment"),
    "140": (400, "AuthenticationFault", "the company is locked for the moment"),
    "150": (400, "AuthenticationFault", "the company is under maintenance"),
    "10000": (500, "SystemFault", "an error inside the service; whether a write was done is not known"),
    "10200": (400, "SystemFault", "the company was reset, as sandboxes are"),
}
"""Codes with another status or fault type than a refusal by the rules of the books, and what each means."""


class QuickBooksManners:
    """The manners of QuickBooks Online. Errors are named by Intuit's codes."""

    def operation(self, request: Request) -> str:
        """`query`, `batch`, `cdc`, `upload`, an entity with what is done to it (`bill.create`), or `sign-in.token` and the like."""
        if not request.path.startswith(_API):
            return _SIGN_IN.get(request.path, "")
        resource, _, key = request.path.removeprefix(_API).partition("/")[2].lower().partition("/")
        if resource in _WHOLE:
            return resource
        if request.method == "GET":
            return f"{resource}.pdf" if key.endswith("/pdf") else f"{resource}.read"
        if "void" in request.parameter("include").lower().split(","):
            return f"{resource}.void"
        usual = "update" if b'"SyncToken"' in request.body else "create"
        return f"{resource}.{request.parameter('operation').lower() or usual}"

    def enumerations(self) -> frozenset[str]:
        """Fields of type enumeration in Intuit's entity schema."""
        return _ENUMERATIONS

    def errors(self) -> Mapping[str, str]:
        """By code, with the heading of Intuit's list or what it means."""
        return {
            "3001": "throttled",
            "3100": "the application is not authorized for the company",
            "3200": "the access token has expired",
            **{code: meaning for code, (_, _, meaning) in _GATEWAY.items()},
            **{code: message for code, message in MESSAGES.items() if code not in _GATEWAY},
        }

    def error(self, name: str, now: datetime, request_id: str) -> VendorError:  # noqa: ARG002 - QuickBooks names it in a header
        """The answer for a code. Raises KeyError for one that the table does not have."""
        if name == "3001":
            return VendorError(429, throttled(now))
        if name == "3100":
            detail = "The application is not authorized for this company"
            body = gateway_fault(
                "3100", "ApplicationAuthorizationFailed", detail, kind="AUTHORIZATION", status=403, now=now
            )
            return VendorError(403, body)
        if name == "3200":
            body = gateway_fault(
                "3200", "AuthenticationFailed", "Token expired", kind="AUTHENTICATION", status=401, now=now
            )
            return VendorError(401, body, {"Www-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'})
        if name in _GATEWAY:
            status, kind, meaning = _GATEWAY[name]
            detail = "System Failure Error: something went wrong inside the service" if name == "10000" else meaning
            error = {"Message": "An application error has occurred while processing your request", "Detail": detail}
            entry = {**error, "code": name, "element": ""}
        else:
            status, kind, entry = 400, "ValidationFault", Problem(name, MESSAGES[name]).body()
        return VendorError(status, {"Fault": {"Error": [entry], "type": kind}, "time": envelope_time(now)})
