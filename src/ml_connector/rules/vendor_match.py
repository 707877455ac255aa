"""Which vendor of QuickBooks a vendor of Basware is, when the two are connected for the first time: by several keys, with a score.

Only a match that is certain is made by itself; whatever is merely likely goes to a person. A name alone is never certain.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from ml_connector.model.vendors import CURRENCY, EMAIL, PHONE, TAX_ID, VendorNow

CERTAIN, LIKELY = 100, 30
"""From these scores on a match is made by itself, or shown to a person."""
LEAD = 40
"""By how much a certain match has to be better than the next one."""

SCORES: Mapping[str, int] = {
    "linked before": 200, "vendor code": 100, "tax id": 100, "account number": 60, "e-mail": 50, "name": 50,
    "end of the tax id": 30, "phone": 20,
}  # fmt: skip
"""What each key is worth. Two that people choose freely, such as name and e-mail, are together as good as one that is unique."""

_COMPANY_FORMS = frozenset(
    [
        "inc",
        "incorporated",
        "llc",
        "ltd",
        "limited",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "lp",
        "llp",
        "gmbh",
        "ag",
        "kg",
        "sa",
        "sas",
        "sarl",
        "srl",
        "bv",
        "nv",
        "as",
        "asa",
        "ab",
        "oy",
        "oyj",
        "aps",
        "pty",
        "the",
        "and",
    ]
)
_NO_LETTER = re.compile(r"[^a-z0-9 ]+")


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A vendor of QuickBooks that may be the one, with the keys that say so."""

    quickbooks_id: str
    name: str
    score: int
    why: tuple[str, ...]
    against: tuple[str, ...] = ()
    """What speaks against it: whoever has other currency or another tax id is somebody else, or needs a person's eye."""


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """What matching came to, by Basware's vendor code: certain ones, and those a person has to look at, best first."""

    certain: dict[str, Candidate]
    review: dict[str, tuple[Candidate, ...]]


def match(
    basware: Iterable[VendorNow],
    quickbooks: Iterable[VendorNow],
    linked: Mapping[str, str],
    apart: Mapping[str, frozenset[str]],
) -> Matches:
    """Match vendors that are not linked. `linked`: QuickBooks' ids by vendor code, from links and rules that people made.
    `apart`: by vendor code the ids a person said it is not.

    A vendor of QuickBooks that is certain for two of Basware's is certain for none of them.
    """
    index, found = _Index(quickbooks), dict[str, list[Candidate]]()
    for vendor in basware:
        scored = index.candidates(vendor, linked.get(vendor.code, ""), apart.get(vendor.code, frozenset()))
        if scored:
            found[vendor.code] = scored
    certain = {code: some[0] for code, some in found.items() if _is_certain(some)}
    wanted = Counter(one.quickbooks_id for one in certain.values())
    sure = {
        code: one for code, one in certain.items() if one.why[0] == "linked before" or wanted[one.quickbooks_id] == 1
    }
    review = {code: tuple(some[:5]) for code, some in found.items() if code not in sure}
    return Matches(certain=sure, review=review)


def _is_certain(scored: list[Candidate]) -> bool:
    best = scored[0]
    if best.why[0] == "linked before":
        return True
    clear = len(scored) == 1 or best.score - scored[1].score >= LEAD
    return best.score >= CERTAIN and clear and not best.against


class _Index:
    """Vendors of QuickBooks by each of their keys, so that ten thousand are matched without comparing each with each."""

    def __init__(self, vendors: Iterable[VendorNow]) -> None:
        self.vendors = {one.key: one for one in vendors}
        self._by: dict[tuple[str, str], list[str]] = {}
        for one in self.vendors.values():
            for key in _keys(one):
                self._by.setdefault(key, []).append(one.key)

    def candidates(self, vendor: VendorNow, linked: str, apart: frozenset[str]) -> list[Candidate]:
        """Whoever shares a key with it, best first."""
        why: dict[str, list[str]] = {}
        if linked in self.vendors:
            why[linked] = ["linked before"]
        for kind, value in _keys(vendor, exact=True):
            for quickbooks_id in self._by.get((kind, value), ()):
                why.setdefault(quickbooks_id, []).append(kind)
        found = [
            _candidate(vendor, self.vendors[one], keys)
            for one, keys in why.items()
            if one not in apart or one == linked
        ]
        likely = [one for one in found if one.score >= LIKELY]
        return sorted(likely, key=lambda one: (-one.score, len(one.quickbooks_id), one.quickbooks_id))


def _candidate(vendor: VendorNow, other: VendorNow, keys: list[str]) -> Candidate:
    ordered = sorted(dict.fromkeys(keys), key=lambda key: -SCORES[key])
    against = list[str]()
    ours, theirs = other.values.get(CURRENCY, ""), vendor.values.get(CURRENCY, "")
    if ours and theirs and ours != theirs:
        against.append(f"currency {ours}, in Basware {theirs}")
    if other.tax_tail and vendor.values.get(TAX_ID) and not _ends(vendor.values[TAX_ID], other.tax_tail):
        against.append("another tax id")
    return Candidate(
        quickbooks_id=other.key,
        name=other.name,
        score=sum(SCORES[key] for key in ordered),
        why=tuple(ordered),
        against=tuple(against),
    )


def _keys(vendor: VendorNow, *, exact: bool = False) -> list[tuple[str, str]]:
    """Keys of a vendor by kind, each in the form in which it is compared."""
    tax, tail = _plain(vendor.values.get(TAX_ID, "")), vendor.tax_tail.casefold()
    keys = [
        ("vendor code", vendor.code.casefold()),
        ("tax id", tax),
        ("account number", _plain(vendor.account)),
        ("e-mail", vendor.values.get(EMAIL, "").casefold()),
        ("name", plain_name(vendor.name)),
        ("phone", _digits(vendor.values.get(PHONE, ""))),
        ("end of the tax id", tax[-4:] if exact else tail[-4:]),
    ]
    return [(kind, value) for kind, value in keys if value]


def _ends(tax_id: str, tail: str) -> bool:
    return _plain(tax_id).endswith(tail.casefold())


def same_tax_id(tax_id: str, tail: str) -> bool:
    """Whether a tax id can be the one of which only the last characters are shown."""
    return bool(tail) and _ends(tax_id, tail)


def plain_name(name: str) -> str:
    """A name as it is compared: without accents, punctuation and forms of company, in no case. "ACME, Inc." is "acme"."""
    spelled = unicodedata.normalize("NFKD", name.casefold().replace("&", " and ").replace(".", ""))
    letters = "".join(one for one in spelled if not unicodedata.combining(one))
    words = [word for word in _NO_LETTER.sub(" ", letters).split() if word not in _COMPANY_FORMS]
    return " ".join(words) or " ".join(name.casefold().split())


def _plain(value: str) -> str:
    return "".join(one for one in value.casefold() if one.isalnum())


def _digits(value: str) -> str:
    digits = "".join(one for one in value if one.isdigit())
    return digits[-9:] if len(digits) >= 7 else ""
