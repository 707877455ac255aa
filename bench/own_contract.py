"""Our own OpenAPI document put to the test: schemathesis makes up calls from it, good and bad ones, and looks at every answer.

`make contract-own` runs it long, with SHORT=1 shorter; the test suite the shortest form of it. Nothing but loopback is called, and
the twins stand behind.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests
import requests.auth
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as own

from ml_connector.app.set_up import begin
from ml_connector.console.api import OPERATIONS
from ml_connector.console.api.description import describe
from ml_connector.console.api.service import ROOT
from ml_connector.model.people import EVERY_CONNECTION, Role
from ml_connector.store.database import Database
from ml_connector.work.people.identity import operator
from paperwork import invoice
from programs import token_for
from web import served
from world import World, build_world

CHECKS = (
    checks.not_a_server_error,
    own.status_code_conformance,
    own.content_type_conformance,
    own.response_headers_conformance,
    own.response_schema_conformance,
)
BEGUN = "begun"
"""A connection that is being set up: what only a set-up does, and what would cut the other one off, is done to it."""
WHO = ("nobody", "viewer", "accountant", "mapper", "administrator")


@dataclass
class Tally:
    """What came of the calls: how many of whom were answered with which status, and what was wrong with some."""

    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


@contextmanager
def a_served_world() -> Iterator[tuple[World, str]]:
    """A company with posted and held documents, served on loopback."""
    with TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{Path(folder) / 'own.db'}")
        database.migrate()
        world = build_world(database, company="empty")
        for number in ("A-1", "A-2"):
            world.approve(invoice(number))
        world.approve(invoice("A-3", supplier="V-0815", supplier_name="Nobody & Sons"))
        world.settle()
        begin(world.app, BEGUN, ["GB99"], operator("the bench"))
        with served(world.app) as url:
            yield world, url
        database.close()


def put_to_the_test(world: World, url: str, *, examples: int) -> Tally:
    """Call every operation with made-up requests, as everybody in turn."""
    schema: Any = schemathesis.openapi.from_dict(describe(OPERATIONS))
    tally = Tally()
    for operation in [found.ok() for found in schema.get_all_operations()]:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            # new ones for each, since some operations put an end to tokens
            tokens = {"nobody": ""} | {role.value: token_for(world.app, role, EVERY_CONNECTION) for role in Role}
            _one_operation(operation, mode, tally, tokens, url, examples)
    return tally


class _Token(requests.auth.AuthBase):
    """Puts a token on a call at last, whatever was made up for it; made-up ones are left to nobody."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _one_operation(  # noqa: PLR0917
    operation: Any, mode: GenerationMode, tally: Tally, tokens: dict[str, str], url: str, examples: int
) -> None:
    turn = iter(range(sys.maxsize))

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        number = next(turn)
        who = WHO[number % len(WHO)]
        if number % 7 != 6 and case.path_parameters and "connection" in case.path_parameters:
            apart = "/setup" in operation.path or operation.path.endswith("/disconnect")
            case.path_parameters["connection"] = BEGUN if apart else "demo"
        if number % 4 != 3 and case.path_parameters and "invoice" in case.path_parameters:
            case.path_parameters["invoice"] = f"A-{number % 3 + 1}"
        answer = case.call(base_url=url, auth=_Token(tokens[who]) if tokens[who] else None)
        # some of nobody's calls come with a made-up token: after too many of these they have to wait
        tally.calls[who, answer.status_code] += 1
        if who == "nobody" and answer.status_code not in {401, 429}:
            tally.wrong.append(f"{operation.label}: answered {answer.status_code} without a token")
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            tally.wrong += [f"{operation.label} as {who}: {one}" for one in failures.exceptions]

    call()


def main() -> int:
    """The long form: a table of the answers, and everything that was wrong."""
    with a_served_world() as (world, url):
        usual = 10 if os.environ.get("SHORT") else 60
        tally = put_to_the_test(world, url, examples=int(sys.argv[1]) if len(sys.argv) > 1 else usual)
    statuses = sorted({status for _, status in tally.calls})
    print(f"{len(OPERATIONS)} operations below {ROOT}, {sum(tally.calls.values()):,} calls")
    print("who".ljust(16) + "".join(str(status).rjust(8) for status in statuses))
    for who in WHO:
        print(who.ljust(16) + "".join(f"{tally.calls[who, status]:8,}" for status in statuses))
    for one in dict.fromkeys(tally.wrong):
        print(f"WRONG {one}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
