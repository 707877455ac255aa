"""Whether a connection works, asked without writing anything: sign-in, company, and what the settings rely on."""

import msgspec

from ml_connector.basware import errors as basware
from ml_connector.quickbooks import errors as quickbooks
from ml_connector.quickbooks.translation import books_from
from ml_connector.work.desk import Desk
from ml_connector.work.engine import SIGN_IN, TRY_LATER
from ml_connector.work.intake import WAITING


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing asked. `sign_in`: somebody has to sign in or enter credentials again. `try_later`: the system is down or busy."""

    what: str
    ok: bool
    found: str
    sign_in: bool = False
    try_later: bool = False


def ping(desk: Desk) -> list[Check]:
    """Ask both systems, and say what each answered."""
    return [*_quickbooks(desk), *(_basware(desk, code) for code in desk.settings.basware.company_codes)]


def _failed(what: str, error: Exception) -> Check:
    return Check(
        what=what,
        ok=False,
        found=str(error),
        sign_in=isinstance(error, SIGN_IN),
        try_later=isinstance(error, TRY_LATER),
    )


def _quickbooks(desk: Desk) -> list[Check]:
    try:
        info, preferences = desk.quickbooks.company_info(), desk.quickbooks.preferences()
    except quickbooks.QuickBooksError as error:
        return [_failed("QuickBooks answers", error)]
    found = books_from({"CompanyInfo": [info], "Preferences": [preferences]})
    own = found.preferences
    closed = f"closed through {own.book_close_date}" if own.book_close_date else "never closed"
    currencies = "several currencies" if own.multicurrency else "one currency"
    tracking = f"locations {'on' if own.track_locations else 'off'}, classes {own.class_tracking.value}"
    return [
        Check(what="QuickBooks answers", ok=True, found=f"{found.company_name}, {own.country}, {own.home_currency}"),
        Check(what="QuickBooks preferences", ok=True, found=f"{currencies}; {tracking}; books {closed}"),
    ]


def _basware(desk: Desk, company_code: str) -> Check:
    what = f"Basware answers for company {company_code}"
    try:
        page = next(iter(desk.basware.documents(WAITING, company_code=company_code, page_size=1)), None)
    except basware.BaswareError as error:
        return _failed(what, error)
    return Check(
        what=what, ok=True, found="documents are waiting" if page and page.documents else "no document is waiting"
    )
