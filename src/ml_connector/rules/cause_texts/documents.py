"""Words of the causes that lie in a document itself: what it lacks, its amounts, its date and its number.

Written for accountants; which cause applies is decided elsewhere.
"""

from ml_connector.model.holds import Cause
from ml_connector.rules.cause_texts.template import (
    ACCOUNTANT_HERE_TOO,
    ACCOUNTANT_OR_ADMIN,
    ADMIN,
    AP,
    AP_OR_ACCOUNTANT,
    CauseTemplate,
)

OF_DOCUMENTS: dict[Cause, CauseTemplate] = {
    Cause.UNREADABLE_DOCUMENT: CauseTemplate(
        AP,
        "Document can't be read",
        "Basware's document is incomplete or malformed[: {problems}].",
        "Correct the invoice in Basware and transfer it again.",
        "Correct the invoice[: {problems}].",
    ),
    Cause.WRONG_COMPANY: CauseTemplate(
        ADMIN,
        "Other company",
        "The document is for company {company}, but this connection posts for {wanted}.",
        "Add the company code to the connection, or transfer the invoice in the right company.",
        "Company {company} isn't posted by this connection; check the company of the invoice.",
    ),
    Cause.BEFORE_START_DATE: CauseTemplate(
        ACCOUNTANT_OR_ADMIN,
        "Dated before the start",
        "The document is dated {date} ({source}); this connection posts documents from {start} on.",
        "If it is in QuickBooks already, link it, or ignore it with a reason. To post it here, choose a day from "
        "{start} on, or set an earlier start date.",
        "Dated {date}: documents before {start} are not posted by this connection.",
    ),
    Cause.MISSING_INVOICE_NUMBER: CauseTemplate(
        AP,
        "No invoice number",
        "The document has no invoice number, so a duplicate could not be noticed.",
        "Enter the vendor's invoice number in Basware and transfer again.",
        "Enter the vendor's invoice number.",
    ),
    Cause.MISSING_DATE: CauseTemplate(
        AP_OR_ACCOUNTANT,
        "No date",
        "The document has neither a voucher date nor an invoice date.",
        "Enter the invoice date in Basware and transfer again, or choose here the day to post it on.",
        "Enter the invoice date.",
    ),
    Cause.MISSING_AMOUNT: CauseTemplate(
        AP,
        "Amount missing",
        "The document does not tell {what}[ ({rows})].",
        "Enter the amount in Basware and transfer again.",
        "Enter {what}[ ({rows})].",
    ),
    Cause.NO_CODING_ROWS: CauseTemplate(
        AP,
        "No coding rows",
        "The document has no coding rows, so there is nothing to post its amount to.",
        "Code the invoice in Basware and transfer again.",
        "Code the invoice: it has no coding rows.",
    ),
    Cause.TOO_MANY_LINES: CauseTemplate(
        AP,
        "Too many lines",
        "The transaction would have {lines} lines; QuickBooks takes at most {limit}.",
        "Combine coding rows in Basware, or post the invoice in several documents.",
        "Combine coding rows: {lines} lines, QuickBooks takes {limit}.",
    ),
    Cause.AMOUNT_PRECISION: CauseTemplate(
        AP,
        "Amount can't be booked exactly",
        "{what} of {amount} can't be booked exactly[ ({rows})]: it is finer than the smallest coin, or too long.",
        "Round the amount in Basware, or allow a rounding line in the posting policy.",
        "Round the amount {amount}[ ({rows})].",
    ),
    Cause.ZERO_TOTAL: CauseTemplate(
        AP,
        "Total is zero",
        "The document's total is zero: it is neither an invoice nor a credit note, and nothing is owed.",
        "Remove the document in Basware, or correct its amounts.",
        "Total is zero: remove the document or correct its amounts.",
    ),
    Cause.MIXED_SIGNS: CauseTemplate(
        AP,
        "Signs contradict each other",
        "Invoice or credit note can't be told: {what}.",
        "Correct the amounts in Basware, or post charges and credits as documents of their own.",
        "Correct the signs: {what}.",
    ),
    Cause.LINES_DIFFER_FROM_TOTAL: CauseTemplate(
        AP,
        "Lines don't add up to the total",
        "The lines come to {lines}, the document to {total}: a difference of {difference}[ ({rounding})].",
        "Correct the coding rows or the total in Basware. Small differences can be allowed as a rounding line.",
        "Correct the coding: lines {lines}, total {total}, difference {difference}.",
    ),
    Cause.PERIOD_CLOSED: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Books are closed",
        "The document would be posted on {date} ({source}), but the books are closed through {closed_through}.",
        "Choose another day to post it on, reopen the period in QuickBooks, or change the date in Basware.",
        "Books are closed through {closed_through}: change the {source} or reopen the period.",
    ),
    Cause.DUPLICATE_NUMBER: CauseTemplate(
        ACCOUNTANT_HERE_TOO,
        "Number is already in QuickBooks",
        "The number[ {number}] is taken[ by {type} {id}][ of {date} over {amount}][, entered {entered}]"
        "[ by Basware invoice {invoice_id}, which comes first][ ({decision})].",
        "If it is the same invoice, link to it or reject the document; if not, post it anyway.",
        "Number[ {number}] is already in QuickBooks[ ({type} {id})][ ({decision})]: check for a duplicate invoice.",
    ),
    Cause.PAYMENT_BLOCKED: CauseTemplate(
        AP,
        "Blocked for payment",
        "The document is blocked for payment in Basware, and the policy is to hold such documents.",
        "Lift the payment block in Basware and transfer again.",
        "Lift the payment block.",
    ),
    Cause.REJECTED: CauseTemplate(
        AP,
        "Rejected",
        "A person here rejected the document[: {reason}].",
        "Correct in Basware what the reason says, or remove the document there, and transfer again.",
        "Rejected by the accountant[: {reason}].",
    ),
}
