"""A posting date that a person chose for one document: whether it still counts, and which days can be chosen.

What becomes of a chosen day that lies in closed books once the document is posted is decided in `dates.py`, as for any other.
"""

from datetime import date, timedelta

from ml_connector.model.documents import AccountingDocument
from ml_connector.model.postings import ChosenDate

MOST_DAYS_AHEAD = 90
"""A day farther off than this is taken for a slip of the pen, such as the wrong year."""
MOST_DAYS_BEFORE = 366
"""The same for a day so long before the document's own date, or before today."""


def counting(chosen: ChosenDate | None, document: AccountingDocument) -> ChosenDate | None:
    """The choice if it still counts: it was made instead of certain dates, and stands while Basware sends the document with these,
    whatever else of it changes. With other dates the document has a day of its own again, which nobody has looked at yet."""
    if chosen is None or (chosen.voucher_date, chosen.invoice_date) != (document.voucher_date, document.invoice_date):
        return None
    return chosen


def told(chosen: ChosenDate) -> str:
    """The day as the cause of a hold, the memo and an answer to Basware name it. Who chose it and why stays here."""
    return f"date {chosen.day} chosen by a person"


def first_open_day(close_date: date | None, start_date: date | None) -> date | None:
    """The first day that is neither in closed books nor before the start date. `date.min` where every day is open, None where none
    is."""
    if close_date == date.max:
        return None
    after_closing = close_date + timedelta(days=1) if close_date is not None else date.min
    return max(after_closing, start_date or date.min)


def proposed_day(own: date | None, first: date | None, today: date) -> date | None:
    """The day to propose: the document's own where that is open, else the first open one; without an own one today's."""
    return None if first is None else max(own or today, first)


def why_not(day: date, own: date | None, *, close_date: date | None, start_date: date | None, today: date) -> str:
    """Why a day cannot be chosen, and what can; empty when it can. `own`: the document's own date, None where it has none."""
    first = first_open_day(close_date, start_date)
    if close_date is not None and day <= close_date:
        instead = f"Choose a day from {first} on, or reopen the books" if first is not None else "Reopen the books"
        return (
            f"The date {day} lies in closed books: they are closed through {close_date}, and QuickBooks takes nothing dated until "
            f"then. {instead} in QuickBooks."
        )
    if start_date is not None and day < start_date:
        return (
            f"The date {day} is before {start_date}, the start date from which on this connection posts. Choose a day from {first} "
            "on, or have an administrator move the start date."
        )
    latest = today + timedelta(days=MOST_DAYS_AHEAD)
    if day > latest:
        return (
            f"The date {day} is more than {MOST_DAYS_AHEAD} days ahead: is it the right year? Choose a day until {latest}, or wait "
            "until it is nearer."
        )
    usual = min(own or today, today)
    if (usual - day).days > MOST_DAYS_BEFORE:
        earliest = usual - timedelta(days=MOST_DAYS_BEFORE)
        return (
            f"The date {day} is more than a year before the document's own: is it the right year? Choose a day from {earliest} "
            "on, or have the date corrected in Basware."
        )
    return ""
