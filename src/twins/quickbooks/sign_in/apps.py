"""The applications known to Intuit: their keys, and the redirect addresses a person may be sent back to.

Rules of redirect addresses: Intuit's guide "Set up OAuth 2.0" and its FAQ (exact equality, https in production, no query).
"""

import base64
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from twins.http import Request
from twins.quickbooks.switches import Switches

_PLAIN = re.compile(r"[!-~]+")  # printable ASCII without spaces: nothing that could break a header
_HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True)
class App:
    """One application of a developer. `app_id` names it in links, `client_id` in requests."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...] = ()
    name: str = ""
    app_id: str = ""
    reconnect_url: str = ""


class Apps:
    """The register of applications."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._apps: dict[str, App] = {}

    def register(self, app: App) -> None:
        """Make an application known, or change it; redirect addresses add up, so that several companies may name one application.

        Raises ValueError for a redirect address Intuit's developer pages would not take.
        """
        for uri in app.redirect_uris:
            if wrong := self._objection(uri):
                raise ValueError(f"redirect URI {uri!r}: {wrong}")
        known = self._apps.get(app.client_id)
        uris = (*known.redirect_uris, *app.redirect_uris) if known else app.redirect_uris
        self._apps[app.client_id] = App(
            client_id=app.client_id,
            client_secret=app.client_secret,
            redirect_uris=tuple(dict.fromkeys(uris)),
            name=app.name or (known.name if known else "") or app.client_id,
            app_id=app.app_id or (known.app_id if known else "") or app.client_id,
            reconnect_url=app.reconnect_url or (known.reconnect_url if known else ""),
        )

    def get(self, client_id: str) -> App | None:
        """The application of a client id."""
        return self._apps.get(client_id)

    def by_app_id(self, app_id: str) -> App | None:
        """The application a link names."""
        return next((app for app in self._apps.values() if app.app_id == app_id), None)

    def accepts(self, app: App, redirect_uri: str) -> bool:
        """Whether a person may be sent back to this address: one of the registered, character by character.

        An application without any registered address may use any http address on the own machine, but not in production.
        """
        if self._objection(redirect_uri):
            return False
        if app.redirect_uris:
            return redirect_uri in app.redirect_uris
        return redirect_uri.startswith("http://")  # only loopback passes the objection

    def authenticated(self, request: Request, form: dict[str, str]) -> App | None:
        """The application whose keys a request carries, in HTTP Basic or, without that header, in the form."""
        header = request.headers.get("authorization", "")
        client_id, secret = _basic(header) if header else (form.get("client_id", ""), form.get("client_secret", ""))
        app = self._apps.get(client_id)
        matches = app is not None and secret and hmac.compare_digest(secret.encode(), app.client_secret.encode())
        return app if matches else None

    def _objection(self, uri: str) -> str:
        """What is wrong with a redirect address; empty when it could be registered."""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return "it is no address"
        if not _PLAIN.fullmatch(uri) or not _HOST.fullmatch(parts.netloc):
            return "it needs a scheme, a plain lower-case host, and no other than printable ASCII characters"
        if "?" in uri or "#" in uri:
            return "it can carry neither query nor fragment; put further data into state"
        loopback = parts.netloc.partition(":")[0] in _LOOPBACK
        if parts.scheme != "https" and (parts.scheme != "http" or not loopback):
            return "only https is accepted, and http on the own machine"
        if parts.scheme == "http" and self._switches.environment == "production":
            return "production accepts https only"
        return ""


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, _, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (client_id, secret) if scheme.lower() == "basic" else ("", "")
