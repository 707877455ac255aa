"""The authorization endpoint: a page that asks a person, and the way back to the application with the answer.

Sources: Intuit's OAuth 2.0 guide (parameters, callback with realmId, page not to be framed); RFC 6749 §4.1.2.1 for refusals. An
unknown application or an address that is not registered is told to the person and never redirected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from twins.http import Request, Response
from twins.quickbooks.sign_in import pages
from twins.quickbooks.sign_in.answers import form_of, not_allowed, redirect
from twins.quickbooks.sign_in.apps import App, Apps
from twins.quickbooks.sign_in.grants import CODE_SECONDS, Consent, Grants
from twins.quickbooks.sign_in.people import Person
from twins.quickbooks.sign_in.scopes import COMPANY_SCOPES, asked
from twins.quickbooks.switches import Switches

_ONCE = ("client_id", "response_type", "scope", "redirect_uri", "state", "nonce")


class Directory(Protocol):
    """Who may connect what."""

    def connectable(self) -> Mapping[str, str]:
        """Names of the companies whose administrator is at the screen, by realm id."""
        ...

    def person(self, realm_id: str) -> Person:
        """The person at the screen, as the administrator of a company; of any company when the realm id is empty."""
        ...


@dataclass(frozen=True)
class _Asked:
    """A well-formed authorization request on its way through the page."""

    app: App
    redirect_uri: str
    state: str
    nonce: str
    scopes: frozenset[str]
    expires: float

    @property
    def for_company(self) -> bool:
        """Whether a company has to be chosen."""
        return bool(self.scopes & COMPANY_SCOPES)


class ConsentEndpoint:
    """Shows the page, takes the answer. A page can be answered once, within ten minutes."""

    def __init__(self, apps: Apps, grants: Grants, switches: Switches, directory: Directory) -> None:
        self._apps = apps
        self._grants = grants
        self._switches = switches
        self._directory = directory
        self._open: dict[str, _Asked] = {}

    def handle(self, request: Request) -> Response:
        """Answer a request to the page."""
        if request.method == "GET":
            return self._ask(request)
        return self._answer(request) if request.method == "POST" else not_allowed("GET", "POST")

    def code_for(self, app: App, realm_id: str, redirect_uri: str, scopes: frozenset[str], nonce: str = "") -> str:
        """The code a person's agreement comes to."""
        person = self._directory.person(realm_id)
        consent = Consent(realm_id, app.client_id, scopes, person, self._grants.now(), nonce)
        return self._grants.code_for(consent, redirect_uri)

    def _ask(self, request: Request) -> Response:
        names = [name for name, _value in request.query]
        app = self._apps.get(request.parameter("client_id"))
        redirect_uri, state = request.parameter("redirect_uri"), request.parameter("state")
        if app is None:
            return pages.problem("The client_id query parameter value is invalid.")
        if not self._apps.accepts(app, redirect_uri):
            return pages.problem("The redirect_uri query parameter value is invalid.")
        if any(names.count(name) > 1 for name in _ONCE):
            return redirect(redirect_uri, error="invalid_request", state=state)
        if wrong := self._objection(request):
            return redirect(redirect_uri, error=wrong, state=state)
        scopes = asked(request.parameter("scope")) or frozenset()
        expires = self._grants.now() + CODE_SECONDS
        return self._offer(
            _Asked(app, redirect_uri, state, request.parameter("nonce"), scopes, expires), request.parameter("realmId")
        )

    def _objection(self, request: Request) -> str:
        """The error code a request's parameters earn, or nothing."""
        kind = request.parameter("response_type")
        if not kind or (self._switches.require_state and not request.parameter("state")):
            return "invalid_request"
        if kind != "code":
            return "unsupported_response_type"
        return "" if asked(request.parameter("scope")) else "invalid_scope"

    def _offer(self, wanted: _Asked, realm_id: str) -> Response:
        """Show the page, unless a switch answers in the person's place."""
        if self._switches.consent == "deny at once":
            return redirect(wanted.redirect_uri, error="access_denied", state=wanted.state)
        offered = self._offered(wanted)
        if self._switches.consent == "grant at once":
            if not wanted.for_company:
                return self._agreed(wanted, "")
            chosen = realm_id or (next(iter(offered)) if len(offered) == 1 else "")
            if chosen in offered:
                return self._agreed(wanted, chosen)
        ticket = self._grants.value("ticket", wanted.app.client_id)[:40]
        self._open = {key: each for key, each in self._open.items() if each.expires > self._grants.now()}
        self._open[ticket] = wanted
        question = pages.Question(
            app=wanted.app.name,
            person=self._directory.person(realm_id if realm_id in offered else ""),
            scopes=wanted.scopes,
            for_company=wanted.for_company,
            companies=offered,
            chosen=realm_id,
            ticket=ticket,
            redirect_uri=wanted.redirect_uri,
        )
        return pages.consent(question)

    def _answer(self, request: Request) -> Response:
        form = form_of(request) or {}
        wanted = self._open.pop(form.get("ticket", ""), None)
        if wanted is None or wanted.expires <= self._grants.now():
            return pages.problem(
                "This page has expired or was answered already. Go back to the application and connect again."
            )
        if form.get("decision") != "connect":
            return redirect(wanted.redirect_uri, error="access_denied", state=wanted.state)
        chosen = form.get("company", "") if wanted.for_company else ""
        if wanted.for_company and chosen not in self._offered(wanted):
            return pages.problem("You can only connect a company of which you are an administrator.")
        return self._agreed(wanted, chosen)

    def _offered(self, wanted: _Asked) -> Mapping[str, str]:
        return self._directory.connectable() if wanted.for_company else {}

    def _agreed(self, wanted: _Asked, realm_id: str) -> Response:
        code = self.code_for(wanted.app, realm_id, wanted.redirect_uri, wanted.scopes, wanted.nonce)
        return redirect(wanted.redirect_uri, code=code, state=wanted.state, realmId=realm_id)
