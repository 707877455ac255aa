"""The currency of a document, its exchange rate, and the payable account that fits both.

A document in foreign currency never leaves without a rate: QuickBooks would refuse it, or worse, take its own.
"""

from collections.abc import Mapping
from decimal import Decimal

from ml_connector.model.books import Account, Books
from ml_connector.model.holds import Cause, Who
from ml_connector.model.policy import RateSource
from ml_connector.rules.findings import Findings, Task
from ml_connector.rules.mapping import LastBuilt
from ml_connector.rules.shares import is_usable

PAYABLE = "Accounts Payable"
"""QuickBooks' AccountType of payable accounts."""


def _active_payable(books: Books) -> list[Account]:
    return [account for account in books.accounts.values() if account.type == PAYABLE and account.active]


_payable_accounts = LastBuilt(_active_payable)


def exchange_rate(task: Task, quickbooks_rates: Mapping[str, Decimal], findings: Findings) -> Decimal | None:
    """Home units for one unit of the document's currency; None for the home currency, or when the document is held."""
    document, preferences = task.document, task.books.preferences
    currency, home = document.currency, preferences.home_currency
    findings.explain("currency", f"document currency {currency}", "as invoiced", currency)
    if currency == home:
        return None
    if not preferences.multicurrency:
        findings.hold(Cause.CURRENCY_NOT_ENABLED, currency, currency=currency, home=home)
        return None
    rate, source, who = document.exchange_rate, "the document's company rate", Who.AP_TEAM
    why = "the document has no usable rate"
    if task.policy.rate_source is RateSource.QUICKBOOKS:
        rate, source, who = quickbooks_rates.get(currency), "QuickBooks' rate", Who.ACCOUNTANT
        why = "QuickBooks has no usable rate for the day"
    elif document.company_currency and document.company_currency != home:
        rate, who = None, Who.ADMINISTRATOR
        why = f"the document's rate leads to {document.company_currency}, but the books are kept in {home}"
    if rate is None or not is_usable(rate) or rate <= 0:
        findings.hold(Cause.EXCHANGE_RATE_MISSING, currency, currency=currency, home=home, why=why, who=who.value)
        return None
    rule = f"policy: rate of the {task.policy.rate_source.value}"
    findings.explain("exchange rate", source, rule, f"1 {currency} = {rate} {home}")
    return rate


def payable_account(task: Task, findings: Findings) -> Account | None:
    """The Accounts Payable account: the policy's for this currency, else the only active one that fits. None when held."""
    currency = task.document.currency
    named = task.policy.payable_account_ids.get(currency)
    if named:
        return _from_policy(task, named, findings)
    active = _payable_accounts(task.books)
    fitting = [account for account in active if _currency(task, account) == currency]
    rule = f"the only payable account in {currency}"
    if not fitting:
        # An account without a currency of its own can only be the one account of a company with one currency.
        fitting, rule = [account for account in active if not account.currency], "the only payable account"
    if len(fitting) == 1:
        return _chosen(fitting[0], rule, findings)
    told = ", ".join(f"{account.label} ({account.id})" for account in fitting)
    why = f"several would do: {told}" if fitting else f"no active payable account is kept in {currency}"
    findings.hold(Cause.PAYABLE_ACCOUNT_MISSING, currency, currency=currency, why=why)
    return None


def _from_policy(task: Task, account_id: str, findings: Findings) -> Account | None:
    account, currency = task.books.accounts.get(account_id), task.document.currency
    if account is None:
        why = f"the policy names id {account_id}, which QuickBooks does not have"
    elif not account.active or account.type != PAYABLE:
        state = "inactive" if not account.active else f"of type {account.type}"
        why = f"the policy names {account.label} ({account.id}), which is {state}"
    elif account.currency and _currency(task, account) != currency:
        why = f"the policy names {account.label} ({account.id}), which is kept in {_currency(task, account)}"
    else:
        return _chosen(account, f"policy: payable account for {currency}", findings)
    findings.hold(Cause.PAYABLE_ACCOUNT_MISSING, currency, currency=currency, why=why)
    return None


def _chosen(account: Account, rule: str, findings: Findings) -> Account:
    findings.explain("payable account", "QuickBooks' chart of accounts", rule, f"{account.label} ({account.id})")
    return account


def _currency(task: Task, account: Account) -> str:
    """The account's currency; where several are not in use every account is in the home currency."""
    preferences = task.books.preferences
    return account.currency if preferences.multicurrency and account.currency else preferences.home_currency
