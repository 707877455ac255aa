"""Which settings and secrets each step of a set-up asks for, and what makes a new connection."""

import re
from collections.abc import Iterable

from ml_connector.work.settings import BaswareSettings, ConnectionFile, ConnectionSettings, SettingsError
from ml_connector.work.settings_texts import secret_sentences
from ml_connector.work.settings_views import SettingView, setting_views

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")

QUICKBOOKS = ("quickbooks.environment",)
QUICKBOOKS_ADDRESSES = tuple(
    f"quickbooks.{name}" for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url")
)
QUICKBOOKS_SECRETS = ("quickbooks.client_id", "quickbooks.client_secret")
BASWARE = ("basware.company_codes", "basware.region", "basware.environment")
BASWARE_ADDRESSES = ("basware.base_url", "basware.token_url")
BASWARE_SECRETS = ("basware.client_id", "basware.client_secret", "basware.user", "basware.password")
POLICIES = tuple(
    f"policy.{name}"
    for name in (
        "sources.account", "sources.location", "sources.class", "sources.customer", "several_locations", "empty_location",
        "empty_class", "us_tax", "non_us_tax", "posting_date", "closed_period", "unknown_vendor", "rate_source",
        "payment_block", "taken_back", "answer_fixable_in_basware", "answer_fixable_here", "hold_days",
    )
)  # fmt: skip
"""What a company decides before it begins; everything else has its place under Settings."""

_PAIRS = (("client_id", "client_secret"), ("user", "password"))
START_DATE = "policy.start_date"


def fields_of(settings: ConnectionSettings) -> dict[str, dict[str, SettingView]]:
    """The settings of each group of fields, by name."""
    return {
        "quickbooks": setting_views(settings, QUICKBOOKS),
        "quickbooks addresses": setting_views(settings, QUICKBOOKS_ADDRESSES),
        "basware": setting_views(settings, BASWARE),
        "basware addresses": setting_views(settings, BASWARE_ADDRESSES),
        "policies": setting_views(settings, POLICIES),
    }


def secrets_of(stored: Iterable[str]) -> dict[str, list[tuple[str, str, bool]]]:
    """The secrets of each system: field, sentence, whether it is stored."""
    sentences, known = secret_sentences(), set(stored)
    return {
        "quickbooks": [(one, sentences[one], one in known) for one in QUICKBOOKS_SECRETS],
        "basware": [(one, sentences[one], one in known) for one in BASWARE_SECRETS],
    }


def auth_of(given: Iterable[str]) -> dict[str, str]:
    """How to sign in at Basware, told by which credentials somebody entered; nothing where they entered both kinds or none."""
    client, user = ({f"basware.{name}" for name in pair} & set(given) for pair in _PAIRS)
    if bool(client) == bool(user):
        return {}
    return {"basware.auth": "oauth2" if client else "basic"}


def new_file(name: str, codes: list[str]) -> ConnectionFile:
    """A connection of that name with these Basware companies and otherwise defaults. Raises SettingsError in words."""
    if not _NAME.fullmatch(name):
        raise SettingsError(
            "The name may have letters, digits, dots, hyphens and underscores, at most 60 of them, and begins with a letter or a "
            "digit. It stands in addresses and cannot be changed later."
        )
    if not codes:
        raise SettingsError("Name at least one Basware company code, such as US10. Basware's consultant knows it.")
    settings = ConnectionSettings(basware=BaswareSettings(company_codes=tuple(codes)))
    return ConnectionFile(name=name, settings=settings, secrets={})
