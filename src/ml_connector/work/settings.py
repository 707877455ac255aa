"""What a connection is made of, apart from its secrets: addresses, company codes, limits and the posting policy.

Kept as JSON with the connection; read from a TOML or JSON file by `connection add`. Unknown names are refused, so that a
misspelt setting is not silently a default.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from ml_connector.basware.client import LARGEST_PAGE
from ml_connector.basware.regions import PLACES
from ml_connector.model.policy import PostingPolicy, Prebook
from ml_connector.quickbooks.client import MINOR_VERSION
from ml_connector.quickbooks.wire import MAX_BATCH_ITEMS
from ml_connector.work.addresses import checked_address
from ml_connector.work.budget import AtLeastOne, Limits
from ml_connector.work.changes.settings import ChangeSettings
from ml_connector.work.feed_settings import ExtractsSettings, NetworkSettings
from ml_connector.work.messages.settings import MessageSettings
from ml_connector.work.meter import Quota
from ml_connector.work.p2p_settings import (
    AttachmentsFeed,
    EarlyFeed,
    MasterDataSettings,
    MatchingOrdersSettings,
    NoticesFeed,
    OrdersFeed,
    OutcomesFeed,
    PaymentsSettings,
    TakenBackFeed,
    UnclaimedFeed,
    VendorsFeed,
)
from ml_connector.work.schedule_plans import make_plans
from ml_connector.work.schedule_settings import ScheduleSettings
from ml_connector.work.vendors.settings import VendorSettings

SECRET_FIELDS = (
    "quickbooks.client_id",
    "quickbooks.client_secret",
    "quickbooks.refresh_token",
    "quickbooks.realm_id",
    "quickbooks.webhook_token",
    "quickbooks.old_webhook_token",
    "basware.client_id",
    "basware.client_secret",
    "basware.user",
    "basware.password",
    "basware.webhook_token",
    "basware.old_webhook_token",
    "basware.network_user",
    "basware.network_password",
)
"""Everything of a connection that is kept encrypted and never shown, by section and name."""


Seconds = Annotated[float, msgspec.Meta(gt=0)]


class SignInSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keeping the QuickBooks sign-in alive. Used or not, it is refreshed this often; warnings come so many days before it ends."""

    keep_alive_hours: Annotated[float, msgspec.Meta(ge=1, le=1440)] = 24.0
    """A day: a sign-in that somebody ended is noticed within one. Intuit allows 100 days; 60 is the most that can be set."""
    warn_days: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=365)], ...], msgspec.Meta(min_length=1)] = (
        30,
        14,
        7,
        2,
    )


class QuickBooksSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The QuickBooks side. Empty addresses mean Intuit's own for the environment."""

    environment: Literal["production", "sandbox"] = "production"
    base_url: str = ""
    discovery_url: str = ""
    authorize_url: str = ""
    token_url: str = ""
    revoke_url: str = ""
    pages_url: str = ""
    """Where QuickBooks' own pages are, for links that people follow; empty means Intuit's for the environment."""
    minor_version: Annotated[int, msgspec.Meta(ge=MINOR_VERSION)] = MINOR_VERSION
    limits: Limits = Limits()
    quota: Quota = Quota()
    sign_in: SignInSettings = SignInSettings()
    read_timeout: Seconds = 130.0
    """Seconds to wait for an answer; more than the 120 s after which Intuit itself gives up (Intuit's limits page)."""
    write_timeout: Seconds = 30.0
    connect_timeout: Seconds = 10.0
    pool_timeout: Seconds = 10.0
    """Seconds to wait for one of our own connections when all are in use."""
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=MAX_BATCH_ITEMS)] = MAX_BATCH_ITEMS
    batch_lines: AtLeastOne = 1000
    """Most lines in one batch: large documents go in smaller company, because heavy batches run into the time limit."""
    settle_after: Seconds = 130.0
    """Seconds after sending before an unanswered write is looked up: the service may still be working until 120 s."""

    def __post_init__(self) -> None:
        """Refuse an address that no token may be sent to."""
        for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url", "pages_url"):
            checked_address(name, getattr(self, name))


class BaswareSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Basware side. `auth` is `oauth2` (client id and secret) or `basic` (user and password)."""

    region: Literal["EU", "US", "AU", "CA"] = "EU"
    environment: Literal["production", "test"] = "production"
    base_url: str = ""
    token_url: str = ""
    network_url: str = ""
    """Where the Basware Network is called; empty means the same host as the rest of Basware."""
    document_page: str = ""
    """Address of a document's page for people, with {invoice_id} in it; empty: no link to Basware is shown."""
    hosts: dict[str, str] = {}
    """Other base addresses for regions and environments, by names such as `US test`; the vendor's where one is not named."""
    auth: Literal["oauth2", "basic"] = "oauth2"
    company_codes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    page_size: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE
    read_timeout: Seconds = 60.0
    write_timeout: Seconds = 60.0
    connect_timeout: Seconds = 10.0
    pool_timeout: Seconds = 10.0
    """Seconds to wait for one of our own connections when all are in use."""
    orders: OrdersFeed = OrdersFeed()
    vendors: VendorsFeed = VendorsFeed()
    taken_back: TakenBackFeed = TakenBackFeed()
    early: EarlyFeed = EarlyFeed()
    unclaimed: UnclaimedFeed = UnclaimedFeed()
    master_data: MasterDataSettings = MasterDataSettings()
    payments: PaymentsSettings = PaymentsSettings()
    matching_orders: MatchingOrdersSettings = MatchingOrdersSettings()
    attachments: AttachmentsFeed = AttachmentsFeed()
    outcomes: OutcomesFeed = OutcomesFeed()
    notices: NoticesFeed = NoticesFeed()
    network: NetworkSettings = NetworkSettings()
    extracts: ExtractsSettings = ExtractsSettings()

    def __post_init__(self) -> None:
        """Refuse an address that no secret may be sent to, and a place that Basware does not have."""
        checked_address("document_page", re.split("[?#]", self.document_page.replace("{invoice_id}", "1"))[0])
        for name in ("base_url", "token_url", "network_url"):
            checked_address(name, getattr(self, name))
        checked_address("extracts.base_url", self.extracts.base_url)
        if self.master_data.enabled and not self.outcomes.enabled:
            raise ValueError(
                "master_data needs outcomes, by which Basware says what it made of each record; switch them on"
            )
        if self.matching_orders.enabled and not self.outcomes.enabled:
            raise ValueError(
                "matching_orders needs outcomes, by which Basware says what it made of each order; switch them on"
            )
        if self.matching_orders.enabled and not 2 <= len(self.order_unit) <= 25:
            raise ValueError(
                f"matching_orders: organization_element is {self.order_unit!r}; Basware wants 2 to 25 characters"
            )
        for place, url in self.hosts.items():
            if place not in PLACES:
                raise ValueError(f"hosts names {place!r}; known are {', '.join(PLACES)}")
            checked_address(f"hosts, {place},", url)

    @property
    def order_company(self) -> str:
        """The company that purchase orders of QuickBooks belong to in Basware."""
        return self.matching_orders.company_code or self.company_codes[0]

    @property
    def order_unit(self) -> str:
        """The organization element that they belong to."""
        return self.matching_orders.organization_element or self.order_company


class ReviewSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which flows wait for a person: what they would write is planned, shown, and sent only once somebody has released it."""

    invoices: bool = False
    """Bills, vendor credits and journal entries of Basware's invoices, and vendors that have to be created for them."""


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Basware company joined to one QuickBooks company."""

    quickbooks: QuickBooksSettings = QuickBooksSettings()
    basware: BaswareSettings
    policy: PostingPolicy = PostingPolicy()
    changes: ChangeSettings = ChangeSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    vendors: VendorSettings = VendorSettings()
    messages: MessageSettings = MessageSettings()
    review: ReviewSettings = ReviewSettings()

    def __post_init__(self) -> None:
        """Refuse a schedule that no plan can be made of, and vendors that could not be compared."""
        make_plans(self.schedule, "")
        if self.policy.prebook is Prebook.ACCRUE and not self.basware.taken_back.enabled:
            raise ValueError(
                'policy.prebook is "accrue", which needs basware.taken_back.enabled: else nobody would notice that a prebooking is '
                "cancelled, and its accrual stay in the books"
            )
        if self.vendors.enabled and not (self.basware.vendors.enabled and self.basware.master_data.enabled):
            raise ValueError(
                "vendors are kept in step by the job master-data and compared with what Basware has: set "
                "basware.master_data.enabled and basware.vendors.enabled to true as well"
            )


LINKS = frozenset({"quickbooks.pages_url", "basware.document_page"})
"""Addresses that only people's browsers open."""


