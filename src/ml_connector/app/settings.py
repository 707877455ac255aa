"""Where an installation keeps its things, and setting one up."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ml_connector.app.oidc import is_safe
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store.database import Database
from ml_connector.store.master_keys import COMMAND_VARIABLE, FILE_VARIABLE, KEY_VARIABLE, MasterKeys, is_named
from ml_connector.store.vault import Secret, generate_master_key
from ml_connector.work.people.identity import Limits
from ml_connector.work.people.provider import ProviderSettings
from ml_connector.work.settings import SettingsError


class Settings(BaseSettings):
    """Where this installation keeps its things. Every field is an environment variable with the prefix ML_CONNECTOR_."""

    model_config = SettingsConfigDict(env_prefix="ML_CONNECTOR_", extra="ignore")

    home: Path = Path.home() / ".ml-connector"
    database_url: str = ""
    public_url: str = ""
    """Where browsers and webhooks reach `ml-connector serve` from outside, without a trailing slash."""
    webhook_days: Annotated[int, Field(ge=1)] = 30
    """Days a webhook call and what was made of it are kept."""
    open_metrics: bool = False
    """Whether programs of this machine may read /metrics without a token."""
    private_targets: bool = False
    """Whether messages to people may go to addresses inside private networks."""

    private_addresses: bool = False
    """Whether connections may call addresses of private networks and of this very machine, as the twins have."""

    session_idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 30
    """Minutes after which somebody who does nothing has to sign in again."""
    session_hours: Annotated[int, Field(ge=1, le=7 * 24)] = 12
    """Hours after which everybody has to sign in again."""

    oidc_issuer: str = ""
    """The company's own OpenID provider, through which people may sign in; empty without one."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "your company's sign-in"
    """What the provider is called on the page where people sign in."""
    oidc_new_people: str = ""
    """What somebody becomes whom nobody added, such as viewer@north or viewer@*; empty lets only people in who were added."""
    oidc_domains: str = ""
    """Domains of e-mail addresses, separated by commas, of which somebody new may be."""
    oidc_trust_email: bool = False
    """Whether addresses count that the provider does not call verified."""

    @property
    def provider(self) -> ProviderSettings | None:
        """The OpenID provider, if there is one. Raises SettingsError where its variables do not fit together."""
        if not self.oidc_issuer:
            return None
        if not is_safe(self.oidc_issuer):
            raise SettingsError("ML_CONNECTOR_OIDC_ISSUER is an https address, such as https://login.example.com.")
        secret = self.oidc_client_secret.get_secret_value()
        if not (self.oidc_client_id and secret and self.public_url):
            raise SettingsError(
                "With ML_CONNECTOR_OIDC_ISSUER set, ML_CONNECTOR_OIDC_CLIENT_ID, ML_CONNECTOR_OIDC_CLIENT_SECRET and "
                "ML_CONNECTOR_PUBLIC_URL are needed too."
            )
        role, _, place = self.oidc_new_people.partition("@")
        domains = tuple(one.strip().lower() for one in self.oidc_domains.split(",") if one.strip())
        if role and (role not in set(Role) or not place or not domains):
            raise SettingsError(
                "ML_CONNECTOR_OIDC_NEW_PEOPLE is a role and a connection, such as viewer@north or viewer@*, and needs "
                "ML_CONNECTOR_OIDC_DOMAINS: else everybody with an account there would come in."
            )
        return ProviderSettings(
            issuer=self.oidc_issuer, client_id=self.oidc_client_id, client_secret=Secret(secret), name=self.oidc_name,
            new_role=Role(role) if role else None, new_connection=place or EVERY_CONNECTION, domains=domains,
            trust_email=self.oidc_trust_email,
        )  # fmt: skip

    @property
    def session_limits(self) -> Limits:
        """How long people stay signed in."""
        return Limits(idle=timedelta(minutes=self.session_idle_minutes), longest=timedelta(hours=self.session_hours))

    @property
    def address(self) -> str:
        """The database's URL: as set, else a file in the home folder."""
        return self.database_url or f"sqlite:///{self.home / 'ml-connector.db'}"

    @property
    def key_file(self) -> Path:
        """Where `init` keeps the master key when no other place was named."""
        return self.home / "master.key"

    def environment(self) -> Mapping[str, str]:
        """The environment the master key is read from; the key file in the home folder counts where nothing else is named."""
        found = dict(os.environ)
        if not is_named(found) and self.key_file.exists():
            found[FILE_VARIABLE] = str(self.key_file)
        return found


class NotSetUpError(Exception):
    """There is no master key: `init` was never run here, or the environment that names the key is not set."""

    def __init__(self, home: Path) -> None:
        super().__init__(
            f"Nothing is set up in {home}. Run `ml-connector init` first; if it was set up elsewhere, set ML_CONNECTOR_HOME to "
            f"that folder, or {KEY_VARIABLE}, {FILE_VARIABLE} or {COMMAND_VARIABLE} to where its master key is."
        )


def initialise(settings: Settings) -> tuple[Database, bool]:
    """Make the home folder, a master key unless one was given, and the tables; whether a key was made.

    Safe to repeat: nothing that exists is replaced.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = False
    if not is_named(settings.environment()):
        descriptor = os.open(settings.key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(generate_master_key() + "\n")
        made = True
    MasterKeys.from_environment(settings.environment())
    database = Database.open(settings.address)
    database.migrate()
    return database, made
