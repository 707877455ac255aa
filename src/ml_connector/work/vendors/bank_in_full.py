"""New bank details whole, for whoever has to compare them with a letter or with what a vendor says on the telephone.

Everywhere else accounts are masked. Here they are shown only while they wait for approval, and every look leaves an entry.
"""

import msgspec

from ml_connector.basware.bank_accounts import BankAccount, accounts_in_full, masked_accounts
from ml_connector.store import audit
from ml_connector.work.desk import Desk
from ml_connector.work.vendors.decisions import waiting_for_approval
from ml_connector.work.vendors.keeping import bank_digest, bank_from


class BankInFull(msgspec.Struct, frozen=True, kw_only=True):
    """The accounts that were approved last and those that wait, whole. `bank_waiting_digest` names the latter for an approval."""

    code: str
    name: str
    approved: list[BankAccount]
    waiting: list[BankAccount]
    bank_waiting_digest: str


def show_bank(desk: Desk, name: str, *, actor: str) -> BankInFull:
    """The bank details of a vendor, whole; that somebody looked is kept for good before anything is shown.

    The caller has made sure that they may approve. Raises DecisionError where none wait: nobody has to compare them then.
    """
    with desk.write(durable=True) as tx:
        pair = waiting_for_approval(tx, desk, name)
        waiting = bank_from(pair.bank_found)
        audit.record(
            tx, desk.connection_id, at=desk.clock.now(), actor=actor, action="bank details shown in full",
            subject=f"vendor {pair.code}", after=", ".join(masked_accounts(waiting)),
        )  # fmt: skip
    return BankInFull(
        code=pair.code,
        name=pair.name,
        approved=accounts_in_full(bank_from(pair.bank)),
        waiting=accounts_in_full(waiting),
        bank_waiting_digest=bank_digest(pair),
    )
