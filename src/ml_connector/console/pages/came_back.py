"""Where somebody goes on who has come back from Intuit: to the page they came from, which says what became of it.

Whoever has no role there (a link may be sent to the administrator of the QuickBooks company) is told on a page of its own instead,
and learns nothing of the connections.
"""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from ml_connector.console.connect import Onward
from ml_connector.console.screens import Console
from ml_connector.model.people import Right
from ml_connector.work.setup.progress import Step
from ml_connector.work.sign_in.outcomes import WORDS, Outcome, Words


def came_back(console: Console) -> Onward:
    """How the pages of connecting lead on in this console."""

    def onward(request: Request, connection: str, outcome: Outcome) -> Response | None:
        visitor = console.visitors(request)
        if visitor is None:
            return None
        if not connection:  # an answer to nothing that this browser began
            words = WORDS[outcome]
            return console.done(request, f"{words.title}. {words.happened} {words.next}", to="/connections")
        row = next((one for one in console.visible(visitor) if one.name == connection), None)
        if row is None or not visitor.may(row.id, Right.ADMINISTER):
            return None
        there = f"setup/{Step.QUICKBOOKS}" if row.setup_since is not None else "connection"
        address = console.url(f"/c/{row.name}/{there}?outcome={outcome.value}")
        return RedirectResponse(address, status_code=303)

    return onward


def words_of(outcome: str) -> Words | None:
    """What a page says to somebody who has come back with this outcome; None for none, and for one that there is not."""
    return WORDS[Outcome(outcome)] if outcome in set(Outcome) else None
