"""Where everything is: the discovery documents, and the paths the service answers on.

Content as Intuit publishes it; the two documents differ only in the host of UserInfo. Intuit's issuer is the same everywhere,
also when a twin serves the document, because identity tokens name it.
"""

from twins.quickbooks.values import Json

ISSUER = "https://oauth.platform.intuit.com/op/v1"
DISCOVERY_PATH = "/.well-known/openid_configuration"
SANDBOX_DISCOVERY_PATH = "/.well-known/openid_sandbox_configuration"
AUTHORIZE_PATH = "/connect/oauth2"
RECONNECT_PATH = "/app/connect/oauth2/request"
TOKEN_PATH = "/oauth2/v1/tokens/bearer"
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
USER_INFO_PATH = "/v1/openid_connect/userinfo"
KEYS_PATH = "/op/v1/jwks"
_PAGES = "https://appcenter.intuit.com"


def document(host: str, *, sandbox: bool) -> Json:
    """The discovery document: the vendor's own addresses under its own names, else addresses of the serving host."""
    if host == "intuit.com" or host.endswith(".intuit.com"):
        accounts = "sandbox-accounts" if sandbox else "accounts"
        people = f"https://{accounts}.platform.intuit.com"
        tokens, api, pages = "https://oauth.platform.intuit.com", "https://developer.api.intuit.com", _PAGES
    else:
        people = tokens = api = pages = f"http://{host}"
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{pages}{AUTHORIZE_PATH}",
        "token_endpoint": f"{tokens}{TOKEN_PATH}",
        "userinfo_endpoint": f"{people}{USER_INFO_PATH}",
        "revocation_endpoint": f"{api}{REVOKE_PATH}",
        "jwks_uri": f"{tokens}{KEYS_PATH}",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }
