"""Which transaction of QuickBooks a document is: the likely ones, a search among all of them, and the link with one button.

What may be the one, and what speaks against it, is told by `work/link_search.py`; linking is decided by `work/decisions.py`. Where
something speaks against the chosen one, it is linked only once the person has read that.
"""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.formats import Formats
from ml_connector.console.screens import Console
from ml_connector.console.search import amount_of
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.people import Right
from ml_connector.store import documents as document_store
from ml_connector.store.documents import DocumentRow
from ml_connector.work import decisions
from ml_connector.work.company import company_of
from ml_connector.work.decisions import Choice, DecisionError
from ml_connector.work.deep_links import record_page
from ml_connector.work.desk import Desk
from ml_connector.work.document_acts import Act, offers_of
from ml_connector.work.link_search import LinkCandidate, candidates, named_by

Text = Annotated[str, Form()]
_UNKNOWN = (
    "Our copies of QuickBooks have no such transaction. One that was entered within the last minutes may be missing; one that "
    "never was is noticed by the next run, which then holds the document again."
)
BACK = frozenset({"needs-you"})
"""Lists a person may come from and goes back to."""


def router(console: Console) -> APIRouter:
    """GET and POST /c/{connection}/documents/{invoice_id}/link."""
    routes = APIRouter(include_in_schema=False)
    screen = _Screen(console)
    here = "/c/{connection}/documents/{invoice_id}/link"
    routes.get(here)(screen.show)
    routes.post(here)(screen.link)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, request: Request, connection: str, invoice_id: str, text: str = "", back: str = "") -> Response:
        """What the document may be, or what fits the text."""
        with self._console.desk(request, connection) as desk:
            return self._shown(request, connection, desk, _find(desk, invoice_id), text=text, back=back)

    def link(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        invoice_id: str,
        link_to: Text = "",
        reason: Text = "",
        sure: Text = "",
        back: Text = "",
    ) -> Response:
        """Link the document to what was chosen; with something against it only once the person is sure."""
        actor, link_to = self._console.visitor(request).actor, link_to.strip()
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            row = _find(desk, invoice_id)
            chosen = named_by(desk, row, link_to) if link_to else None
            against = _against(link_to, chosen)
            try:
                if against and not sure:
                    decisions.target_of(row, link_to)
                    asked: dict[str, Any] = {"asked": link_to, "chosen": chosen, "against": against}
                    return self._shown(request, connection, desk, row, status=409, reason=reason, back=back, **asked)
                decisions.decide(desk, row, Choice.LINK, link_to=link_to, reason=reason, actor=actor)
            except DecisionError as error:
                entered: dict[str, Any] = {"problem": str(error), "link_to": link_to, "reason": reason}
                return self._shown(request, connection, desk, row, status=422, back=back, **entered)
        place = f"/c/{quote(connection)}/documents/{quote(invoice_id, safe='')}"
        words = f"{row.invoice_number or invoice_id}: the next run links it to that transaction and tells Basware."
        return self._console.done(request, words, to=f"/c/{quote(connection)}/{back}" if back in BACK else place)

    def _shown(
        self, request: Request, connection: str, desk: Desk, row: DocumentRow, *, text: str = "", status: int = 200,
        **more: Any,
    ) -> Response:  # fmt: skip
        text = text.strip()
        with desk.database.read() as tx:
            company = company_of(tx, desk.connection_id, desk.settings)
        day = Formats(country=company.country, time_zone=company.time_zone).read_day(text)
        amount = None if day else amount_of(text)
        values = {
            "row": row,
            "text": text,
            "found": candidates(desk, row, text=text, amount=amount, day=day),
            "able": Act.LINK in offers_of(row).acts,
            "place": f"/c/{quote(connection)}/documents",
            "quickbooks": lambda kind, number: record_page(desk.settings.quickbooks, kind, number),
            "asked": "", "chosen": None, "against": (), "problem": "", "link_to": "", "reason": "",
        }  # fmt: skip
        return self._console.page(request, "documents/link.html", connection=connection, status=status, **values | more)


def _against(link_to: str, chosen: LinkCandidate | None) -> tuple[str, ...]:
    if not link_to:
        return ()
    return chosen.against if chosen else (_UNKNOWN,)


def _find(desk: Desk, invoice_id: str) -> DocumentRow:
    with desk.database.read() as tx:
        row = document_store.get(tx, desk.connection_id, invoice_id)
    if row is None:
        raise NotFoundError
    return row
