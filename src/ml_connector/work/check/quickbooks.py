"""The QuickBooks half of the check report: sign-in and its limits, company, edition, and the settings that posting relies on."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from ml_connector.model.books import ClassTracking, Preferences
from ml_connector.quickbooks.errors import QuickBooksError
from ml_connector.quickbooks.translation import books_from
from ml_connector.quickbooks.translation_lists import time_zone_of
from ml_connector.quickbooks.wire import UnreadableError
from ml_connector.store.schema import token_chains
from ml_connector.work.check.line import Check, failed, failed_by, passed, warned
from ml_connector.work.desk import Desk

_SOON = timedelta(days=30)
_SIGN_IN = ("quickbooks.sign-in", "QuickBooks sign-in")
_CONNECT = "Connect QuickBooks again; docs/connection-problems.md tells how."

LACKING = {
    "Self-Employed": ("bills", "locations", "classes", "purchase orders"),
    "Solopreneur": ("bills", "locations", "classes", "purchase orders"),
    "Simple Start": ("bills", "locations", "classes", "purchase orders"),
    "EasyStart": ("bills", "locations", "classes", "purchase orders"),
    "Essentials": ("locations", "classes", "purchase orders"),
    "Plus": (),
    "Advanced": (),
}
"""What an edition does not have, by a word of CompanyInfo's OfferingSku (Intuit's reference, AccountingInfoPrefs: "Plus only")."""

_ENDED = ("CANCEL", "SUSPEND", "EXPIRE")


def check_quickbooks(desk: Desk) -> list[Check]:
    """All lines about QuickBooks. Renews the access token when it has to be renewed, and says so."""
    before = _renewals(desk)
    try:
        info = desk.quickbooks.company_info()
    except (QuickBooksError, UnreadableError) as error:
        return [failed_by(*_SIGN_IN, error, _CONNECT)]
    lines = [_sign_in(desk, renewed=_renewals(desk) != before), _edition(desk, info)]
    try:
        found = books_from({"CompanyInfo": [info], "Preferences": [desk.quickbooks.preferences()]})
    except (QuickBooksError, UnreadableError) as error:
        to_do = "Look into the company's settings in QuickBooks, then ask again."
        return [*lines, failed_by("quickbooks.preferences", "QuickBooks settings", error, to_do)]
    own = found.preferences
    company = passed(
        "quickbooks.company", "QuickBooks company", f"{found.company_name}, {own.country}, {own.home_currency}"
    )
    return [lines[0], company, *_time_zone(desk, info), lines[1], *_preferences(desk, own)]


def _time_zone(desk: Desk, info: dict[str, Any]) -> list[Check]:
    """What QuickBooks says of the company's time zone, where that is another one than this connection goes by."""
    said, own = time_zone_of(info), desk.time_zone
    if said in {"", own}:
        return []
    found = f"{said} in QuickBooks; this connection goes by {own} (schedule.time_zone)"
    return [passed("quickbooks.time_zone", "Time zone", found)]


def _chain(desk: Desk) -> Any:
    with desk.database.read() as tx:
        query = select(token_chains).where(token_chains.c.connection_id == desk.connection_id)
        return tx.execute(query).one_or_none()


def _renewals(desk: Desk) -> int:
    row = _chain(desk)
    return 0 if row is None else int(row.refreshes)


def _sign_in(desk: Desk, *, renewed: bool) -> Check:
    """The sign-in is good, since QuickBooks answered; when it ends, by what Intuit said with the last tokens."""
    row = _chain(desk)
    good = "good; the access token was renewed for this check" if renewed else "good"
    if row is None:
        return passed(*_SIGN_IN, good)
    told = [
        f"access token until {_moment(row.access_expires_at)}" if row.access_expires_at else "",
        f"ends {_moment(row.refresh_expires_at)} unless used before" if row.refresh_expires_at else "",
        f"ends {_moment(row.hard_expires_at)} in any case" if row.hard_expires_at else "",
    ]
    found = "; ".join([good, *filter(None, told)])
    soon = desk.clock.now() + _SOON
    if any(end is not None and end < soon for end in (row.refresh_expires_at, row.hard_expires_at)):
        return warned(*_SIGN_IN, found, _CONNECT)
    return passed(*_SIGN_IN, found)


