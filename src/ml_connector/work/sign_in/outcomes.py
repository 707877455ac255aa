"""What can become of a person's way through Intuit's consent page, with the words for it. The words name no connection."""

from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """How an attempt to connect ended. Everything but `connected` left the connection as it was."""

    CONNECTED = "connected"
    LINK_OLD = "link-old"
    DENIED = "denied"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    OTHER_BROWSER = "other-browser"
    INCOMPLETE = "incomplete"
    CODE_REFUSED = "code-refused"
    WRONG_APP = "wrong-app"
    NO_ACCESS = "no-access"
    OTHER_COMPANY = "other-company"
    COMPANY_TAKEN = "company-taken"
    TRY_LATER = "try-later"


class Words(msgspec.Struct, frozen=True):
    """What a person reads: what happened, and what to do now."""

    title: str
    happened: str
    next: str


_AGAIN = "Ask for a new link, on the connection's page or with “ml-connector connection connect”, and follow it."

WORDS = {
    Outcome.CONNECTED: Words(
        "QuickBooks is connected",
        "The sign-in is stored. What was waiting for it goes on by itself.",
        "You can close this page.",
    ),
    Outcome.LINK_OLD: Words(
        "This link cannot be used",
        "A link to connect works once, and for half an hour. This one was followed before, is older, or is not complete.",
        _AGAIN,
    ),
    Outcome.DENIED: Words(
        "QuickBooks was not connected",
        "Somebody chose not to connect on Intuit's page. Nothing was changed.",
        f"To connect after all: {_AGAIN[0].lower()}{_AGAIN[1:]}",
    ),
    Outcome.REFUSED: Words(
        "Intuit did not let us ask",
        "Intuit refused the request before anybody was asked. Usually the address to come back to is not registered for the app.",
        "Compare the redirect URI in Intuit's developer portal with the one on the connection's page (“ml-connector connection "
        "connect” prints it too); both must be the same, letter by letter. Then ask for a new link.",
    ),
    Outcome.UNKNOWN: Words(
        "This answer belongs to no request of ours",
        "Nobody here asked Intuit for this. Nothing was changed.",
        f"If you were connecting QuickBooks: {_AGAIN[0].lower()}{_AGAIN[1:]} If not, close this page.",
    ),
    Outcome.EXPIRED: Words("This took too long", "An answer is waited for ten minutes. Nothing was changed.", _AGAIN),
    Outcome.USED: Words(
        "This answer came before",
        "Each answer of Intuit counts once, and this one was dealt with already. Coming back to the page or loading it again "
        "changes nothing.",
        "Its page, or “ml-connector connection show”, tells whether the connection works. If it does not, ask for a new link.",
    ),
    Outcome.OTHER_BROWSER: Words(
        "Please finish in the browser you began in",
        "The link was followed in another browser, or this one keeps no cookies. For your safety nothing was changed.",
        _AGAIN,
    ),
    Outcome.INCOMPLETE: Words(
        "Intuit's answer is not complete",
        "The answer named no company or brought no code. Nothing was changed.",
        _AGAIN,
    ),
    Outcome.CODE_REFUSED: Words(
        "Intuit did not accept its own code any more",
        "The code it gave was too old or had been used. Nothing was changed.",
        _AGAIN,
    ),
    Outcome.WRONG_APP: Words(
        "Intuit does not know the app's keys",
        "The client id or client secret of the connection is wrong. Nothing was changed.",
        "Copy both from Intuit's developer portal again, save them where they were entered, and ask for a new link.",
    ),
    Outcome.NO_ACCESS: Words(
        "The sign-in does not open the company",
        "Intuit connected the app, but QuickBooks does not let it into the company that was named: usually a sandbox company is "
        "used with live settings, or the reverse. Nothing was changed.",
        "Check the setting “environment” of the connection, choose a company you administer, and ask for a new link.",
    ),
    Outcome.OTHER_COMPANY: Words(
        "This is another QuickBooks company",
        "This connection belongs to another company: its mapping and everything it posted are that company's. The company you "
        "chose was not connected, and what you had agreed to for it was given back unless another connection of yours uses it.",
        "Ask for a new link and choose the right company on Intuit's page. To connect this company too, add another "
        "connection for it.",
    ),
    Outcome.COMPANY_TAKEN: Words(
        "Another connection joins these two companies already",
        "Two connections between the same QuickBooks company and the same Basware company would both post its invoices. "
        "Nothing was changed.",
        "Use the connection that is there: “ml-connector connection show” lists all.",
    ),
    Outcome.TRY_LATER: Words(
        "Something did not answer",
        "Intuit or our own database could not be reached in the middle. Nothing was changed.",
        f"Wait a few minutes. {_AGAIN}",
    ),
}
"""The words of each outcome."""
