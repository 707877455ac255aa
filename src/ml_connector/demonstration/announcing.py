"""Webhooks of the showcase: both systems announce what happens to the console that is served, as they would to a public address."""

import subprocess
import sys
from secrets import token_urlsafe

from ml_connector.app import App
from ml_connector.demonstration.showcase import ACTOR
from ml_connector.demonstration.stage import StageError
from ml_connector.store import connections
from ml_connector.store.schema import System
from ml_connector.work.webhook_setup import basware, quickbooks

UNREACHED = frozenset({"oldmill-books"})
"""The connection whose sign-in is over: nobody has set up anything for it since."""


def announce(app: App, quickbooks_twin: str) -> None:
    """Subscribe in every Basware tenant, and do in the developer portal of QuickBooks' twin what a person does there.

    Raises StageError, and what the Basware client raises.
    """
    with app.database.read() as tx:
        rows = [row for row in connections.list_all(tx) if row.name not in UNREACHED]
    verifier = token_urlsafe(24)
    for number, row in enumerate(rows):
        with app.webhook_office(row) as office:
            basware.subscribe(office, actor=ACTOR)
            if number == 0:
                _enter_in_the_portal(quickbooks_twin, office.endpoint(System.QUICKBOOKS), verifier)
                quickbooks.store_verifier(office, verifier, actor=ACTOR)


def _enter_in_the_portal(twin: str, address: str, verifier: str) -> None:
    command = [sys.executable, "-m", "twins", "webhooks", "configure", "--url", twin, "--address", address]
    done = subprocess.run(
        [*command, "--verifier-token", verifier, "--window", "0"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode:
        raise StageError(f"QuickBooks' twin did not take the address for notifications: {done.stderr.strip()}")
