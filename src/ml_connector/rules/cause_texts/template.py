"""The form in which each cause is put into words. `rules/causes.py` fills in the facts."""

import msgspec

from ml_connector.model.holds import Who


class CauseTemplate(msgspec.Struct, frozen=True):
    """Texts with {facts}. A part in [brackets] appears only if all its facts are known. `short` goes to Basware's log."""

    who: Who
    title: str
    sentence: str
    what_to_do: str
    short: str


AP, ACCOUNTANT, MAPPER, ADMIN = Who.AP_TEAM, Who.ACCOUNTANT, Who.MAPPER, Who.ADMINISTRATOR
AP_OR_ACCOUNTANT, MAPPER_OR_ACCOUNTANT = Who.AP_TEAM_OR_ACCOUNTANT, Who.MAPPER_OR_ACCOUNTANT
ACCOUNTANT_HERE, ACCOUNTANT_HERE_TOO = Who.ACCOUNTANT_HERE, Who.ACCOUNTANT_HERE_TOO
ACCOUNTANT_OR_ADMIN = Who.ACCOUNTANT_OR_ADMINISTRATOR
"""Who can fix a cause, short enough for a table."""
