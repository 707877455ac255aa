"""Basware's addresses by region and environment: the one table hosts come from, and how far each of them can be trusted.

An API tenant lives in the region of the company's Purchase-to-Pay, with separate test and production systems. Not every host is
published, so the base address and the token address can both be set; nothing else in the product makes up a host.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Region(StrEnum):
    """Where the company's Basware runs."""

    EU = "EU"
    US = "US"
    AU = "AU"
    CA = "CA"


class Environment(StrEnum):
    """Which of the two systems is meant."""

    PRODUCTION = "production"
    TEST = "test"


class Certainty(StrEnum):
    """How well a default address is known. Anything but DOCUMENTED should be compared with what Basware's consultant says."""

    DOCUMENTED = "named in Basware's own specifications"
    IN_USE = "used by working programs, not named by Basware"
    REPORTED = "named by one third party only"
    ANALOGY = "formed like the others and never confirmed"


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where to call. No trailing slash on `base_url`; `certainty` speaks of the default host, also where it was overridden."""

    base_url: str
    token_url: str
    certainty: Certainty


_TOKEN_PATH = "/v1/tokens"  # Basware authentication spec, POST /v1/tokens

_HOSTS: dict[tuple[Region, Environment], tuple[str, Certainty]] = {
    (Region.EU, Environment.PRODUCTION): ("https://api.basware.com", Certainty.DOCUMENTED),
    (Region.EU, Environment.TEST): ("https://test-api.basware.com", Certainty.IN_USE),
    (Region.US, Environment.PRODUCTION): ("https://api.us.basware.com", Certainty.REPORTED),
    (Region.US, Environment.TEST): ("https://test-api.us.basware.com", Certainty.IN_USE),
    (Region.AU, Environment.PRODUCTION): ("https://api.au.basware.com", Certainty.ANALOGY),
    (Region.AU, Environment.TEST): ("https://test-api.au.basware.com", Certainty.ANALOGY),
    (Region.CA, Environment.PRODUCTION): ("https://api.ca.basware.com", Certainty.ANALOGY),
    (Region.CA, Environment.TEST): ("https://test-api.ca.basware.com", Certainty.ANALOGY),
}


PLACES = tuple(f"{region} {environment}" for region, environment in _HOSTS)
"""Every system of Basware by the name settings and people use, such as `US test`."""


def addresses(
    region: Region,
    environment: Environment,
    *,
    base_url: str = "",
    token_url: str = "",
    hosts: Mapping[str, str] | None = None,
) -> Addresses:
    """The addresses of a tenant. What is given wins; a base address without a token address serves the tokens too.

    `hosts` are base addresses that stand in for those of the table, by the names of PLACES.
    """
    host, certainty = _HOSTS[region, environment]
    own = (hosts or {}).get(place_name(region, environment), "")
    base = (base_url or own or host).rstrip("/")
    return Addresses(base_url=base, token_url=token_url or base + _TOKEN_PATH, certainty=certainty)


def elsewhere(region: Region, environment: Environment, hosts: Mapping[str, str] | None = None) -> dict[str, Addresses]:
    """All other systems of the table by name, those nearest to the one named first: its region, then its environment."""
    others = [place for place in _HOSTS if place != (region, environment)]
    others.sort(key=lambda place: (place[0] is not region, place[1] is not environment))
    return {place_name(*place): addresses(*place, hosts=hosts) for place in others}


def place_name(region: Region, environment: Environment) -> str:
    """A system in words, such as `US test`."""
    return f"{region} {environment}"
