"""Codes of waiting documents and the records they may become: matching them, proposals, how much is mapped."""

from typing import Annotated

import msgspec

from ml_connector.console.api.mapping import rules_now
from ml_connector.console.api.mapping_versions import Taken
from ml_connector.console.api.operation import Call, Name, Page, Paged, Text, counted, reader, sliced, writer
from ml_connector.model.mapping import Dimension
from ml_connector.model.people import Right
from ml_connector.work.lists import refresh_lists
from ml_connector.work.mapping_coverage import coverage
from ml_connector.work.mapping_matching import certain_codes, take_over
from ml_connector.work.mapping_proposals import ProposedRule, accept, proposals
from ml_connector.work.mapping_uses import Coverage, DimensionCoverage
from ml_connector.work.needs.targets import Target, targets


class MatchedCode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One code. `target`: the record it becomes, by id, number or full name, or `none`; empty takes the proposal over."""

    dimension: Dimension
    code: Name
    target: Text = ""


class Matches(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes to match as one change, all or none. `certain`: with them every proposal that is certain, perhaps of one dimension.

    A proposal counts for nothing until it is taken over; to turn one down for good, name another target, or `none`.
    """

    codes: Annotated[tuple[MatchedCode, ...], msgspec.Meta(max_length=10_000)] = ()
    certain: bool = False
    dimension: Dimension | None = None


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """How many codes were matched, and how much of each dimension is mapped now."""

    version: int
    matched: int
    dimensions: tuple[DimensionCoverage, ...]


class TargetQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Records of the list a dimension points into, with a text in their name, number or id."""

    dimension: Dimension
    text: Text = ""


class ListsRead(msgspec.Struct, frozen=True, kw_only=True):
    """QuickBooks' lists were read again; which change of the mapping counts."""

    version: int


class Accepted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which proposals to take over: those of some codes of a dimension, or with no code all that are certain."""

    dimension: Dimension | None = None
    codes: tuple[Name, ...] = ()


def _match(call: Call) -> Matched:
    body: Matches = call.body
    known = call.console.documents
    with call.desk() as desk:
        accepted = {(one.dimension, one.code) for one in body.codes if not one.target}
        if body.certain:
            accepted |= set(certain_codes(desk, body.dimension, known))
        named = {(one.dimension, one.code): one.target for one in body.codes if one.target}
        number = take_over(desk, accepted, named, actor=call.visitor.actor, known=known)
        return Matched(version=rules_now(desk).version, matched=number, dimensions=coverage(desk, known).dimensions)


def _targets(call: Call) -> Page[Target]:
    query: TargetQuery = call.query
    with call.desk() as desk:
        return counted(
            query, lambda offset, limit: targets(desk, query.dimension, query.text, limit=offset + limit)[offset:]
        )


def _refresh(call: Call) -> ListsRead:
    with call.desk() as desk:
        refresh_lists(desk, thorough=True)
        return ListsRead(version=rules_now(desk).version)


def _proposals(call: Call) -> Page[ProposedRule]:
    with call.desk() as desk:
        return sliced(call.query, proposals(desk, call.console.documents))


def _accept(call: Call) -> Taken:
    body: Accepted = call.body
    with call.desk() as desk:
        found = [one for one in proposals(desk, call.console.documents) if body.dimension in {None, one.dimension}]
        chosen = [one for one in found if (one.code in body.codes if body.codes else one.confidence == "certain")]
        taken = accept(desk, chosen, actor=call.visitor.actor)
        return Taken(version=rules_now(desk).version, rules=taken)


def _coverage(call: Call) -> Coverage:
    with call.desk() as desk:
        return coverage(desk, call.console.documents)


_TAG, _ALL = "mapping", "/connections/{connection}/mapping"
OPERATIONS = (
    writer(
        _TAG,
        f"{_ALL}/match",
        "Match codes, to what is proposed or to records you name, as one change",
        Matched,
        _match,
        right=Right.MAP,
        body=Matches,
        example={"certain": True, "codes": [{"dimension": "account", "code": "6100", "target": "6100 Travel"}]},
    ),
    reader(_TAG, f"{_ALL}/targets", "Records that a code may become", Page[Target], _targets, query=TargetQuery),
    writer(
        _TAG,
        f"{_ALL}/refresh",
        "Read QuickBooks' lists again",
        ListsRead,
        _refresh,
        right=Right.MAP,
        asks_vendors=True,
    ),
    reader(
        _TAG,
        f"{_ALL}/proposals",
        "What codes without a rule might become",
        Page[ProposedRule],
        _proposals,
        query=Paged,
    ),
    writer(_TAG, f"{_ALL}/proposals/accept", "Take proposals over", Taken, _accept, right=Right.MAP, body=Accepted),
)
COVERAGE = (
    reader(_TAG, f"{_ALL}/coverage", "Codes in use, unmapped first, with what waits for each", Coverage, _coverage),
)
"""Told last of the mapping in the document."""
