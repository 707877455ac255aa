"""The mapping on screen: what is not matched and what waits for it, the rules and their order, trying one, history, CSV in and out.

Decides nothing: `work/mapping_*.py` do.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from ml_connector.console.forms import Fields
from ml_connector.console.pages.mapping_forms import entered_rule, matched_in, order_of, told_of
from ml_connector.console.paging import Number, everything_before, listed, portion_of
from ml_connector.console.screens import Console
from ml_connector.model.mapping import Dimension, MappingRule
from ml_connector.model.people import Right
from ml_connector.store import mappings
from ml_connector.work import mapping_history as versions
from ml_connector.work.desk import Desk
from ml_connector.work.lists import load_books, refresh_lists
from ml_connector.work.mapping_coverage import coverage
from ml_connector.work.mapping_csv import export_csv, read_csv
from ml_connector.work.mapping_matching import offered, take_over
from ml_connector.work.mapping_tables import (
    MappingTableError,
    conditions_text,
    drop_rule,
    move_rule,
    replace_rules,
    set_rule,
)
from ml_connector.work.mapping_trial import try_mapping, with_rules

PAGE = 100
"""Codes or rules on one page."""
VERSIONS, CHANGES = 50, 50
"""Versions on one page of the history, and changed rules shown of each."""
_HISTORY = ("version", "at", "by", "reason", "dimension", "code", "was", "is")


def router(console: Console) -> APIRouter:
    """Everything under /c/{connection}/mapping."""
    routes, screen = APIRouter(prefix="/c/{connection}/mapping", include_in_schema=False), _Screen(console)
    routes.get("")(screen.show)
    routes.post("/match")(screen.match)
    routes.post("/refresh")(screen.refresh)
    routes.get("/rules")(screen.rules)
    routes.post("/rules")(screen.save)
    routes.post("/try")(screen.try_)
    routes.post("/rules/remove")(screen.remove)
    routes.post("/rules/move")(screen.move)
    routes.get("/export")(screen.export)
    routes.post("/import")(screen.import_)
    routes.get("/history")(screen.history)
    routes.post("/restore")(screen.restore)
    return routes


class _Screen:
    def __init__(self, console: Console) -> None:
        self._console, self._read = console, console.documents

    def show(  # noqa: PLR0917
        self, request: Request, connection: str, dimension: str = "", only: str = "", text: str = "", start: int = 0
    ) -> Response:
        """Codes in use, unmapped ones first, a page of them."""
        return self._codes(request, connection, dimension=dimension, only=only, text=text, start=start)

    def _codes(
        self, request: Request, connection: str, *, dimension: str = "", only: str = "", text: str = "", start: int = 0,
        problem: str = "", entered: Mapping[str, str] | None = None,
    ) -> Response:  # fmt: skip
        with self._console.desk(request, connection) as desk:
            found, choices = coverage(desk, self._read), offered(desk, self._read)
        wanted = text.casefold()
        lines = [
            one
            for one in found.lines
            if dimension in {"", one.dimension}
            and not (only == "unmapped" and one.covered)
            and wanted in f"{one.code} {one.name} {one.target}".casefold()
        ]
        if request.query_params.get("format") == "csv":
            header = ("Dimension", "Code", "Basware calls it", "Documents", "Becomes", "By", "Proposed", "How sure")
            rows = [
                (one.dimension, one.code, one.name, one.documents, one.target, one.rule, one.proposed, one.sure)
                for one in lines
            ]
            return self._console.csv(f"codes-{connection}.csv", header, rows)
        return self._console.page(
            request, "mapping/codes.html", connection=connection, coverage=found, choices=choices, start=start,
            shown=listed(portion_of(lines), start, size=PAGE, dimension=dimension, only=only, text=text),
            dimension=dimension, only=only, text=text, problem=problem, entered=entered or {}, status=422 if problem else 200,
        )  # fmt: skip

    def match(  # noqa: PLR0917
        self, request: Request, connection: str, fields: Fields, dimension: str = "", only: str = "", text: str = "",
        start: int = 0,
    ) -> Response:  # fmt: skip
        """Map the codes whose proposals were ticked, and those for which a record was named."""
        accepted, named = matched_in(fields)
        try:
            with self._console.desk(request, connection, Right.MAP) as desk:
                number = take_over(desk, accepted, named, actor=self._actor(request), known=self._read)
        except MappingTableError as error:
            return self._codes(
                request, connection, dimension=dimension, only=only, text=text, start=start, problem=str(error),
                entered=fields,
            )  # fmt: skip
        goes = f" What waited for {'it' if number == 1 else 'them'} goes again." if number else ""
        return self._console.done(request, told_of(number) + goes, to=f"/c/{connection}/mapping")

    def refresh(self, request: Request, connection: str) -> Response:
        """Read QuickBooks' lists again, for records that were made there a moment ago."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            refresh_lists(desk, thorough=True)
        return self._console.done(request, "QuickBooks' lists are read again.", to=f"/c/{connection}/mapping")

    # rules

    def rules(self, request: Request, connection: str) -> Response:
        """Every rule, by dimension and in the order in which they are tried."""
        self._console.connection(request, connection)
        return self._rules(request, connection)

    def _rules(
        self,
        request: Request,
        connection: str,
        *,
        entered: Mapping[str, str] | None = None,
        problem: str = "",
        **more: object,
    ) -> Response:
        with self._console.desk(request, connection) as desk:
            with desk.database.read() as tx:
                mapping = mappings.load(tx, desk.connection_id)
            choices = offered(desk, self._read)
        ordered = [
            rule
            for one in Dimension
            for rule in sorted((rule for rule in mapping.rules if rule.dimension is one), key=order_of)
        ]
        start = int(number) if (number := request.query_params.get("start", "")).isdecimal() else 0
        shown = listed(portion_of(ordered), start, size=PAGE)
        groups = [(one.value, [rule for rule in shown.items if rule.dimension is one]) for one in Dimension]
        values = {"trial": None, "checked": None, **more}
        return self._console.page(
            request, "mapping/rules.html", connection=connection, status=422 if problem else 200, version=mapping.version,
            groups=[(name, rules) for name, rules in groups if rules], shown=shown, dimensions=[one.value for one in Dimension],
            conditions_text=conditions_text, choices=choices, entered=entered or {}, problem=problem, **values,
        )  # fmt: skip

    def save(self, request: Request, connection: str, fields: Fields) -> Response:
        """Keep one rule."""
        self._console.connection(request, connection, Right.MAP)
        try:
            with self._console.desk(request, connection, Right.MAP) as desk:
                rule = entered_rule(desk, fields)
                set_rule(desk, rule, actor=self._actor(request), why=fields.get("note", ""))
        except MappingTableError as error:
            return self._rules(request, connection, entered=fields, problem=str(error))
        words = f"{versions.what(rule)} becomes {rule.target_name or 'empty'}. What waited for it goes again."
        return self._console.done(request, words, to=f"/c/{connection}/mapping/rules")

    def try_(self, request: Request, connection: str, fields: Fields) -> Response:
        """What one rule would change on real documents; nothing is kept."""
        self._console.connection(request, connection, Right.MAP)
        try:
            with self._console.desk(request, connection, Right.MAP) as desk:
                rule = entered_rule(desk, fields)
                with desk.database.read() as tx:
                    now = mappings.load(tx, desk.connection_id)
                trial = try_mapping(desk, with_rules(now, [rule]), self._read)
        except MappingTableError as error:
            return self._rules(request, connection, entered=fields, problem=str(error))
        return self._rules(request, connection, entered=fields, trial=trial)

    def remove(
        self, request: Request, connection: str, rule: Annotated[str, Form()], reason: Annotated[str, Form()] = ""
    ) -> Response:
        """Remove one rule. What was posted by it stays."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            removed = drop_rule(desk, rule, actor=self._actor(request), why=reason)
        words = "The rule is removed. What was posted by it stays." if removed else "That rule was gone already."
        return self._console.done(request, words, to=f"/c/{connection}/mapping/rules")

    def move(
        self, request: Request, connection: str, rule: Annotated[str, Form()], way: Annotated[str, Form()] = "up"
    ) -> Response:
        """Have a rule with conditions tried earlier or later."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            moved = move_rule(desk, rule, up=way == "up", actor=self._actor(request))
        words = f"The rule is tried {'earlier' if way == 'up' else 'later'} now." if moved else "It cannot go further."
        return self._console.done(request, words, to=f"/c/{connection}/mapping/rules")

    # tables

    def export(self, request: Request, connection: str) -> Response:
        """The mapping as a table that can be imported again."""
        with self._console.desk(request, connection) as desk, desk.database.read() as tx:
            text = export_csv(mappings.load(tx, desk.connection_id))
        headers = {"Content-Disposition": f'attachment; filename="mapping-{connection}.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=headers)

    def import_(  # noqa: PLR0917
        self,
        request: Request,
        connection: str,
        table: Annotated[UploadFile, File()],
        whole: Annotated[str, Form()] = "",
        then: Annotated[str, Form()] = "check",
        reason: Annotated[str, Form()] = "",
    ) -> Response:
        """Take a table over, all or none, or only check it."""
        self._console.connection(request, connection, Right.MAP)
        try:
            text = table.file.read().decode("utf-8-sig")
            with self._console.desk(request, connection, Right.MAP) as desk:
                rules = read_csv(text, load_books(desk))
                if then == "import":
                    why = reason or f"imported {table.filename}"
                    replace_rules(desk, rules, actor=self._actor(request), why=why, whole=whole == "yes")
        except UnicodeDecodeError:
            words = "The table is not UTF-8 text. In a spreadsheet choose “CSV UTF-8” when saving."
            return self._rules(request, connection, problem=words)
        except MappingTableError as error:
            return self._rules(request, connection, problem=str(error))
        if then != "import":
            return self._rules(request, connection, checked=len(rules))
        return self._console.done(
            request,
            f"{len(rules)} {'rule is' if len(rules) == 1 else 'rules are'} taken over.",
            to=f"/c/{connection}/mapping/rules",
        )

    # history

    def history(  # noqa: PLR0917
        self, request: Request, connection: str, older: Number | None = None, newer: Number | None = None,
        text: str = "", before: Number | None = None, format: str = "",  # noqa: A002
    ) -> Response:  # fmt: skip
        """Who changed what and why, of all or with a text in it; as CSV rule by rule; two versions compared, if they are named."""
        if format == "csv":
            return self._console.table(
                request,
                connection,
                f"mapping-history-{connection}.csv",
                _HISTORY,
                lambda desk: _every_change(desk, text),
            )
        with self._console.desk(request, connection) as desk, desk.database.read() as tx:
            current = mappings.version(tx, desk.connection_id)
            found = versions.history(tx, desk.connection_id, VERSIONS + 1, before=before, text=text)
            compared = None
            if older is not None:
                compared = versions.compare(tx, desk.connection_id, older, current if newer is None else newer)
        return self._console.page(
            request, "mapping/history.html", connection=connection, history=found[:VERSIONS], text=text, before=before,
            further=urlencode({"text": text, "before": found[VERSIONS - 1].version}) if len(found) > VERSIONS else "",
            compared=compared, older=older, most=CHANGES,
            newer=current if newer is None else newer, current=current,
        )  # fmt: skip

    def restore(
        self, request: Request, connection: str, version: Annotated[Number, Form()], reason: Annotated[str, Form()] = ""
    ) -> Response:
        """Go back to a version."""
        with self._console.desk(request, connection, Right.MAP) as desk:
            now = versions.restore(desk, version, actor=self._actor(request), reason=reason)
        words = f"The mapping is what it was at version {version}; that is version {now}."
        return self._console.done(request, words, to=f"/c/{connection}/mapping/history")

    def _actor(self, request: Request) -> str:
        return self._console.visitor(request).actor


def _every_change(desk: Desk, text: str) -> Iterator[tuple[object, ...]]:
    def read(before: int, limit: int) -> list[versions.MappingChange]:
        with desk.database.read() as tx:
            return versions.history(tx, desk.connection_id, limit, before=before or None, text=text)

    for one in everything_before(read, lambda change: change.version):
        for rule in one.changes:
            was, now = _becomes(rule.before), _becomes(rule.after)
            yield one.version, one.at, one.by, one.reason, rule.dimension, rule.what, was, now


def _becomes(rule: MappingRule | None) -> str:
    if rule is None:
        return "no rule"
    return rule.target_name or rule.target_id or "left empty"
