"""Another program that writes to the same Basware, as companies have several of."""

import base64

from twins.demo_company import basware_seed
from twins.http import Request
from world import BASWARE_HOST, World


def post_elsewhere(world: World, path: str, body: bytes) -> None:
    """A program with all rights posts JSON to Basware's interface."""
    seed = basware_seed()
    sign_in = base64.b64encode(f"{seed['user']}:{seed['password']}".encode()).decode()
    headers = [("Authorization", f"Basic {sign_in}"), ("Content-Type", "application/json")]
    answer = world.basware.handle(Request.build("POST", f"https://{BASWARE_HOST}{path}", headers, body))
    assert answer.status == 200, answer.body
