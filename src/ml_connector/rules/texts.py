# ruff: noqa: RUF001 -- look-alike letters are what this module is about
"""Texts and numbers as QuickBooks can hold them: cleaned, transliterated and shortened the same way every time.

A supplier's wording is changed only where it must be, and every change can be seen. Pure, and without any knowledge of
documents: callers say how long a text may be and whether the company's edition is limited to ISO-8859-1.
"""

import hashlib
import unicodedata
from base64 import b32encode
from collections.abc import Iterator

import msgspec

DOC_NUMBER_LIMIT = 21
"""Longest DocNumber of a QuickBooks transaction (Intuit's entity reference, Bill.DocNumber)."""

_DIGEST_LENGTH = 8  # 40 bits in base32, whose letters survive comparison without case
_SEPARATOR = "~"
_UNKNOWN = "?"


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """A cleaned text. `changed` is true when it differs in any way from what was given; `note` says in ASCII what a reader
    would notice (replaced or cut characters), and is empty when only white space or the encoding of accents was tidied."""

    text: str
    changed: bool
    note: str = ""


def _pairs(source: str, target: str) -> dict[str, str]:
    return dict(zip(source, target.split("|"), strict=True))


# Characters outside ISO-8859-1 whose nearest spelling Unicode's decomposition does not give.
_TRANSLITERATION: dict[str, str] = {
    **_pairs("łŁđĐħĦıĸŋŊœŒŧŦŉſƒəƏẞșȘțȚ", "l|L|d|D|h|H|i|k|n|N|oe|OE|t|T|'n|s|f|e|E|SS|s|S|t|T"),
    **_pairs("‘’‚‛′‹›“”„‟″«»", "'|'|'|'|'|'|'|\"|\"|\"|\"|\"|\"|\""),
    **_pairs("‐‑‒–—―−⁃•‣…⁄∕€№™℠→←", "-|-|-|-|-|-|-|-|-|-|...|/|/|EUR|No.|(TM)|(SM)|->|<-"),
    **_pairs("₤₦₩₪₫₱₹₺₽₿", "GBP|NGN|KRW|ILS|VND|PHP|INR|TRY|RUB|BTC"),
    **_pairs("αβγδεζηθικλμνξοπρσςτυφχψω", "a|v|g|d|e|z|i|th|i|k|l|m|n|x|o|p|r|s|s|t|y|f|ch|ps|o"),
    **_pairs("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", "A|V|G|D|E|Z|I|Th|I|K|L|M|N|X|O|P|R|S|T|Y|F|Ch|Ps|O"),
    **_pairs("абвгдеёжзийклмнопрстуф", "a|b|v|g|d|e|e|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f"),
    **_pairs("хцчшщъыьэюяіїєґђјљњћџўѓќѕ", "kh|ts|ch|sh|shch||y||e|yu|ya|i|yi|ye|g|dj|j|lj|nj|c|dz|u|g|k|dz"),
    **_pairs("АБВГДЕЁЖЗИЙКЛМНОПРСТУФ", "A|B|V|G|D|E|E|Zh|Z|I|Y|K|L|M|N|O|P|R|S|T|U|F"),
    **_pairs("ХЦЧШЩЪЫЬЭЮЯІЇЄҐЂЈЉЊЋЏЎЃЌЅ", "Kh|Ts|Ch|Sh|Shch||Y||E|Yu|Ya|I|Yi|Ye|G|Dj|J|Lj|Nj|C|Dz|U|G|K|Dz"),
}  # fmt: skip


def clean(text: str, *, limit: int, latin1_only: bool, single_line: bool = False) -> Cleaned:
    """The text as QuickBooks accepts it, never longer than `limit` (counted as QuickBooks' Java does, in UTF-16 units).

    Control characters become spaces, accents are composed (NFC), and with `latin1_only` everything outside ISO-8859-1 is
    spelled with the nearest letters or "?" (Intuit's schema page: US companies hold ISO-8859-1 only). A cut text ends with an
    ellipsis. Cleaning a cleaned text changes nothing.
    """
    plain, controls = _without_controls(text, single_line=single_line)
    replaced = 0
    if latin1_only:
        plain, replaced = _to_latin1(plain)
    plain = _tidy_space(plain, single_line=single_line)
    cut = _cut(plain, limit, "..." if latin1_only else "…")
    notes: list[str] = []
    if controls:
        notes.append(f"{_count(controls, 'control character')} removed")
    if replaced:
        notes.append(f"{_count(replaced, 'character')} outside ISO-8859-1 replaced")
    if cut != plain:
        notes.append(f"cut from {_units(plain)} to {limit} characters")
    return Cleaned(text=cut, changed=cut != text, note="; ".join(notes))


