"""Schemathesis against the Basware twin: every operation it offers, with data the files allow and data they forbid.

Nothing is random: the seed is fixed. Each request meets a fresh twin with the same tenant. Half of the requests are about records
of that tenant, so that not all of them end in 404. What comes back is judged as everything else is, and once more by schemathesis'
own checks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contract.basware_judge import BaswareJudge
from contract.deviations import excuse
from contract.specification import FILES, Operation, Specifications, basware, raw
from contract.tally import Tally
from contract.tenant import HOST, Scene, furnished
from contract.violations import Rule, Violation
from twins.http import Request, Response

SEED = 20261122
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@dataclass
class Fuzzing:
    """One run over all operations; the figures are in the tally."""

    specifications: Specifications
    tally: Tally
    examples: int
    """How many requests of each kind (allowed, forbidden) each operation gets."""
    resources: frozenset[str] = frozenset()
    """Only operations of these; empty: all."""

    def __post_init__(self) -> None:
        self._judge = BaswareJudge(self.specifications, self.tally)
        self._schemas = {name: schemathesis.openapi.from_dict(dict(raw(name))) for name in FILES}

    def run(self) -> None:
        """Try every operation that the twin offers and a file describes."""
        for operation in offered(self.specifications):
            if self.resources and operation.resource not in self.resources:
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                for number, case in enumerate(self._cases(operation, mode)):
                    self._try(operation, case, number)
            if not self.tally.lines[operation.name].good:
                what = f"{self.tally.lines[operation.name].exchanges} requests, none of them answered with success"
                self.tally.note(Violation(operation.name, Rule.NEVER_GOOD, 0, "", "", what), "schemathesis")

    def _cases(self, operation: Operation, mode: GenerationMode) -> list[Any]:
        """Generated requests of an operation; none where the files forbid nothing."""
        strategy = self._schemas[operation.file][operation.template][operation.method].as_strategy(generation_mode=mode)
        cases: list[Any] = []

        @hypothesis.seed(SEED)
        @hypothesis.settings(
            max_examples=self.examples,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=strategy)
        def collect(case: Any) -> None:
            cases.append(case)

        try:
            collect()
        except hypothesis.errors.Unsatisfiable:
            return []
        return cases

    def _try(self, operation: Operation, case: Any, number: int) -> None:
        scene = furnished()
        if number % 2:
            name_what_is_there(operation, case, scene, number // 2)
            if case.meta.generation.mode is GenerationMode.POSITIVE:
                make_sense(operation, case, scene, number // 2)
        sent = prepared(case, scene)
        request = Request.build(sent.method, sent.url, sent.headers.items(), _bytes(sent.body))
        seen = f"schemathesis: {request.method} {request.path}?{sent.url.partition('?')[2]} {request.body[:300]!r}"
        answer: Response | Exception
        try:
            answer = scene.twin.handle(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, the twin broke, and that is the finding
            answer = error
        found = self._judge.judge(scene.twin, request, answer, seen)
        if isinstance(answer, Response) and all(one.rule is Rule.HEADER for one in found):
            for failure in _objections(case, sent, answer):
                what = " ".join(f"{failure.title}: {failure.message}".split())
                self.tally.note(
                    Violation(operation.name, Rule.SECOND_OPINION, answer.status, type(failure).__name__, "", what),
                    seen,
                )


def generate(examples: int) -> Tally:
    """The figures of a run over everything."""
    tally = Tally()
    Fuzzing(basware(), tally, examples).run()
    return tally


def offered(specifications: Specifications) -> list[Operation]:
    """The described operations that the twin offers."""
    known = set(furnished().twin.operations)
    return [one for one in specifications.operations if one.stars in known]


def missing(specifications: Specifications) -> list[Operation]:
    """The described operations that it does not."""
    known = set(furnished().twin.operations)
    return [one for one in specifications.operations if one.stars not in known]


def undescribed(specifications: Specifications) -> list[str]:
    """Operations that the twin offers, no file describes, and nothing forgives."""
    described = {one.stars for one in specifications.operations}
    names = [" ".join(one) for one in furnished().twin.operations if one not in described]
    return [name for name in names if excuse(Violation(name, Rule.PATH, 200, "", "", "")) is None]


def name_what_is_there(operation: Operation, case: Any, scene: Scene, number: int) -> None:
    """Let a request be about a record that the tenant has."""
    known = scene.known(operation, number)
    for name in case.path_parameters or {}:
        if name in known:
            case.path_parameters[name] = known[name]


def make_sense(operation: Operation, case: Any, scene: Scene, number: int) -> None:
    """Give a request filters and a body that the tenant can do something with; every second time no optional filter."""
    known = scene.known(operation, number)
    optional = {one.name for one in operation.parameters if one.place == "query" and not one.required}
    for name in list(case.query or {}):
        if name in known:
            case.query[name] = known[name]
        elif name in optional and number % 2 == 0:
            del case.query[name]
    for name in list(case.headers or {}):
        if name.lower() == "x-amz-meta-continuationtoken":
            del case.headers[name]
    if operation.bodies:
        case.body = scene.body(operation, case.body, known, number)


def prepared(case: Any, scene: Scene) -> Any:
    """The request as it would go over the network (`requests.PreparedRequest`), signed in.

    Not typed, because every field of that type may be None until it is prepared.
    """
    case.headers["authorization"] = scene.authorization(case.path)
    arguments = case.as_transport_kwargs(base_url=f"https://{HOST}")
    allowed = {"method", "url", "headers", "params", "data", "json", "files", "cookies"}
    return requests.Request(**{name: value for name, value in arguments.items() if name in allowed}).prepare()


def _objections(case: Any, sent: Any, answer: Response) -> Iterator[Failure]:
    """What schemathesis itself has against an answer."""
    headers: dict[str, list[str]] = {name: [value] for name, value in answer.headers.items()}
    response = schemathesis.Response(
        answer.status, headers, answer.body, sent, elapsed=0.0, verify=True, encoding="utf-8"
    )
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        yield from group.exceptions
    except Failure as failure:
        yield failure


def _bytes(body: Any) -> bytes:
    if body is None or body is NOT_SET:
        return b""
    return body if isinstance(body, bytes) else str(body).encode()
