"""Which approved invoice is the document of the Network that was on its way, where neither names the other.

Purchase-to-Pay names the Network's id with an invoice when it came by that way; the store matches those. These rules are for
the rest, and rather leave a document on its way than give it the wrong invoice.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Iterable
from decimal import Decimal

import msgspec

from ml_connector.model.network import NetworkKind


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A document on its way."""

    bum_id: str
    kind: NetworkKind
    number: str
    supplier_name: str
    currency: str
    total: Decimal | None


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """An approved invoice that names no document of the Network. `total` has Basware's sign."""

    invoice_id: str
    number: str
    supplier_name: str
    currency: str
    total: Decimal | None


def pair(waiting: Iterable[Waiting], approved: Iterable[Approved]) -> dict[str, str]:
    """Invoice ids by bumId: the same number, supplier name, currency and amount, and only one of each on both sides.

    Names are compared without case, accents and punctuation; amounts by their size, since the two systems write the sign of a
    credit note differently. An invoice is never paired with a negative amount.
    """
    documents: defaultdict[Hashable, list[Waiting]] = defaultdict(list)
    invoices: defaultdict[Hashable, list[Approved]] = defaultdict(list)
    for one in waiting:
        if (key := _key(one.number, one.supplier_name, one.currency, one.total)) is not None:
            documents[key].append(one)
    for each in approved:
        if (key := _key(each.number, each.supplier_name, each.currency, each.total)) is not None:
            invoices[key].append(each)
    found = {}
    for key, candidates in documents.items():
        matching = invoices.get(key, [])
        if len(candidates) == len(matching) == 1 and _same_direction(candidates[0], matching[0]):
            found[candidates[0].bum_id] = matching[0].invoice_id
    return found


def _key(number: str, supplier: str, currency: str, total: Decimal | None) -> Hashable | None:
    name, code = _letters(supplier), number.strip().casefold()
    if not (name and code and currency and total is not None):
        return None
    return code, name, currency.upper(), abs(total)


def _letters(name: str) -> str:
    """A name's letters and digits alone."""
    return "".join(char for char in unicodedata.normalize("NFKD", name).casefold() if char.isalnum())


def _same_direction(document: Waiting, invoice: Approved) -> bool:
    return document.kind is NetworkKind.CREDIT_NOTE or (invoice.total or Decimal(0)) >= 0
