"""What QuickBooks' records mean, and how a posting is written as one. Gathers the translation of lists, transactions and postings.

Translation is pure: nothing is fetched, nothing is kept.
"""

from ml_connector.quickbooks.translation_existing import existing_transaction, journal_accounts
from ml_connector.quickbooks.translation_lists import (
    BOOK_ENTITIES,
    account_from,
    books_from,
    class_from,
    customer_from,
    employee_from,
    item_from,
    location_from,
    preferences_from,
    tax_code_from,
    tax_percents,
    term_from,
    vendor_from,
)
from ml_connector.quickbooks.translation_postings import posting_body, update_body, vendor_body
from ml_connector.quickbooks.translation_standing import changed_in_quickbooks, standing_posting
from ml_connector.quickbooks.translation_tax import booked_tax

__all__ = [
    "BOOK_ENTITIES",
    "account_from",
    "booked_tax",
    "books_from",
    "changed_in_quickbooks",
    "class_from",
    "customer_from",
    "employee_from",
    "existing_transaction",
    "item_from",
    "journal_accounts",
    "location_from",
    "posting_body",
    "preferences_from",
    "standing_posting",
    "tax_code_from",
    "tax_percents",
    "term_from",
    "update_body",
    "vendor_body",
    "vendor_from",
]
