"""How far a document is paid, from everything that settles the transactions it is in QuickBooks, and whether that is news.

Pure: what a payment settles, what is open and what Basware was told last are handed in. The rules, each by name, are told in
docs/payments.md. What is settled is QuickBooks' own balance; bill payments say when, how and by which numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from ml_connector.model.money import ZERO, format_money, minor_unit
from ml_connector.model.payments import CREDIT, OTHER, OwnWords, Part, Payment, Picture, Target
from ml_connector.rules.shares import distribute

CHECK = "Check"
"""QuickBooks' PayType of everything that leaves a bank account, transfers included."""

_BEGINNING = date(1, 1, 1)


def payment_picture(
    parts: Sequence[Part], payments: Iterable[Payment], own: OwnWords, told: Picture | None = None
) -> Picture:
    """The picture of a document now. `payments` are all that settle any of its parts; `told` is what Basware has.

    Payments that Basware was told of and that settle nothing any more stay named as reversed until they settle something again.
    """
    applied = _applied(parts, payments)
    settled = {part.target: _settled(part, applied[part.target]) for part in parts}
    total = _signed(parts, {part.target: part.total for part in parts})
    sign = -1 if own.total and total and (own.total < 0) != (total < 0) else 1
    discount = sum((_discount(part, applied[part.target], own.currency) for part in parts), ZERO)
    named = _newest_first(applied)
    unseen = {target: amount - _explained(applied[target]) for target, amount in settled.items()}
    unexplained = sign * _signed(parts, unseen)
    how, check_number = _how(parts, applied, named, unexplained)
    ids = tuple(payment.id for payment in named)
    return Picture(
        currency=own.currency,
        total=sign * total,
        paid=sign * (_signed(parts, settled) - discount),
        discount=sign * discount,
        day=_day(parts, named, unexplained, told),
        method=how or own.method,
        check_number=check_number,
        numbers=tuple(payment.number or f"#{payment.id}" for payment in named),
        payments=ids,
        reversed=_reversed(ids, told),
        unexplained=unexplained,
        term_code=own.term_code,
        message=own.message,
        payment_block=own.payment_block,
    )


def disagree(parts: Sequence[Part], payments: Iterable[Payment]) -> bool:
    """Whether a balance and the payments that are to explain it do not add up: perhaps one of the copies is older."""
    applied = _applied(parts, payments)
    return any(part.open is not None and part.total - part.open != _explained(applied[part.target]) for part in parts)


def is_news(picture: Picture, told: Picture | None) -> bool:
    """Whether Basware has to hear of a picture at all: something is settled, or something it was told of no longer is."""
    return not picture.is_empty or (told is not None and not told.is_empty) or bool(picture.reversed)


def is_earlier(parts: Sequence[Part], payments: Iterable[Payment], picture: Picture, since: datetime) -> bool:
    """Whether everything that was paid was paid before the connection existed, and nothing about it changed since."""
    moments = [payment.changed_at for payment in payments if payment.id in picture.payments]
    if picture.unexplained:
        moments += [part.changed_at for part in parts]
    return all(moment is not None and moment < since for moment in moments)


def response_message(picture: Picture) -> str:
    """What Basware shows in the invoice's action log."""
    done = picture.paid + picture.discount
    amounts = f"{format_money(done, picture.currency)} of {format_money(picture.total, picture.currency)}"
    gone = f" No longer valid: {documents_named(picture.reversed, 120)}." if picture.reversed else ""
    if not done:
        return f"No payment in QuickBooks.{gone}"
    if abs(done) >= abs(picture.total):
        return f"Paid in QuickBooks: {amounts}.{gone}"
    return f"Partly paid in QuickBooks: {amounts}.{gone}"


def documents_named(ids: Sequence[str], longest: int) -> str:
    """Bill payments by their ids in QuickBooks, within a limit: the first ones, and how many more there are."""
    return listed([f"BillPayment {one}" for one in ids], longest)


