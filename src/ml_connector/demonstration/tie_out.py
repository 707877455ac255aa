"""The proof at the end of the demo: what Basware gave and what QuickBooks has, from the twins' own books and nothing of ours.

Documents in = posted + held, and every posted document has in QuickBooks exactly the amount it has in Basware, to the cent.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import msgspec

from ml_connector.rules.marker import find_marker


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """One currency: how many documents and how much on either side. Credit notes count negative."""

    currency: str
    received: int
    received_amount: Decimal
    posted: int
    posted_amount: Decimal
    held: int
    held_amount: Decimal
    in_quickbooks: int
    in_quickbooks_amount: Decimal


class TieOut(msgspec.Struct, frozen=True, kw_only=True):
    """The whole proof. `problems` is empty when everything ties."""

    ties: tuple[Tie, ...]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether everything ties."""
        return not self.problems


def tie_out(basware_documents: list[dict[str, Any]], quickbooks: dict[str, Any], home_currency: str) -> TieOut:
    """Hold both twins' books against each other."""
    posted = _in_quickbooks(quickbooks, home_currency)
    problems: list[str] = []
    for document in basware_documents:
        problems += _problems(document, posted.get(document["invoiceId"], []))
    known = {document["invoiceId"] for document in basware_documents}
    problems += [
        f"QuickBooks has a transaction for {invoice_id}, which Basware does not know"
        for invoice_id in set(posted) - known
    ]
    currencies = sorted({document["currencyCode"] for document in basware_documents})
    ties = tuple(_tie(currency, basware_documents, posted) for currency in currencies)
    for tie in ties:
        if tie.received != tie.posted + tie.held or tie.received_amount != tie.posted_amount + tie.held_amount:
            problems.append(f"{tie.currency}: documents received are not those posted plus those held")
        if tie.posted_amount != tie.in_quickbooks_amount:
            problems.append(f"{tie.currency}: Basware's posted amount differs from QuickBooks'")
    return TieOut(ties=ties, problems=tuple(problems))


def _in_quickbooks(books: dict[str, Any], home_currency: str) -> dict[str, list[tuple[str, str, Decimal]]]:
    """By invoice id: currency, QuickBooks id and signed amount of every transaction that carries our marker."""
    found: dict[str, list[tuple[str, str, Decimal]]] = defaultdict(list)
    for kind in ("Bill", "VendorCredit", "JournalEntry"):
        for record in books.get(kind, []):
            marker = find_marker(record.get("PrivateNote", ""))
            if marker is not None:
                currency = record.get("CurrencyRef", {}).get("value", home_currency)
                found[marker.invoice_id].append((currency, record["Id"], _amount(kind, record)))
    return found


def _amount(kind: str, record: dict[str, Any]) -> Decimal:
    if kind == "JournalEntry":
        return sum((_payable(line) for line in record["Line"]), Decimal(0))
    total = Decimal(str(record["TotalAmt"]))
    return -total if kind == "VendorCredit" else total


def _payable(line: dict[str, Any]) -> Decimal:
    """What a journal line adds to the vendor's balance: credits on the vendor's payable line, less debits."""
    detail = line.get("JournalEntryLineDetail", {})
    if detail.get("Entity", {}).get("Type") != "Vendor":
        return Decimal(0)
    amount = Decimal(str(line["Amount"]))
    return amount if detail["PostingType"] == "Credit" else -amount


def _is_posted(document: dict[str, Any]) -> bool:
    return bool(document["processingStatus"] == "Transferred")


def _problems(document: dict[str, Any], posted: list[tuple[str, str, Decimal]]) -> list[str]:
    number = document.get("invoiceNumber") or document["invoiceId"]
    answers = [answer for answer in document.get("transferResponses") or [] if answer["success"]]
    if not _is_posted(document):
        return [f"{number} is held, but QuickBooks has {len(posted)} transactions for it"] if posted else []
    if not posted:
        return [f"{number} is transferred, but QuickBooks has nothing for it"]
    problems = []
    amount = sum((amount for _, _, amount in posted), Decimal(0))
    if amount != _gross(document):
        problems.append(f"{number}: {_gross(document)} in Basware, {amount} in QuickBooks")
    if len(answers) != 1 or answers[0].get("voucherNumber1") not in {id_ for _, id_, _ in posted}:
        problems.append(f"{number} was not answered exactly once with its QuickBooks id")
    return problems


def _gross(document: dict[str, Any]) -> Decimal:
    return Decimal(str(document["grossSum"]))


def _tie(currency: str, documents: list[dict[str, Any]], posted: dict[str, list[tuple[str, str, Decimal]]]) -> Tie:
    own = [document for document in documents if document["currencyCode"] == currency]
    done = [document for document in own if _is_posted(document)]
    held = [document for document in own if not _is_posted(document)]
    amounts = [amount for group in posted.values() for where, _, amount in group if where == currency]
    return Tie(
        currency=currency,
        received=len(own),
        received_amount=sum(map(_gross, own), Decimal(0)),
        posted=len(done),
        posted_amount=sum(map(_gross, done), Decimal(0)),
        held=len(held),
        held_amount=sum(map(_gross, held), Decimal(0)),
        in_quickbooks=len(amounts),
        in_quickbooks_amount=sum(amounts, Decimal(0)),
    )
