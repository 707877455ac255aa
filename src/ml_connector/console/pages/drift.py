"""Posted transactions that somebody changed or deleted in QuickBooks: what differs, and the three ways on.

What is shown is read by `work/drift/views.py`, what is decided by `work/drift/deciding.py`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.pages.documents import NAMES
from ml_connector.console.paging import Number, listed
from ml_connector.console.screens import Console
from ml_connector.console.trouble import NotFoundError
from ml_connector.model.drift import DriftKind, DriftState
from ml_connector.model.people import Right
from ml_connector.work.deep_links import record_page
from ml_connector.work.drift import deciding
from ml_connector.work.drift.views import WAITING, DriftCase, case_list, cases_of, subject, to_decide, worded

SIZE = 25
"""Cases on one page: each is a card with everything that differs."""
IN_PLACE = 20
"""Cases that are shown where somebody only came by."""
_BACK = frozenset({"needs-you"})

_CSV = (
    "invoice", "invoice id", "vendor", "transaction", "id", "was", "state", "line", "field", "posted", "now in QuickBooks",
    "currency", "changed at", "changed by", "decided by", "reason",
)  # fmt: skip

_CHOICES: Mapping[str, tuple[Callable[..., None], str]] = {
    "accept": (deciding.accept, "What QuickBooks has now counts as agreed."),
    "restore": (deciding.restore, "The next run brings back what was posted."),
    "ignore": (deciding.ignore, "It may stay different. It is shown again as soon as anything else differs."),
}


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/drift."""
    routes = APIRouter(prefix="/c/{connection}/drift", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.post("/{invoice_id}/{part}/{choice}")(screen.decide)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(  # noqa: PLR0917
        self, request: Request, connection: str, every: bool = False, what: str = "", back: str = "", start: Number = 0,
        format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """What waits for a person, or every difference there was; as CSV one row for each field. As a part of what needs somebody,
        only those of one kind that are open."""
        kind = DriftKind(what) if what in set(DriftKind) else None
        states = None if every else WAITING

        if format == "csv":
            return self._console.table(
                request, connection, "changed-afterwards.csv", _CSV,
                lambda desk: (row for one in case_list(desk, states, kind).everything() for row in _csv_rows(one)),
            )  # fmt: skip
        part = request.headers.get("HX-Request") == "true"
        with self._console.desk(request, connection) as desk:
            open_ones = case_list(desk, (DriftState.OPEN,), kind).page(limit=IN_PLACE + 1) if part else []
            cases = case_list(desk, states, kind)
            shown = None if part else listed(cases.page, start, size=SIZE, every="true" if every else "", what=what)
            settings = desk.settings.quickbooks
        values: dict[str, Any] = {
            "shown": shown,
            "every": every,
            "back": back if back in _BACK else "",
            "names": NAMES,
            "seen": lambda case: case.seen,
            "worded": worded,
            "place": f"/c/{quote(connection)}/drift",
            "documents": f"/c/{quote(connection)}/documents",
            "quickbooks": lambda kind, number: record_page(settings, kind, number),
        }
        if part:
            values |= {"cases": open_ones[:IN_PLACE], "more": len(open_ones) > IN_PLACE}
            return self._console.part(request, "drift/cases.html", connection=connection, **values)
        return self._console.page(request, "drift/list.html", connection=connection, **values)

    def decide(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        invoice_id: str,
        part: Number,
        choice: str,
        seen: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "",
    ) -> Response:
        """Accept, restore or ignore one difference, if it is still the one that was shown."""
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            meant = subject(desk, invoice_id)
            if meant is None or meant.invoice_id != invoice_id or choice not in _CHOICES:
                raise NotFoundError
            case = next((one for one in cases_of(desk, meant) if one.part == part), None)
            perform, said = _CHOICES[choice]
            if case is None or case.seen != seen:
                said = "Nothing was decided: it differs in another way by now. Look at it again."
            else:
                perform(desk, to_decide(desk, meant, part), reason=reason, actor=actor)
        return self._console.done(request, said, to=f"/c/{quote(connection)}/{back if back in _BACK else 'drift'}")


def _csv_rows(case: DriftCase) -> list[tuple[object, ...]]:
    head = (
        case.invoice_number, case.invoice_id, case.supplier, case.quickbooks_type, case.quickbooks_id, case.what, case.state
    )  # fmt: skip
    tail = (case.currency, case.changed_at or "", case.changed_by, case.decided_by, case.reason)
    if not case.differences:
        return [(*head, "", "", "", "", *tail)]
    return [(*head, one.line or "", one.field, one.ours, one.theirs, *tail) for one in case.differences]
