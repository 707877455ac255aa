"""Payment terms: how QuickBooks computes a due date, said in the way Basware computes one.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from ml_connector.flows.codes_out import Coded, Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Books, Term
from ml_connector.model.master_data import Planned, TermRecord

_EVERY_MONTH_HAS, _LONGEST_MONTH = 28, 31


def plan_payment_terms(known: Known, books: Books) -> list[Planned]:
    """The payment terms Basware is to have: all active ones."""
    coded = code_records(known, books, books.terms, lambda _: True)
    return [one.planned(known, _record(one, books.terms[one.record.id])) for one in coded]


def _record(one: Coded, term: Term) -> TermRecord:
    due = due_date(term)
    discount = term.discount_percent if term.discount_percent and term.discount_days is not None else None
    return TermRecord(
        external_code=one.external_code,
        code=one.code,
        name=readable(term.name, one.code),
        active=one.active,
        computed=due is not None,
        days=due[0] if due else 0,
        month_ends=due[1] if due else 0,
        days_after=due[2] if due else 0,
        discount_percent=discount,
        discount_days=term.discount_days or 0 if discount else 0,
    )


def due_date(term: Term) -> tuple[int, int, int] | None:
    """Days, month-ends, and days after those; None where Basware cannot compute the due date.

    QuickBooks counts days from the invoice date, or names a day of the month: of the invoice's own month, or of the next one if
    the invoice comes less than so many days before it (Intuit's reference, Term). Basware can only go forward from the invoice
    date, so a day of the month is expressible where it is always the next month's, and where it is the last day of the month and
    the days before it cannot lead past a whole February.
    """
    if term.day_of_month is None:
        return None if term.due_days is None else (max(term.due_days, 0), 0, 0)
    ahead = term.next_month_days or 0
    if term.day_of_month == _LONGEST_MONTH and ahead <= _EVERY_MONTH_HAS:
        return (ahead, 1, 0)
    if term.day_of_month <= _EVERY_MONTH_HAS and ahead >= term.day_of_month:
        return (0, 1, term.day_of_month)
    return None
