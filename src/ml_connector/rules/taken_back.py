"""What becomes of a posted document that Basware takes back: left to a person, deleted or reversed.

All or nothing: while one of its transactions must not be touched, none is. Paid ones and closed books are safe from everybody,
also from a person's decision.
"""

from collections.abc import Sequence
from datetime import date

from ml_connector.model.books import ExistingTransaction
from ml_connector.model.holds import Cause, Hold
from ml_connector.model.money import format_money
from ml_connector.model.policy import TakenBack
from ml_connector.model.taken_back import WORDS, Standing, Undo, Undoing, UndoPlan
from ml_connector.rules.dates import is_closed

_HOW = {TakenBack.DELETE: Undoing.DELETE, TakenBack.REVERSE: Undoing.REVERSE}


def plan_undo(
    number: str,
    status: str,
    standing: Sequence[Standing],
    *,
    policy: TakenBack,
    decision: Undoing | None,
    close_date: date | None,
    today: date,
) -> UndoPlan:
    """What to do with the transactions of one document. A person's decision stands in for the policy and for every doubt that a
    person can judge; it opens no closed books and undoes no payment."""
    how = decision or _HOW.get(policy)
    facts = {"asked": WORDS.get(status, f"has it as {status}"), "status": status}
    holds: list[Hold] = []
    for one in standing:
        named = facts | {"transaction": told(one.transaction)}
        if is_paid(one):
            holds.append(Hold(cause=Cause.TAKEN_BACK_PAID, subject=number, facts=named))
        elif decision is None and (why := doubt(one, policy)):
            holds.append(Hold(cause=Cause.TAKEN_BACK, subject=number, facts=named | {"why": why}))
        elif how is Undoing.REVERSE and one.stubborn:
            holds.append(
                Hold(cause=Cause.TAKEN_BACK_NOT_REVERSIBLE, subject=number, facts=named | {"why": one.stubborn})
            )
        elif how is not None and (closed := closed_day(one.transaction, how, close_date, today)):
            days = {"date": closed.isoformat(), "closed_through": str(close_date)}
            holds.append(Hold(cause=Cause.TAKEN_BACK_IN_CLOSED_PERIOD, subject=number, facts=named | days))
    if holds or how is None:
        return UndoPlan(holds=tuple(holds))
    return UndoPlan(
        undos=tuple(
            Undo(
                how=how,
                transaction=one.transaction,
                day=reversal_day(one.transaction, close_date, today) if how is Undoing.REVERSE else None,
            )
            for one in standing
        )
    )


def is_paid(one: Standing) -> bool:
    """Whether a payment or a credit was applied to it, be it in part."""
    found = one.transaction
    return one.paid or found.settled or (found.balance is not None and found.balance != found.total)


def doubt(one: Standing, policy: TakenBack) -> str:
    """Why a person has to look first, in words; empty when the policy may act."""
    if not one.ours:
        return "it was not posted from here but linked by a person"
    if one.amount is not None and one.transaction.total != one.amount:
        posted, now = (format_money(each, one.transaction.currency) for each in (one.amount, one.transaction.total))
        return f"its amount was changed in QuickBooks, from {posted} to {now}"
    return "the policy leaves it to a person" if policy is TakenBack.HOLD else ""


def reversal_day(transaction: ExistingTransaction, close_date: date | None, today: date) -> date:
    """The date of a reversal: that of the transaction while its period is open, so that both cancel out there; else today."""
    day = transaction.txn_date or today
    return today if is_closed(day, close_date) else day


def closed_day(transaction: ExistingTransaction, how: Undoing, close_date: date | None, today: date) -> date | None:
    """The day in closed books that undoing would touch; None when it touches none."""
    day = transaction.txn_date if how is Undoing.DELETE else reversal_day(transaction, close_date, today)
    return day if day is not None and is_closed(day, close_date) else None


def told(transaction: ExistingTransaction) -> str:
    """A transaction as people name it."""
    return f"{transaction.type.value} {transaction.id}"
