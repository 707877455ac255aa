"""The token endpoint and the revocation endpoint: what applications' servers call with their keys.

Sources: Intuit's OAuth 2.0 guide; error bodies as seen on the wire.
"""

import msgspec

from twins import signing
from twins.http import LostAnswerError, Request, Response
from twins.quickbooks.sign_in.answers import error, form_of, in_json, not_allowed
from twins.quickbooks.sign_in.apps import App, Apps
from twins.quickbooks.sign_in.grants import ACCESS_SECONDS, Grant, Grants
from twins.quickbooks.sign_in.identity import identity_claims
from twins.quickbooks.switches import Switches
from twins.quickbooks.values import Json, decode

HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


class TokenEndpoints:
    """Gives tokens out and takes them back."""

    def __init__(self, apps: Apps, grants: Grants, switches: Switches) -> None:
        self._apps = apps
        self._grants = grants
        self._switches = switches

    def token(self, request: Request) -> Response:
        """Exchange a code, or refresh. Raises LostAnswerError when the switch says that rotated values never arrive."""
        if request.method != "POST":
            return not_allowed("POST")
        form = form_of(request)
        app = self._apps.authenticated(request, form or {})
        if app is None:
            return error(401, "invalid_client")
        kind = (form or {}).get("grant_type", "")
        if form is None or not kind:
            return error(400, "invalid_request")
        if kind == "refresh_token":
            return self._refresh(request, form, app)
        return (
            self._exchange(request, form, app) if kind == "authorization_code" else error(400, "unsupported_grant_type")
        )

    def revoke(self, request: Request) -> Response:
        """End the grant of a refresh or access token."""
        if request.method != "POST":
            return not_allowed("POST")
        fields = _revoked(request)
        app = self._apps.authenticated(request, fields or {})
        if app is None:
            return error(401, "invalid_client")
        grant = self._grants.of((fields or {}).get("token", ""))
        if grant is None or not grant.alive or grant.consent.client_id != app.client_id:
            return error(400, "invalid_request")
        grant.alive = False
        return Response(200)

    def _refresh(self, request: Request, form: dict[str, str], app: App) -> Response:
        if not form.get("refresh_token"):
            return error(400, "invalid_request")
        refreshed = self._grants.refresh(form["refresh_token"], app.client_id)
        if refreshed is None:
            return self._invalid_grant("Incorrect or invalid refresh token")
        answer = in_json(200, self._tokens(refreshed.grant, request))
        if refreshed.rotated and self._switches.lose_rotated_answer:
            raise LostAnswerError(committed=True)
        return answer

    def _exchange(self, request: Request, form: dict[str, str], app: App) -> Response:
        if not form.get("code") or not form.get("redirect_uri"):
            return error(400, "invalid_request")
        grant = self._grants.exchange(form["code"], form["redirect_uri"], app.client_id)
        if grant is None:
            return self._invalid_grant("Invalid authorization code")
        answer = self._tokens(grant, request)
        if "openid" in grant.consent.scopes:
            answer["id_token"] = signing.signed(identity_claims(grant.consent, self._grants.now()))
        return in_json(200, answer)

    def _tokens(self, grant: Grant, request: Request) -> Json:
        now = self._grants.now()
        answer = {
            "token_type": "bearer",
            "access_token": self._grants.access_token(grant),
            "expires_in": ACCESS_SECONDS,
            "refresh_token": grant.refresh_token,
            "x_refresh_token_expires_in": round(grant.expires - now),
        }
        if request.headers.get(HARD_EXPIRY_HEADER, "").lower() == "true":
            answer["x_refresh_token_hard_expires_in"] = round(grant.hard_expires - now)
        return answer

    def _invalid_grant(self, description: str) -> Response:
        return error(400, "invalid_grant", description if self._switches.describe_invalid_grant else "")


def _revoked(request: Request) -> dict[str, str] | None:
    """The fields of a revocation, in JSON as Intuit documents it or in a form as RFC 7009 does; None when neither."""
    if "json" not in request.headers.get("content-type", "json"):
        return form_of(request)
    try:
        body = decode(request.body)
    except msgspec.DecodeError:
        return None
    return (
        {str(name): value for name, value in body.items() if isinstance(value, str)} if isinstance(body, dict) else None
    )
