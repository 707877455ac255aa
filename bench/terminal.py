"""What tests of the command line share: how a command ended, and the connection file of the demo company on its twins."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from world import BASWARE_HOST, QUICKBOOKS_HOST

CONNECTION = f"""name = "demo"

[basware]
base_url = "https://{BASWARE_HOST}"
company_codes = ["US10"]
client_id = "demo-basware-client"
client_secret = "demo-basware-secret"

[quickbooks]
base_url = "https://{QUICKBOOKS_HOST}"
discovery_url = "https://{QUICKBOOKS_HOST}/.well-known/openid_configuration"
authorize_url = "https://{QUICKBOOKS_HOST}/connect/oauth2"
token_url = "https://{QUICKBOOKS_HOST}/oauth2/v1/tokens/bearer"
revoke_url = "https://{QUICKBOOKS_HOST}/v2/oauth2/tokens/revoke"
realm_id = "9341453900126010"
client_id = "demo-quickbooks-client"
client_secret = "demo-quickbooks-secret"
refresh_token = "RT1-demo-calloway-thorne"
"""


@dataclass(frozen=True)
class Result:
    """How a command ended and what it said where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return msgspec.json.decode(self.out)


Run = Callable[..., Result]
"""Runs one command given as words, with `stdin` for what it may read there."""
