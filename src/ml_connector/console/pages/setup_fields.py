"""Which settings and secrets each step of a set-up asks for."""

from collections.abc import Iterable
from functools import cache
from zoneinfo import available_timezones

from ml_connector.model.books import Preferences
from ml_connector.work.settings import ConnectionSettings
from ml_connector.work.settings_texts import secret_sentences
from ml_connector.work.settings_views import SettingView, setting_views

QUICKBOOKS = ("quickbooks.environment",)
QUICKBOOKS_ADDRESSES = tuple(
    f"quickbooks.{name}" for name in ("base_url", "discovery_url", "authorize_url", "token_url", "revoke_url")
)
QUICKBOOKS_SECRETS = ("quickbooks.client_id", "quickbooks.client_secret")
BASWARE = ("basware.company_codes", "basware.region", "basware.environment")
BASWARE_ADDRESSES = ("basware.base_url", "basware.token_url")
BASWARE_SECRETS = ("basware.client_id", "basware.client_secret", "basware.user", "basware.password")
_POLICY = (
    "sources.account", "sources.location", "sources.class", "sources.customer", "several_locations", "empty_location",
    "empty_class", "us_tax", "non_us_tax", "posting_date", "closed_period", "unknown_vendor", "rate_source",
    "payment_block", "taken_back", "answer_fixable_in_basware", "answer_fixable_here", "hold_days",
)  # fmt: skip
ZONE = "schedule.time_zone"
POLICIES = (ZONE, *(f"policy.{name}" for name in _POLICY))
"""What a company decides before it begins; everything else has its place under Settings."""


US, ELSEWHERE = "us", "elsewhere"
_ONLY_FOR = {"policy.us_tax": US, "policy.non_us_tax": ELSEWHERE}
"""Where a company has to be for a policy to mean anything."""


_OLD_ZONES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


def place_of(country: str, said: str) -> str:
    """Whether a company is in the US or elsewhere: as QuickBooks says, else as a person `said`; empty where neither did."""
    if country:
        return US if Preferences(country=country).is_us else ELSEWHERE
    return said if said in {US, ELSEWHERE} else ""


@cache
def zones() -> tuple[str, ...]:
    """The time zones that can be chosen, by name; without those that are there for old programs only."""
    return ("UTC", *sorted(one for one in available_timezones() if "/" in one and not one.startswith(_OLD_ZONES)))


def fields_of(settings: ConnectionSettings, place: str = "") -> dict[str, dict[str, SettingView]]:
    """The settings of each group of fields, by name. Of the policies those that concern a company in this `place`; all, where it
    is not known."""
    policies = tuple(name for name in POLICIES if not place or _ONLY_FOR.get(name, place) == place)
    return {
        "quickbooks": setting_views(settings, QUICKBOOKS),
        "quickbooks addresses": setting_views(settings, QUICKBOOKS_ADDRESSES),
        "basware": setting_views(settings, BASWARE),
        "basware addresses": setting_views(settings, BASWARE_ADDRESSES),
        "policies": setting_views(settings, policies),
    }


def secrets_of(stored: Iterable[str]) -> dict[str, list[tuple[str, str, bool]]]:
    """The secrets of each system: field, sentence, whether it is stored."""
    sentences, known = secret_sentences(), set(stored)
    return {
        "quickbooks": [(one, sentences[one], one in known) for one in QUICKBOOKS_SECRETS],
        "basware": [(one, sentences[one], one in known) for one in BASWARE_SECRETS],
    }
