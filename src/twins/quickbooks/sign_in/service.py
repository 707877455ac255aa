"""The sign-in service as a whole: which path is whose, what is set up, and what people do to connections."""

from collections.abc import Callable, Mapping
from datetime import datetime

from twins import signing
from twins.clock import Clock
from twins.http import Request, Response
from twins.quickbooks.company import Company
from twins.quickbooks.sign_in import discovery as places
from twins.quickbooks.sign_in import gate, pages
from twins.quickbooks.sign_in.answers import in_json, not_allowed, redirect
from twins.quickbooks.sign_in.apps import App, Apps
from twins.quickbooks.sign_in.consent import ConsentEndpoint
from twins.quickbooks.sign_in.grants import ACCOUNTING, Access, Consent, Grants
from twins.quickbooks.sign_in.identity import user_info
from twins.quickbooks.sign_in.people import Person
from twins.quickbooks.sign_in.tokens import TokenEndpoints
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json

_DEFAULT_SCOPES = frozenset({ACCOUNTING})


class SignIn:
    """Intuit's sign-in for the companies of one twin."""

    def __init__(self, clock: Clock, switches: Switches, companies: Mapping[str, Company]) -> None:
        self._companies = companies
        self._people: dict[str, Person] = {}
        self._without_rights: set[tuple[str, str]] = set()
        """Realm ids and people who are no longer administrators there."""
        self._apps = Apps(switches)
        self._grants = Grants(clock, switches)
        self._tokens = TokenEndpoints(self._apps, self._grants, switches)
        self._consent = ConsentEndpoint(self._apps, self._grants, switches, self)

    # set-up

    def set_up(self, realm_id: str, seed: Json) -> None:
        """Take from a company's seed what concerns sign-in: client_id, client_secret and the first refresh_token; if given also
        redirect_uris, app_name, app_id and reconnect_url of the application, the scopes it was granted, and the person.

        Raises ValueError for a redirect address or a person that can't be, or a refresh token given before.
        """
        app = App(
            client_id=seed["client_id"],
            client_secret=seed["client_secret"],
            redirect_uris=tuple(seed.get("redirect_uris", ())),
            name=seed.get("app_name", ""),
            app_id=seed.get("app_id", ""),
            reconnect_url=seed.get("reconnect_url", ""),
        )
        self.register(app)
        self.employ(realm_id, Person.of_company(realm_id, seed.get("person")))
        self.grant(realm_id, app.client_id, seed["refresh_token"], frozenset(seed.get("scopes", _DEFAULT_SCOPES)))

    def register(self, app: App) -> None:
        """Make an application known. Raises ValueError for a redirect address that can't be registered."""
        self._apps.register(app)

    def employ(self, realm_id: str, person: Person) -> None:
        """Name the administrator of a company."""
        self._people[realm_id] = person

    def grant(
        self, realm_id: str, client_id: str, refresh_token: str, scopes: frozenset[str] = _DEFAULT_SCOPES
    ) -> None:
        """Connect a company to an application with a given first refresh value. Raises ValueError for one given before."""
        consent = Consent(realm_id, client_id, scopes, self.person(realm_id), self._grants.now())
        self._grants.connect(consent, refresh_token)

    def authorize(
        self, realm_id: str, client_id: str, redirect_uri: str, scopes: frozenset[str] = _DEFAULT_SCOPES
    ) -> str:
        """A fresh authorization code, as if a person had agreed on the consent page.

        Raises KeyError for an unknown client id or company.
        """
        app = self._apps.get(client_id)
        if app is None:
            raise KeyError(f"no application has the client id {client_id}")
        if realm_id and realm_id not in self._companies:
            raise KeyError(f"no company has the realm id {realm_id}")
        return self._consent.code_for(app, realm_id, redirect_uri, scopes)

    # people

    def connectable(self) -> Mapping[str, str]:
        """Names of the companies whose administrator may connect an application, by realm id."""
        return {
            realm_id: str(company.info.get("CompanyName", realm_id))
            for realm_id, company in self._companies.items()
            if self._is_administrator(realm_id, self.person(realm_id))
        }

    def person(self, realm_id: str) -> Person:
        """The administrator of a company, of the first company when the realm id is empty."""
        realm_id = realm_id or next(iter(self._companies), "")
        return self._people.get(realm_id) or Person.of_company(realm_id)

    def disconnect(self, realm_id: str, client_id: str = "") -> int:
        """End the connections of a company, as a person can from inside QuickBooks; how many there were."""
        ended = [each for each in self._grants.in_force(realm_id) if client_id in {"", each.consent.client_id}]
        for grant in ended:
            grant.alive = False
        return len(ended)

    def lose_rights(self, realm_id: str) -> None:
        """The connecting person is no longer an administrator of the company: calls are refused with code 120."""
        self._without_rights.add((realm_id, self.person(realm_id).sub))

    def regain_rights(self, realm_id: str) -> None:
        """The person is an administrator again."""
        self._without_rights.discard((realm_id, self.person(realm_id).sub))

    def expire_access_tokens(self) -> None:
        """Let every access token lapse now."""
        self._grants.expire_access_tokens()

    # the API and the webhooks ask

    def application_of(self, token: str) -> str:
        """The client id an access token was given to; empty when it is unknown."""
        access = self._grants.access(token)
        return access.client_id if access else ""

    def connected(self, realm_id: str, client_id: str) -> bool:
        """Whether a company and an application are joined by a consent that still holds."""
        return any(grant.consent.client_id == client_id for grant in self._grants.in_force(realm_id))

    def access(self, token: str) -> Access | None:
        """What an access token opens; None when it is unknown, has lapsed, or its grant has ended."""
        return self._grants.access(token)

    def refusal(self, access: Access, realm_id: str, now: datetime) -> Json | None:
        """The body of the 403 that a call with this access gets for a company; None when it may pass."""
        administrator = self._is_administrator(realm_id, access.person)
        return gate.refusal(access, realm_id, administrator=administrator, now=now)

    # requests

    def handle(self, request: Request) -> Response | None:
        """Answer a request to this service; None when the path is not one of its own.

        Raises LostAnswerError when a switch cuts the connection after a rotation.
        """
        match request.path.rstrip("/"):
            case places.TOKEN_PATH:
                return self._tokens.token(request)
            case places.REVOKE_PATH:
                return self._tokens.revoke(request)
            case places.AUTHORIZE_PATH:
                return self._consent.handle(request)
            case places.USER_INFO_PATH:
                return user_info(request, self._bearer(request))
            case places.RECONNECT_PATH if request.method == "GET":
                return self._reconnect(request)
        return self._document(request)

    def _document(self, request: Request) -> Response | None:
        path = request.path.rstrip("/")
        documents: dict[str, Json] = {
            places.KEYS_PATH: {},
            places.DISCOVERY_PATH: {},
            places.SANDBOX_DISCOVERY_PATH: {},
        }
        if path not in documents:
            return None
        if request.method not in {"GET", "HEAD"}:
            return not_allowed("GET")
        if path == places.KEYS_PATH:
            return in_json(200, signing.key_set())
        return in_json(200, places.document(request.host, sandbox=path == places.SANDBOX_DISCOVERY_PATH))

    def _reconnect(self, request: Request) -> Response:
        """Lead a person to the consent page again, through the application's own reconnect address if it registered one."""
        app, realm_id = self._apps.by_app_id(request.parameter("appId")), request.parameter("realmId")
        if app is None or realm_id not in self._companies or request.parameter("mode") != "reconnect":
            return pages.problem("This link does not name an application and a company that are connected.")
        if app.reconnect_url:
            return redirect(app.reconnect_url, realmId=realm_id)
        if not app.redirect_uris:
            return pages.problem("The application has registered no address to come back to.")
        return redirect(
            places.AUTHORIZE_PATH,
            client_id=app.client_id,
            response_type="code",
            scope=" ".join(sorted(self._scopes_before(app.client_id, realm_id))),
            redirect_uri=app.redirect_uris[0],
            state=self._grants.value("state", realm_id)[:30],
            realmId=realm_id,
        )

    def _scopes_before(self, client_id: str, realm_id: str) -> frozenset[str]:
        """What the application had been allowed last."""
        consents = [grant.consent for grant in self._grants.all()]
        mine = [each.scopes for each in consents if (each.client_id, each.realm_id) == (client_id, realm_id)]
        return mine[-1] if mine else _DEFAULT_SCOPES

    def _bearer(self, request: Request) -> Access | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._grants.access(token) if scheme.lower() == "bearer" else None

    def _is_administrator(self, realm_id: str, person: Person) -> bool:
        return (realm_id, person.sub) not in self._without_rights