def shorten_number(number: str, limit: int = DOC_NUMBER_LIMIT, *, latin1_only: bool = True) -> str:
    """The supplier's invoice number as QuickBooks' DocNumber: unchanged where it fits, else a readable head, "~" and a digest.

    The digest is taken over the whole cleaned number, so numbers that differ only in what does not fit (too long, or in letters
    the edition lacks) stay different, and the same number always gives the same result. Raises ValueError when `limit` leaves
    no room for a head and the digest.
    """
    room = limit - _DIGEST_LENGTH - len(_SEPARATOR)
    if room < 1:
        raise ValueError(f"an invoice number needs at least {_DIGEST_LENGTH + 2} characters, not {limit}")
    full, _ = _without_controls(number, single_line=True)
    full = _tidy_space(full, single_line=True)
    spelled = _tidy_space(_to_latin1(full)[0], single_line=True) if latin1_only else full
    if spelled == full and _units(full) <= limit:
        return full
    digest = b32encode(hashlib.sha256(full.encode()).digest()).decode("ascii")[:_DIGEST_LENGTH]
    return f"{_first_units(spelled, room).rstrip()}{_SEPARATOR}{digest}"


def part_number(number: str, part: int, parts: int, limit: int = DOC_NUMBER_LIMIT, *, latin1_only: bool = True) -> str:
    """The number of one of the `parts` transactions a document becomes; `part` counts from 0, the suffix people see from 1.

    A document that stays whole keeps its plain number. All parts share the same head, shortened so that the longest suffix
    fits. Raises ValueError when `part` is not one of the parts.
    """
    if not 0 <= part < parts:
        raise ValueError(f"part {part} is not one of {parts} parts counted from 0")
    if parts == 1:
        return shorten_number(number, limit, latin1_only=latin1_only)
    head = shorten_number(number, limit - len(f"-{parts}"), latin1_only=latin1_only)
    return f"{head}-{part + 1}"


def _without_controls(text: str, *, single_line: bool) -> tuple[str, int]:
    """The text in NFC without control, formatting and broken characters, and how many visible changes that took."""
    kept: list[str] = []
    changes = 0
    for char in text.replace("\r\n", "\n").replace("\r", "\n"):
        category = unicodedata.category(char)
        if char == "\n" or category in {"Zl", "Zp"}:
            kept.append(" " if single_line else "\n")
        elif char == "\t" or category == "Zs":
            kept.append(" ")
        elif category == "Cc":
            kept.append(" ")
            changes += 1
        elif category == "Cs" or _is_noncharacter(char):
            kept.append(_UNKNOWN)
            changes += 1
        elif category != "Cf":  # zero-width and direction marks carry nothing an accountant sees
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)), changes


def _is_noncharacter(char: str) -> bool:
    code = ord(char)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _to_latin1(text: str) -> tuple[str, int]:
    """The text spelled within ISO-8859-1, and how many characters were replaced."""
    replaced = sum(1 for char in text if ord(char) > 0xFF)
    if not replaced:
        return text, 0
    return "".join(char if ord(char) <= 0xFF else _spell(char) for char in text), replaced


def _spell(char: str) -> str:
    known = _TRANSLITERATION.get(char)
    if known is not None:
        return known
    if unicodedata.category(char) == "Mn":  # an accent that composed with nothing: its letter stands before it
        return ""
    return "".join(_spell_parts(unicodedata.normalize("NFKD", char))) or _UNKNOWN


def _spell_parts(decomposed: str) -> Iterator[str]:
    for part in decomposed:
        if ord(part) <= 0xFF:
            yield part
        elif unicodedata.category(part) != "Mn":
            yield _TRANSLITERATION.get(part, _UNKNOWN)


def _tidy_space(text: str, *, single_line: bool) -> str:
    return " ".join(text.split()) if single_line else text.strip()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _first_units(text: str, count: int) -> str:
    return text.encode("utf-16-le")[: 2 * count].decode("utf-16-le", "ignore")


def _cut(text: str, limit: int, ellipsis: str) -> str:
    if _units(text) <= limit:
        return text
    if limit <= len(ellipsis):
        return _first_units(text, max(limit, 0)).rstrip()
    return _first_units(text, limit - len(ellipsis)).rstrip() + ellipsis


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
