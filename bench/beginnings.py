"""The twins of the demo company with waiting invoices, beside an installation in which no connection was ever made."""

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2

from ml_connector.app import App
from ml_connector.store.database import Database
from ml_connector.store.vault import MasterKeys, Vault
from twins.http import Request
from world import BASWARE_HOST, QUICKBOOKS_HOST, World

PUBLIC = "http://localhost:8765"
"""Where browsers reach the installation, as far as Intuit knows."""
QUICKBOOKS = {
    "quickbooks.environment": "sandbox",
    "quickbooks.base_url": f"https://{QUICKBOOKS_HOST}",
    "quickbooks.discovery_url": f"https://{QUICKBOOKS_HOST}/.well-known/openid_configuration",
    "quickbooks.authorize_url": f"https://{QUICKBOOKS_HOST}/connect/oauth2",
    "quickbooks.token_url": f"https://{QUICKBOOKS_HOST}/oauth2/v1/tokens/bearer",
    "quickbooks.revoke_url": f"https://{QUICKBOOKS_HOST}/v2/oauth2/tokens/revoke",
}
"""The settings that lead to the twin of QuickBooks."""
QUICKBOOKS_KEYS = {
    "quickbooks.client_id": "demo-quickbooks-client",
    "quickbooks.client_secret": "demo-quickbooks-secret",
}
BASWARE = {"basware.company_codes": "US10", "basware.base_url": f"https://{BASWARE_HOST}"}
BASWARE_KEYS = {"basware.client_id": "demo-basware-client", "basware.client_secret": "demo-basware-secret"}


def emptied(scene: World, folder: Path) -> None:
    """Give a world a database in which no connection was ever made; Intuit grants whatever a person agrees to at once."""
    own = Database.open(f"sqlite:///{folder / 'own.db'}")
    own.migrate()
    scene.database = own
    scene.app = App(
        own,
        Vault(MasterKeys(b"w" * 32)),
        clock=scene.clock,
        transport=scene.transport,
        worker="console",
        public_url=PUBLIC,
    )
    scene.quickbooks.switches.consent = "grant at once"
    known = scene.quickbooks.sign_in._apps.get(QUICKBOOKS_KEYS["quickbooks.client_id"])
    assert known is not None
    callback = f"{PUBLIC}/connect/quickbooks/callback"
    scene.quickbooks.sign_in.register(type(known)(known.client_id, known.client_secret, (callback,)))


def agree(world: World, link: str, address: httpx2.URL | str) -> str:
    """Follow a link, agree at Intuit, come back; what the last page says. `address`: where the installation is served."""
    with httpx2.Client(base_url=address, trust_env=False) as browser:
        to_intuit = browser.get(link.removeprefix(PUBLIC))
        session = to_intuit.headers["set-cookie"].partition("=")[2].partition(";")[0]
        parts = urlsplit(to_intuit.headers["location"])
        agreed = world.quickbooks.handle(Request("GET", parts.netloc, parts.path, tuple(parse_qsl(parts.query))))
        cookie = {"Cookie": f"ml_connector_sign_in={session}"}
        back = browser.get(agreed.headers["Location"].removeprefix(PUBLIC), headers=cookie)
        return browser.get(back.headers["location"], headers=cookie).text