def addresses_in(settings: ConnectionSettings) -> dict[str, str]:
    """Every address set in a connection's settings, by the setting's dotted name: those that are called, and LINKS."""
    quickbooks, basware = settings.quickbooks, settings.basware
    named = {
        f"quickbooks.{name}": getattr(quickbooks, name)
        for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url", "pages_url")
    }
    named |= {
        f"basware.{name}": getattr(basware, name) for name in ("base_url", "token_url", "network_url", "document_page")
    }
    named |= {f"basware.hosts {place}": url for place, url in basware.hosts.items()}
    named["basware.extracts.base_url"] = basware.extracts.base_url
    named |= {f"basware.network.allowed_hosts {host}": f"https://{host}" for host in basware.network.allowed_hosts}
    return {name: url for name, url in named.items() if url}


class SettingsError(ValueError):
    """A connection file cannot be used; the message says which setting, what was found and what is expected."""


class MissingSecretError(SettingsError):
    """A connection lacks a secret it needs; the message names it and says how to give it."""

    def __init__(self, connection: str, field: str) -> None:
        super().__init__(
            f"The connection {connection} has no {field}. Put it into the connection file, or name an environment variable or a "
            f"file there that holds it, and run `ml-connector connection add` again."
        )


class ConnectionFile(msgspec.Struct, frozen=True, kw_only=True):
    """A connection file taken apart: its name, what may be shown, and where each secret comes from."""

    name: str
    settings: ConnectionSettings
    secrets: dict[str, Any]
    """By field of SECRET_FIELDS: the text itself, or `{"env": NAME}`, `{"file": PATH}` or `{"stdin": true}`."""


def read_connection_file(text: str, *, is_json: bool) -> ConnectionFile:
    """Take a connection file apart.

    Raises SettingsError for what cannot be read, is missing, or is not known.
    """
    try:
        tree: Any = json.loads(text, parse_float=Decimal) if is_json else tomllib.loads(text, parse_float=Decimal)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "JSON" if is_json else "TOML"
        raise SettingsError(
            f"The connection file is not valid {kind}: {error}. Correct the file and try again."
        ) from error
    if not isinstance(tree, dict):
        raise SettingsError("The connection file must be one JSON object with name, basware and quickbooks.")
    name = tree.pop("name", "")
    if not isinstance(name, str) or not name.strip():
        raise SettingsError('The connection file has no name. Add a line such as: name = "acme-us"')
    secrets: dict[str, Any] = {}
    for field in SECRET_FIELDS:
        section, key = field.split(".")
        part = tree.get(section)
        if isinstance(part, dict) and key in part:
            secrets[field] = part.pop(key)
    return ConnectionFile(name=name.strip(), settings=settings_from(tree), secrets=secrets)


def settings_from(tree: Mapping[str, Any]) -> ConnectionSettings:
    """Settings from plain data, strictly. Raises SettingsError naming the setting."""
    try:
        return msgspec.convert(tree, ConnectionSettings)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"The connection's settings cannot be used: {error}. See docs/connect.md for every setting."
        ) from error


def encode_settings(settings: ConnectionSettings) -> str:
    """Settings as JSON text, for the store."""
    return msgspec.json.encode(settings).decode()


def decode_settings(text: str) -> ConnectionSettings:
    """Settings from the store. Raises SettingsError for those an earlier version took and this one cannot work with."""
    try:
        return msgspec.json.decode(text, type=ConnectionSettings)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"The stored settings of the connection cannot be used: {error}. Correct the connection file and add it again."
        ) from error
