"""What is asked of Intuit while a company is connected or disconnected, and what its answers mean for the person who waits.

Stores nothing. `quickbooks/sign_in.py` does the asking.
"""

import logging
from typing import Protocol

from ml_connector.quickbooks.auth import TokenSet
from ml_connector.quickbooks.errors import ClientRejected, QuickBooksError, SignInNeeded, Throttled, Unavailable
from ml_connector.quickbooks.sign_in import SignedInCompany
from ml_connector.work.sign_in.outcomes import Outcome

_log = logging.getLogger(__name__)


class Intuit(Protocol):
    """Intuit's sign-in with one connection's app, as `quickbooks/sign_in.py` does it."""

    def authorize_address(self, *, redirect_uri: str, state: str) -> str:
        """Where a person agrees."""
        ...

    def exchange(self, code: str, redirect_uri: str) -> TokenSet:
        """The first tokens."""
        ...

    def revoke(self, token: str) -> None:
        """Give a grant back."""
        ...

    def company(self, access_token: str, realm_id: str) -> SignedInCompany:
        """The company's name and country."""
        ...


def exchanged(intuit: Intuit, code: str, redirect_uri: str) -> TokenSet | Outcome:
    """The tokens for a code, or why there are none. Never asked twice: a second use could end what the first one gave."""
    try:
        return intuit.exchange(code, redirect_uri)
    except SignInNeeded:
        return Outcome.CODE_REFUSED
    except ClientRejected:
        return Outcome.WRONG_APP
    except QuickBooksError as failed:
        _log.warning("exchanging Intuit's code failed: %s", failed)
        return Outcome.TRY_LATER


def company_of(intuit: Intuit, tokens: TokenSet, realm_id: str) -> SignedInCompany | None:
    """The company, which proves that the tokens open it; without a name when it cannot be asked now, None when they do not."""
    try:
        return intuit.company(tokens.access_token, realm_id)
    except (Unavailable, Throttled) as failed:
        _log.warning("the company could not be asked its name: %s", failed)
        return SignedInCompany()
    except QuickBooksError as failed:
        _log.warning("the sign-in does not open the company: %s", failed)
        return None
