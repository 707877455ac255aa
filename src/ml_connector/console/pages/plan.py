"""The plan: what the next run does with each document, and the release of what waits for a person.

What is shown is read by `work/plan_lines.py`; releasing and the switch of the review are in `work/review.py`.
"""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from ml_connector.console.pages.documents import NAMES
from ml_connector.console.paging import Number
from ml_connector.console.screens import Console
from ml_connector.console.search import Search
from ml_connector.model.people import Right
from ml_connector.work import review
from ml_connector.work.document_lists import before_transfer
from ml_connector.work.feeds.shown import feed_lines
from ml_connector.work.jobs import Job
from ml_connector.work.plan_lines import UNSETTLED, PlanLine, plan_page, whole_plan
from ml_connector.work.review import Flow

_CSV = (
    "invoice", "invoice id", "vendor", "amount", "currency", "state", "next run", "as", "vendor to create", "held because",
    "released by", "on hold because",
)  # fmt: skip


def router(console: Console) -> APIRouter:
    """The addresses below /c/{connection}/plan."""
    routes = APIRouter(prefix="/c/{connection}/plan", include_in_schema=False)
    screen = _Screen(console)
    routes.get("")(screen.list_)
    routes.post("/release")(screen.release)
    routes.post("/release-all")(screen.release_all)
    routes.post("/review")(screen.review)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console = console

    def list_(
        self, request: Request, connection: str, below: Number | None = None, above: Number | None = None,
        format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """A page of the plan; as CSV all of it that fits."""
        search = Search(request.query_params)
        if format == "csv":
            return self._console.table(
                request, connection, "plan.csv", _CSV,
                lambda desk: map(_csv_row, whole_plan(desk, search.filter(desk.time_zone))),
            )  # fmt: skip
        with self._console.desk(request, connection) as desk:
            page = plan_page(desk, search.filter(desk.time_zone), below=below, above=above)
            (feed,) = feed_lines(desk, {Job.INVOICES})
            early = len(before_transfer(desk))
        values: dict[str, Any] = {
            "search": search,
            "shown": page,
            "feed": feed,
            "early": early,
            "names": NAMES,
            "place": f"/c/{quote(connection)}/plan",
            "documents": f"/c/{quote(connection)}/documents",
            "states": sorted(state.value for state in UNSETTLED),
        }
        return self._console.page(request, "plan/list.html", connection=connection, **values)

    def release(
        self, request: Request, connection: str, chosen: Annotated[list[str] | None, Form()] = None
    ) -> Response:
        """Release what was ticked, each as it was shown: `chosen` are invoice ids with what was proposed."""
        pairs = (one.partition(":") for one in chosen or ())
        proposals = {invoice_id: proposal for invoice_id, _, proposal in pairs}
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            came = review.release(desk, proposals, actor=actor)
        where = f"/c/{quote(connection)}/plan{Search(request.query_params).address()}"
        return self._console.done(request, _told(came, len(proposals)), to=where)

    def release_all(self, request: Request, connection: str, token: Annotated[str, Form()] = "") -> Response:
        """Release everything that fits what was looked for, if it is still what was shown."""
        search = Search(request.query_params)
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.DECIDE) as desk:
            came = review.release_all(desk, search.filter(desk.time_zone), token, actor=actor)
        if came is None:
            said = "Nothing was released: the plan has changed since you looked. Look at it again."
        else:
            said = _told(came, len(came.released) + len(came.changed) + len(came.before))
        return self._console.done(request, said, to=f"/c/{quote(connection)}/plan{search.address()}")

    def review(
        self,
        request: Request,
        connection: str,
        flow: Annotated[Flow, Form()],
        switch: Annotated[Literal["on", "off"], Form()],
    ) -> Response:
        """Switch the review of a flow on or off."""
        actor = self._console.visitor(request).actor
        with self._console.desk(request, connection, Right.ADMINISTER) as desk:
            review.set_review(desk, flow, on=switch == "on", actor=actor)
        words = {
            "on": "From the next run on, what is planned waits here until somebody releases it.",
            "off": "The review is off: the next run posts what waits.",
        }
        return self._console.done(request, words[switch], to=f"/c/{quote(connection)}/plan")


def _told(came: review.Released, asked: int) -> str:
    if not asked:
        return "Nothing was ticked."
    number = len(came.released)
    done = f"{number} document{'s' if number != 1 else ''} released: the next run posts {'them' if number != 1 else 'it'} as shown."
    said = [done if number else "Nothing was released."]
    if came.changed:
        said.append(
            f"{len(came.changed)} changed since you looked and {'wait' if len(came.changed) != 1 else 'waits'} still."
        )
    if came.before:
        said.append(review.told_before(came.before))
    return " ".join(said)


def _csv_row(line: PlanLine) -> tuple[object, ...]:
    posted = "; ".join(f"{one.changes or one.type} {one.number} {one.date} {one.vendor}" for one in line.postings)
    return (
        line.invoice_number, line.invoice_id, line.supplier, line.total, line.currency, line.state, line.next, posted,
        line.new_vendor, ", ".join(line.causes), line.released_by, line.kept_because,
    )  # fmt: skip
