"""Accounts: QuickBooks' chart becomes Basware's list of accounts, as far as people may code rows with it.

Pure: codes are decided in `codes_out.py`, the wording for Basware in `basware/`.
"""

from collections.abc import Collection

from ml_connector.flows.codes_out import Known, code_records
from ml_connector.flows.naming_out import readable
from ml_connector.model.books import Account, Books, ListRecord
from ml_connector.model.master_data import AccountRecord, Planned
from ml_connector.rules.coding import NOT_POSTABLE


def plan_accounts(known: Known, books: Books, types: Collection[str]) -> list[Planned]:
    """The accounts Basware is to have: active ones of these types (QuickBooks' AccountType), never one that takes no lines."""

    def wanted(record: ListRecord) -> bool:
        return isinstance(record, Account) and record.type in types and record.type not in NOT_POSTABLE

    return [
        one.planned(
            known,
            AccountRecord(
                external_code=one.external_code,
                code=one.code,
                name=readable(one.record.full_name or one.record.name, one.code),
                active=one.active,
            ),
        )
        for one in code_records(known, books, books.accounts, wanted)
    ]
