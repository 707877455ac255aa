"""Names as Basware's lists show them: hierarchies readable, within limits, never too short.

Pure texts; which record is meant is decided elsewhere.
"""

from ml_connector.model.master_data import NAME_LIMIT, SHORTEST_NAME
from ml_connector.rules.texts import clean

_CUT = "…"
_NAMELESS = "Without name"


def readable(full_name: str, code: str, limit: int = NAME_LIMIT) -> str:
    """`Parent:Child` as `Parent: Child`. A name of one character gets its code, since Basware wants two
    (LanguageTranslationEntity); one that is too long is cut in the middle, so that the beginning and the leaf stay."""
    parts = [_plain(part) for part in full_name.split(":")]
    name = ": ".join(part for part in parts if part)
    if len(name) < SHORTEST_NAME:
        name = f"{name or _NAMELESS} {code}"
    return shortened(name, limit)


def _plain(part: str) -> str:
    """One line without characters nobody can see."""
    return clean(part, limit=NAME_LIMIT, latin1_only=False, single_line=True).text


def shortened(name: str, limit: int) -> str:
    """The name within a limit: its middle gives way. The end gets the larger part, for that is where siblings differ."""
    if len(name) <= limit:
        return name
    room = limit - len(_CUT)
    head = room // 3
    return f"{name[:head].rstrip()}{_CUT}{name[len(name) - (room - head) :].lstrip()}"
