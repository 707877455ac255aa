"""Who connected: identity tokens and the UserInfo endpoint (Intuit's OpenID Connect guide)."""

from twins.http import Request, Response
from twins.quickbooks.sign_in.answers import error, in_json, not_allowed
from twins.quickbooks.sign_in.discovery import ISSUER
from twins.quickbooks.sign_in.grants import ACCESS_SECONDS, Access, Consent
from twins.quickbooks.sign_in.people import user_information
from twins.quickbooks.values import Json


def identity_claims(consent: Consent, now: float) -> Json:
    """The claims of an identity token. The audience is a list, and the company is named when there is one."""
    return {
        "sub": consent.person.sub,
        "aud": [consent.client_id],
        **({"realmid": consent.realm_id} if consent.realm_id else {}),
        "auth_time": int(consent.given),
        "iss": ISSUER,
        "exp": int(now) + ACCESS_SECONDS,
        "iat": int(now),
        **({"nonce": consent.nonce} if consent.nonce else {}),
    }


def user_info(request: Request, access: Access | None) -> Response:
    """Answer the UserInfo endpoint: the person behind an access token, as far as its scopes go."""
    if request.method not in {"GET", "POST"}:
        return not_allowed("GET", "POST")
    if access is None:
        return _challenge(401, "invalid_token")
    if "openid" not in access.scopes:
        return _challenge(403, "insufficient_scope")
    return in_json(200, user_information(access.person, access.scopes))


def _challenge(status: int, code: str) -> Response:
    refused = error(status, code)
    return Response(
        status, {**refused.headers, "WWW-Authenticate": f'Bearer realm="Intuit", error="{code}"'}, refused.body
    )