def listed(names: Sequence[str], longest: int) -> str:
    """Names in a list within a limit; what does not fit is counted at its end."""
    for count in range(len(names), 0, -1):
        left = len(names) - count
        text = ", ".join(names[:count]) + (f" +{left} more" if left else "")
        if len(text) <= longest:
            return text
    return names[0][:longest] if names else ""


_Applied = Mapping[Target, list[tuple[Payment, Decimal]]]
"""For each part, the payments that settle it with how much."""


def _applied(parts: Sequence[Part], payments: Iterable[Payment]) -> _Applied:
    found: dict[Target, list[tuple[Payment, Decimal]]] = {part.target: [] for part in parts}
    for payment in payments:
        amounts = dict[Target, Decimal]()
        for line in payment.lines:
            if line.target in found and line.amount:
                amounts[line.target] = amounts.get(line.target, ZERO) + line.amount
        for target, amount in amounts.items():
            found[target].append((payment, amount))
    return found


def _explained(applied: Sequence[tuple[Payment, Decimal]]) -> Decimal:
    return sum((amount for _, amount in applied), ZERO)


def _settled(part: Part, applied: Sequence[tuple[Payment, Decimal]]) -> Decimal:
    """QuickBooks' balance decides; where it keeps none, as for a journal entry, its payments do."""
    return _explained(applied) if part.open is None else part.total - part.open


def _signed(parts: Sequence[Part], amounts: Mapping[Target, Decimal]) -> Decimal:
    """The sum over the parts, where what the vendor owes us counts against what we owe."""
    return sum((-amounts[part.target] if part.is_credit else amounts[part.target] for part in parts), ZERO)


def _discount(part: Part, applied: Sequence[tuple[Payment, Decimal]], currency: str) -> Decimal:
    """The part of what settles a bill that discount credits did: shared among the bills of a payment by what it settles of each."""
    if part.is_credit:
        return ZERO
    found = ZERO
    for payment, _ in applied:
        used = sum((line.amount for line in payment.lines if line.is_discount), ZERO)
        debts = [line for line in payment.lines if not line.is_credit]
        shares = distribute(used, [line.amount for line in debts], minor_unit(currency)) if used else []
        found += sum((share for line, share in zip(debts, shares, strict=False) if line.target == part.target), ZERO)
    return found


def _newest_first(applied: _Applied) -> list[Payment]:
    every = {payment.id: payment for some in applied.values() for payment, _ in some}
    return sorted(every.values(), key=lambda payment: (payment.day or _BEGINNING, _rank(payment.id)), reverse=True)


def _rank(id_: str) -> tuple[int, str]:
    return (int(id_), id_) if id_.isascii() and id_.isdigit() else (0, id_)


def _how(parts: Sequence[Part], applied: _Applied, named: Sequence[Payment], unexplained: Decimal) -> tuple[str, str]:
    """The method and check number of the newest payment with money in it; credits alone have a method of their own."""
    debts = {part.target for part in parts if not part.is_credit}
    paying = {payment.id for target in debts for payment, _ in applied[target] if payment.money}
    newest = next((payment for payment in named if payment.id in paying), None)
    if newest is not None:
        return newest.method, newest.number if newest.method == CHECK else ""
    if named:
        return CREDIT, ""
    return (OTHER if unexplained else ""), ""


def _day(parts: Sequence[Part], named: Sequence[Payment], unexplained: Decimal, told: Picture | None) -> date | None:
    """The day of the newest payment. What no payment shows has the day on which its transaction changed; what is no longer
    paid keeps the day Basware was told, which would otherwise put in the present."""
    days = [payment.day for payment in named if payment.day is not None]
    if days:
        return max(days)
    if told is not None and (told.unexplained == unexplained or not unexplained):
        return told.day
    moments = [part.changed_at for part in parts if part.changed_at is not None]
    return max(moments).astimezone(UTC).date() if unexplained and moments else None


def _reversed(ids: Sequence[str], told: Picture | None) -> tuple[str, ...]:
    if told is None:
        return ()
    return tuple(one for one in dict.fromkeys((*told.payments, *told.reversed)) if one not in ids)
