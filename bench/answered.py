"""Which operations of the API the tests have seen doing their work. An operation that none of them ever did is told at the end of a
whole run, which fails then: refusals alone prove nothing about it.

Hooks for `tests/conftest.py`. With several processes each notes what it saw, and the first of them judges. Made-up calls do not
count (`own_contract.py`): that they succeed is chance.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from ml_connector.console.api import OPERATIONS
from ml_connector.console.api.operation import Operation
from ml_connector.console.api.service import Service

SEEN = pytest.StashKey[set[str]]()
_MADE_UP = "tests/console/api/test_contract.py"
_KEY = "answered operations"


@contextmanager
def answers_noted(config: pytest.Config) -> Iterator[None]:
    """Note the name of every operation that answers with success while the block runs."""
    seen, plain = config.stash.setdefault(SEEN, set()), Service._answer

    def noting(service: Service, operation: Operation, request: Request, body: bytes | None) -> Response:
        answer = plain(service, operation, request, body)
        if answer.status_code == HTTPStatus.OK and not os.environ.get("PYTEST_CURRENT_TEST", "").startswith(_MADE_UP):
            seen.add(operation.name)
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Service, "_answer", noting)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of several is done."""
    node.config.stash.setdefault(SEEN, set()).update(getattr(node, "workeroutput", {}).get(_KEY, ()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what was seen; in the first process, after a whole run in which all was well, fail for what was never seen."""
    config = session.config
    seen = config.stash.get(SEEN, set())
    if hasattr(config, "workeroutput"):
        config.workeroutput[_KEY] = sorted(seen)
    elif _is_whole(config) and session.exitstatus == pytest.ExitCode.OK and (never := _never(seen)):
        config.get_terminal_writer().line(
            f"\nNo test has seen these operations of the API doing their work: {never}", red=True
        )
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_whole(config: pytest.Config) -> bool:
    narrowed = any(config.getoption(name, None) for name in ("keyword", "markexpr", "lf", "deselect", "ignore"))
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not narrowed


def _never(seen: set[str]) -> str:
    return ", ".join(one.name for one in OPERATIONS if one.name not in seen)
