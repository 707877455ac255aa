"""Bank accounts of a vendor as people read them: masked wherever a vendor is shown, whole for who has to compare them with a paper.

Reads `paymentMeans` of a vendor record as Basware's interface has them (VendorPaymentMeanEntity). Compares and decides nothing.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Part = Mapping[str, Any]

_LEFT = 4
"""Characters of a number that are left of it."""
_BETWEEN = r"[\s.-]*"
"""What people and systems write between the characters of a number."""


class BankAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One account whole. `scheme` is IBAN or BBAN, `bank_code` what the bank is known by (its BIC), `means` how it is paid.

    `further` is everything else Basware keeps of it, by its own names.
    """

    number: str
    scheme: str
    holder: str
    currency: str
    bank: str
    bank_code: str
    means: str
    further: dict[str, str]


def accounts_in_full(details: Sequence[Part]) -> list[BankAccount]:
    """Every account with everything that is known of it. Nobody but who asks for exactly this is shown it."""
    return [
        BankAccount(
            number=_text(one, "id"),
            scheme=_text(one, "schemeId"),
            holder=_text(one, "accountHolderName"),
            currency=_text(one, "currencyCode"),
            bank=_text(bank, "name"),
            bank_code=_text(bank, "id"),
            means=_text(mean, "paymentMeansCode"),
            further=_further(one, {"id", "schemeId", "accountHolderName", "currencyCode"})
            | _further(bank, {"name", "id", "schemeId"}),
        )
        for mean, bank, one in _each(details)
    ]


def masked_accounts(details: Sequence[Part]) -> list[str]:
    """Bank accounts for people: kind, bank and the last four characters."""
    return [
        f"{_text(one, 'schemeId')} …{_text(one, 'id')[-_LEFT:]}"
        + (f" at {name}" if (name := _text(bank, "name")) else "")
        for _, bank, one in _each(details)
    ]


def without_numbers(words: str, details: Sequence[Part]) -> str:
    """Words about a vendor that may name its accounts, such as why one was refused: of each number the end is left, however it is
    grouped and in whichever letters."""
    numbers = {re.sub(_BETWEEN, "", _text(one, "id")) for _, _, one in _each(details)}
    for number in sorted(numbers, key=len, reverse=True):
        if len(number) > _LEFT:
            grouped, end = _BETWEEN.join(map(re.escape, number)), number[-_LEFT:].replace("\\", r"\\")
            words = re.sub(grouped, f"…{end}", words, flags=re.IGNORECASE)
    return words


def _each(details: Sequence[Part]) -> list[tuple[Part, Part, Part]]:
    """Payment means, bank and identifier of each account."""
    return [
        (mean, _bank(account), one)
        for mean in details
        for account in _inner(mean, "financialAccounts")
        for one in _inner(account, "financialAccountIdentifiers")
    ]


def _bank(account: Part) -> Part:
    found = account.get("financialInstitution")
    return found if isinstance(found, dict) else {}


def _inner(part: Part, name: str) -> list[Part]:
    value = part.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(part: Part, name: str) -> str:
    value = part.get(name)
    return "" if value is None else " ".join(str(value).split())


def _further(part: Part, told: set[str]) -> dict[str, str]:
    return {name: text for name in sorted(part) if name not in told and (text := _text(part, name))}
