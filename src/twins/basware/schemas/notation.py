"""What Basware's specification says of a property, and the small notation in which the tables of this package say it.

`name` is a text without limits, `name:36` one of at most 36 characters, `name:1-36` one of 1 to 36, `name=A|B` one of these
words, `name@instant|flag|number|int` another kind, `name@int[0..9]` one within limits, `name>Shape` an object, `name>Shape[]` a
list of objects, `name>text[]` a list of texts, `name/pattern/` a text (or the digits of a number) of that form. After the name,
`*` says required and `^` optional but never null; `text{1..5}` stands for text1 to text5.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "flag", "number", "int", "instant", "object"]

_TOKEN = re.compile(
    r"(?P<name>\w+)(?:\{(?P<first>\d+)\.\.(?P<last>\d+)\})?(?P<mark>[*^]?)"
    r"(?::(?:(?P<least>\d+)-)?(?P<most>\d+)"
    r"|@(?P<kind>instant|flag|number|int)(?:\[(?P<low>-?\d+)\.\.(?P<high>-?\d+)\])?"
    r"|=(?P<words>[\w|]+)"
    r"|>(?P<shape>\w+)(?P<many>\[\])?)?"
    r"(?:/(?P<pattern>.+)/)?"
)

PATTERNS: Mapping[str, str] = {
    # The form of an e-mail address that many services use; note that it knows no upper case.
    "EMAIL": (
        r"^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"|(?:[\x01-\x08\x0b\x0c\x0e-\x1f\x21\x23-\x5b\x5d-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*)"
        r"@(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
        r"|\[(?:(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\.){3}"
        r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?|[a-z0-9-]*[a-z0-9]:"
        r"(?:[\x01-\x08\x0b\x0c\x0e-\x1f\x21-\x5a\x53-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])+)\])$"
    ),
}


@dataclass(frozen=True)
class Field:
    """One property: its kind, whether it must be there, whether it may be null, and its limits."""

    kind: Kind
    required: bool = False
    nullable: bool = True
    least: int = 0
    most: int = 0
    """Limits of a text's length; `most` 0: none."""
    low: int | None = None
    high: int | None = None
    words: tuple[str, ...] = ()
    pattern: str = ""
    shape: str = ""
    """The name of the schema of an object, or of the members of a list."""
    many: bool = False


Schema = Mapping[str, Field]


def read_schema(text: str) -> Schema:
    """A schema from its notation."""
    return {name: field for token in text.split() for name, field in _read(token)}


def _read(token: str) -> Iterator[tuple[str, Field]]:
    """One property, or the run of properties that a token stands for."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ValueError(f"not in the notation of schemas: {token}")
    part = found.groupdict()
    pattern = part["pattern"] or ""
    shape = part["shape"] or ""
    field = Field(
        kind=_kind(part["kind"], shape),
        required=part["mark"] == "*",
        nullable=not part["mark"],
        least=int(part["least"] or 0),
        most=int(part["most"] or 0),
        low=None if part["low"] is None else int(part["low"]),
        high=None if part["high"] is None else int(part["high"]),
        words=tuple(part["words"].split("|")) if part["words"] else (),
        pattern=PATTERNS.get(pattern, pattern),
        shape="" if shape == "text" else shape,
        many=bool(part["many"]),
    )
    if part["first"] is None:
        yield part["name"], field
        return
    for number in range(int(part["first"]), int(part["last"]) + 1):
        yield f"{part['name']}{number}", field


def _kind(named: str | None, shape: str) -> Kind:
    match named:
        case "instant" | "flag" | "number" | "int":
            return named
        case _:
            return "object" if shape and shape != "text" else "text"
