"""Basware's regions and environments, the host of each, and how well that host is known.

An API tenant lives in the region of the customer's Purchase-to-Pay, with separate test and production systems. Basware's own
documents name the European production host only.
"""

from dataclasses import dataclass
from enum import StrEnum


class Region(StrEnum):
    """Where a customer's Basware runs."""

    EU = "EU"
    US = "US"
    AU = "AU"
    CA = "CA"


class Environment(StrEnum):
    """Which of the two systems of a region."""

    PRODUCTION = "production"
    TEST = "test"


class Confidence(StrEnum):
    """How well a host is known."""

    DOCUMENTED = "in Basware's own documents"
    USED = "in programs that were run against it"
    NAMED = "named by one outsider"
    ANALOGY = "formed like the others, never confirmed"


@dataclass(frozen=True)
class Place:
    """One system of Basware."""

    region: Region = Region.EU
    environment: Environment = Environment.PRODUCTION

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.region} {self.environment}"


@dataclass(frozen=True)
class Host:
    """Where a system is reached; `others` are spellings that sources give as well."""

    name: str
    confidence: Confidence
    others: tuple[str, ...] = ()

    @property
    def issuer(self) -> str:
        """What the tokens of the system name as their issuer; documented for Europe, formed the same for the others."""
        return f"https://{self.name}"


HOSTS: dict[Place, Host] = {
    Place(Region.EU, Environment.PRODUCTION): Host("api.basware.com", Confidence.DOCUMENTED),
    Place(Region.EU, Environment.TEST): Host("test-api.basware.com", Confidence.USED, ("test.api.basware.com",)),
    Place(Region.US, Environment.PRODUCTION): Host("api.us.basware.com", Confidence.NAMED, ("us-api.basware.com",)),
    Place(Region.US, Environment.TEST): Host("test-api.us.basware.com", Confidence.USED),
    Place(Region.AU, Environment.PRODUCTION): Host("api.au.basware.com", Confidence.ANALOGY, ("au-api.basware.com",)),
    Place(Region.AU, Environment.TEST): Host("test-api.au.basware.com", Confidence.ANALOGY),
    Place(Region.CA, Environment.PRODUCTION): Host("api.ca.basware.com", Confidence.ANALOGY, ("ca-api.basware.com",)),
    Place(Region.CA, Environment.TEST): Host("test-api.ca.basware.com", Confidence.ANALOGY),
}
"""Every system, in the order in which they are listed."""


def place_named(region: str, environment: str) -> Place:
    """A system by what a seed calls it; empty texts are the usual ones. Raises ValueError for any other."""
    try:
        return Place(Region(region.upper() or Region.EU), Environment(environment.lower() or Environment.PRODUCTION))
    except ValueError:
        known = f"regions {', '.join(Region)}; environments {', '.join(Environment)}"
        raise ValueError(f"Basware has no {region} {environment}: {known}") from None
