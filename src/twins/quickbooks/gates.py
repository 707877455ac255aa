"""What stands before an operation: the access token (401), company and environment (403), and the company's condition (400).

Throttle and meter stand behind these, in `api.py`.
"""

from datetime import datetime

from twins.http import Request, Response
from twins.quickbooks import xml
from twins.quickbooks.context import Context
from twins.quickbooks.faults import gateway_fault, refusal
from twins.quickbooks.sign_in import Access, SignIn
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, encode

UNAUTHORIZED = {"Www-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
HOSTS = {"quickbooks.api.intuit.com": "production", "sandbox-quickbooks.api.intuit.com": "sandbox"}
"""Intuit's own hosts and the environment of each; a twin answers under any other name as well."""

_STATES = {
    "wrong cluster": ("130", "The company is kept by another cluster; try again later."),
    "locked": ("140", "The company is locked; try again later."),
    "maintenance": ("150", "The company is under maintenance; try again later."),
}


class Gates:
    """Lets requests through to companies."""

    def __init__(self, sign_in: SignIn, switches: Switches) -> None:
        self._sign_in = sign_in
        self._switches = switches

    def open(self, request: Request, realm_id: str, now: datetime, *, as_json: bool) -> Access | Response:
        """What the request's token opens, or the gateway's refusal."""
        as_json = as_json and not self._switches.gateway_xml
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        access = self._sign_in.access(token) if scheme.lower() == "bearer" else None
        if access is None:
            detail = f"Token expired: {token[:8]}" if token else "Malformed bearer token"
            body = gateway_fault("3200", "AuthenticationFailed", detail, kind="AUTHENTICATION", status=401, now=now)
            return _refused(401, body, as_json=as_json, headers=UNAUTHORIZED)
        if self._switches.wrong_environment or HOSTS.get(request.host, self._switches.environment) != (
            self._switches.environment
        ):
            name = "ApplicationAuthorizationFailed"
            body = gateway_fault("3100", name, None, kind="SERVICE", status=403, now=now)
            return _refused(403, body, as_json=as_json)
        refused = self._sign_in.refusal(access, realm_id, now)
        return access if refused is None else _refused(403, refused, as_json=as_json)


def _refused(status: int, body: Json, *, as_json: bool, headers: dict[str, str] | None = None) -> Response:
    if as_json:
        return Response(status, {**(headers or {}), "Content-Type": "application/json"}, encode(body))
    return Response(status, {**(headers or {}), "Content-Type": "application/xml"}, xml.render(body))


def check_state(switches: Switches) -> None:
    """Raises FaultError 130, 140 or 150 when the company cannot be reached at present."""
    if switches.company_state != "open":
        raise refusal(*_STATES[switches.company_state])


def check_writable(context: Context) -> None:
    """Raises FaultError 6190 when the company can only be read."""
    if context.switches.read_only:
        raise refusal("6190", "The subscription of this company has ended or there is a billing problem")
