"""Sets the demo up: both twins as processes on loopback, and an installation of its own in a folder of its own.

The twins are reached over HTTP and their command line only; the product never imports them.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ml_connector.app import App, Settings, initialise
from ml_connector.model.clock import Clock
from ml_connector.work.settings import ConnectionFile, SettingsError, read_connection_file

STARTING = 30.0
"""Seconds the twins may take to say that they are ready."""


class StageError(Exception):
    """The demo cannot be set up; the message says why."""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where the twins listen, and the credentials of the company in them."""

    quickbooks_url: str
    basware_url: str
    page_url: str
    """The page that shows both companies' books side by side."""
    quickbooks: dict[str, Any]
    basware: dict[str, Any]

    @property
    def company_code(self) -> str:
        """The company's code in Basware."""
        return str(self.basware["companies"][0]["companyCode"])

    def connection_file(self) -> str:
        """What a person would write to connect this company, in TOML."""
        return f'''name = "demo"

[basware]
base_url = "{self.basware_url}"
company_codes = ["{self.company_code}"]
client_id = "{self.basware["client_id"]}"
client_secret = "{self.basware["client_secret"]}"

[quickbooks]
base_url = "{self.quickbooks_url}"
discovery_url = "{self.quickbooks_url}/.well-known/openid_configuration"
authorize_url = "{self.quickbooks_url}/connect/oauth2"
token_url = "{self.quickbooks_url}/oauth2/v1/tokens/bearer"
revoke_url = "{self.quickbooks_url}/v2/oauth2/tokens/revoke"
realm_id = "{self.quickbooks["realm_id"]}"
client_id = "{self.quickbooks["client_id"]}"
client_secret = "{self.quickbooks["client_secret"]}"
refresh_token = "{self.quickbooks["refresh_token"]}"

[policy.sources]
item = "productCode"
'''

    def books(self, url: str) -> Any:
        """What a twin itself says its books are."""
        answer = subprocess.run(
            [sys.executable, "-m", "twins", "books", "--url", url],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return json.loads(answer.stdout, parse_float=str)


@contextmanager
def twins() -> Iterator[Stage]:
    """Both twins with the demo company, stopped at the end. Raises StageError."""
    with serving("demo") as ready:
        yield Stage(
            quickbooks_url=ready["quickbooks"]["url"],
            basware_url=ready["basware"]["url"],
            page_url=ready["page"]["url"],
            quickbooks=ready["quickbooks"]["companies"][0],
            basware=ready["basware"]["companies"][0],
        )


@contextmanager
def serving(company: str, now: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Both twins with these companies, stopped at the end; what they say of themselves. `now`: at which moment they begin, if not
    the present one. Raises StageError."""
    command = [sys.executable, "-m", "twins", "serve", "--company", company, "--until-stdin-closes"]
    command += ["--now", now.isoformat()] if now else []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None  # noqa: S101  both are pipes
        assert process.stdout is not None  # noqa: S101
        try:
            line = process.stdout.readline()
            if not line:
                raise StageError(f"The twins did not start (exit code {process.wait(STARTING)}).")
            yield json.loads(line)
        finally:
            process.stdin.close()


@contextmanager
def installation(home: Path, *, clock: Clock | None = None, public_url: str = "") -> Iterator[App]:
    """An installation of its own, with its own key and database; what is there already is opened. `clock` instead of real time."""
    settings = Settings(home=home, database_url="", public_url=public_url, private_addresses=True)
    database, _ = initialise(settings)
    database.close()
    app = App.open(settings, clock=clock)
    try:
        yield app
    finally:
        app.close()


def connection_of(stage: Stage, home: Path) -> ConnectionFile:
    """The connection file, written for the reader to look at and read back as `connection add` does."""
    text = stage.connection_file()
    file = home / "demo.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    parsed = read_connection_file(text, is_json=False)
    if not parsed.secrets:
        raise SettingsError("the demo's connection file has no secrets")
    return parsed
