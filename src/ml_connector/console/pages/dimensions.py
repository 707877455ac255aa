"""Dimensions: which code of Basware's leads to which record of QuickBooks', every gap, and the act that closes it."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.paging import Number, listed
from ml_connector.console.screens import Console
from ml_connector.model.master_data import Kind
from ml_connector.model.people import Right
from ml_connector.work.decisions import DecisionError
from ml_connector.work.sending import alignment_acts as acts
from ml_connector.work.sending.alignment import AlignmentLine, read_both
from ml_connector.work.sending.shown import records_named, try_again
from ml_connector.work.sending.steps import gives_basware

_CSV = ("kind", "code in Basware", "name", "id in QuickBooks", "in QuickBooks", "stands", "gap", "why")


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/dimensions."""
    routes = APIRouter(prefix="/c/{connection}/dimensions", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.show)
    routes.post("/refresh")(screen.refresh)
    routes.post("/fix")(screen.fix)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def show(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        kind: str = "",
        text: str = "",
        every: str = "",
        start: Number = 0,
        format: str = "",  # noqa: A002
    ) -> Response:
        """Gaps of one kind of record or of all; with `every` also what is aligned."""
        with self._console.desk(request, connection) as desk:
            kinds = (Kind(kind),) if kind in set(Kind) else ()
            found = self._console.reports.of(desk, kinds)
            lines = [one for one in found.lines if (one.gap or every) and _says(one, text)]
            if format == "csv":
                rows = [
                    (one.kind, one.code, one.name, one.target_id, one.target, one.standing, "yes" if one.gap else "", one.why)
                    for one in lines
                ]  # fmt: skip
                return self._console.csv("dimensions.csv", _CSV, rows)
            given = gives_basware(desk.settings)
        shown = listed(lambda offset, limit: lines[offset : offset + limit], start, kind=kind, text=text, every=every)
        return self._console.page(
            request, "dimensions/report.html", connection=connection, place=f"/c/{quote(connection)}/dimensions",
            mapping=f"/c/{quote(connection)}/mapping", report=found, shown=shown, kinds=list(Kind), kind=kind, text=text,
            every=every, on=given, reactivable=acts.REACTIVABLE,
        )  # fmt: skip

    def refresh(self, request: Request, connection: str) -> Response:
        """Read Basware's lists now."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            read_both(desk)
        return self._console.done(request, "Basware's lists were read.", to=f"/c/{quote(connection)}/dimensions")

    def fix(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        kind: Annotated[str, Form()],
        way: Annotated[str, Form()],
        item: Annotated[str, Form()],
        to: Annotated[str, Form()] = "",
        shown: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        """Close one gap."""
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.MAP) as desk:
            if kind not in set(Kind):
                raise DecisionError("There is no such kind of record.")
            match way:
                case "map":
                    told = acts.map_code(desk, Kind(kind), item, to.strip(), actor=actor)
                case "create":
                    told = acts.create(desk, Kind(kind), item, to.strip(), actor=actor)
                case "retire":
                    told = acts.retire(desk, Kind(kind), item, actor=actor)
                case "reactivate":
                    told = acts.reactivate(desk, Kind(kind), item, reason=reason, actor=actor)
                case "retry":
                    tried = try_again(desk, records_named(desk, item), actor=actor)
                    told = f"{item} goes again with the next run." if tried else f"{item} was not refused any more."
                case _:
                    raise DecisionError("There is no such way to close a gap.")
        query = f"?kind={quote(shown)}" if shown in set(Kind) else ""
        return self._console.done(request, told, to=f"/c/{quote(connection)}/dimensions{query}")


def _says(line: AlignmentLine, text: str) -> bool:
    wanted = text.casefold()
    return any(wanted in said.casefold() for said in (line.code, line.name, line.target))