def _disconnect_app(sign_in: SignIn, realm_id: str, *, client_id: str = "") -> Json:
    """Disconnect the application (or one of several, by client id) from inside QuickBooks."""
    return {"disconnected": sign_in.disconnect(realm_id, client_id)}


def _lose_admin_rights(sign_in: SignIn, realm_id: str) -> Json:
    """Another administrator takes the connecting person's rights away."""
    sign_in.lose_rights(realm_id)
    return {"administrator": False, "email": sign_in.person(realm_id).email}


def _regain_admin_rights(sign_in: SignIn, realm_id: str) -> Json:
    """Another administrator gives the rights back."""
    sign_in.regain_rights(realm_id)
    return {"administrator": True, "email": sign_in.person(realm_id).email}


def _expire_access_tokens(sign_in: SignIn, realm_id: str) -> Json:  # noqa: ARG001 - every action names its company
    """Let every access token lapse before its hour."""
    sign_in.expire_access_tokens()
    return {}


ACTIONS: dict[str, Callable[..., Json]] = {
    "disconnect_app": _disconnect_app,
    "lose_admin_rights": _lose_admin_rights,
    "regain_admin_rights": _regain_admin_rights,
    "expire_access_tokens": _expire_access_tokens,
}
"""What happens to connections behind an application's back, by name."""