def _moment(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _edition(desk: Desk, info: dict[str, Any]) -> Check:
    line = ("quickbooks.edition", "QuickBooks edition")
    named = {
        str(pair.get("Name")): str(pair.get("Value", ""))
        for pair in info.get("NameValue") or ()
        if isinstance(pair, dict)
    }
    sku, status = named.get("OfferingSku", ""), named.get("SubscriptionStatus", "")
    if any(word in status.upper() for word in _ENDED):
        return failed(
            *line,
            f"{sku or 'not told'}, subscription {status}",
            "Renew the subscription: nothing can be posted without.",
        )
    if not sku:
        return warned(
            *line,
            "QuickBooks does not tell",
            "Make sure that the edition has what you need: locations and classes are in Plus.",
        )
    told = ", subscription ".join(filter(None, (sku, status)))
    lacking = next((lacks for word, lacks in LACKING.items() if word.lower() in sku.lower()), None)
    if lacking is None:
        return warned(
            *line, f"{told}; not an edition this program knows", "Make sure that it has bills, locations and classes."
        )
    if "bills" in lacking:
        return failed(
            *line, f"{told}: has no {', no '.join(lacking)}", "Choose Essentials, or Plus for locations and classes."
        )
    sources = desk.policy.sources
    needed = [
        name
        for name, source in (("locations", sources.location), ("classes", sources.class_))
        if source and name in lacking
    ]
    if needed:
        to_do = (
            f"Choose Plus, or switch {' and '.join(needed)} off: set the source in [policy.sources] to an empty text."
        )
        return warned(*line, f"{told}: has no {', no '.join(lacking)}", to_do)
    return passed(*line, f"{told}: has no {', no '.join(lacking)}" if lacking else told)


def _preferences(desk: Desk, own: Preferences) -> list[Check]:
    closed = f"closed through {own.book_close_date}" if own.book_close_date else "never closed"
    return [
        passed(
            "quickbooks.currencies",
            "Currencies",
            f"several, {own.home_currency} at home" if own.multicurrency else f"only {own.home_currency}",
        ),
        _locations(desk, own),
        _classes(desk, own),
        passed("quickbooks.closing-date", "Books", closed),
        _duplicates(own),
        _account_numbers(own),
    ]


def _locations(desk: Desk, own: Preferences) -> Check:
    line = ("quickbooks.locations", "Locations")
    if own.track_locations or not desk.policy.sources.location:
        return passed(*line, "on" if own.track_locations else "off, as in [policy.sources]")
    to_do = 'Switch on "Track locations" in QuickBooks, or set location = "" in [policy.sources].'
    return warned(*line, "off, while [policy.sources] feeds them", to_do)


def _classes(desk: Desk, own: Preferences) -> Check:
    line = ("quickbooks.classes", "Classes")
    found = {
        ClassTracking.OFF: "off",
        ClassTracking.LINE: "one for each row",
        ClassTracking.TRANSACTION: "one for a transaction",
    }
    if own.class_tracking is ClassTracking.LINE or not desk.policy.sources.class_:
        return passed(*line, found[own.class_tracking])
    to_do = 'Choose "One to each row in transaction" in QuickBooks, or set class = "" in [policy.sources].'
    return warned(*line, f"{found[own.class_tracking]}, while [policy.sources] feeds one for each row", to_do)


def _duplicates(own: Preferences) -> Check:
    line = ("quickbooks.duplicate-numbers", "Warning of duplicate bill numbers")
    if own.warn_duplicate_bill_number:
        return passed(*line, "on")
    return warned(
        *line,
        "off",
        "Switch it on in QuickBooks, as a second line of defence; ml-connector looks for duplicates itself.",
    )


def _account_numbers(own: Preferences) -> Check:
    line = ("quickbooks.account-numbers", "Account numbers")
    if own.use_account_numbers:
        return passed(*line, "on")
    return warned(*line, "off", "Switch them on in QuickBooks: Basware's account codes are recognised by number.")
