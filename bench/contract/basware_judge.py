"""Holds every exchange with a Basware twin against Basware's files.

Three questions: is the answer one the file describes; did the twin accept what the file forbids; and, where the product is the
client, was the request one the file describes. What is fetched from a download address is judged as the answer of the operation
that sent the client there.
"""

from dataclasses import replace
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary, WeakSet

from contract.specification import Operation, Specifications
from contract.tally import Tally
from contract.validating import answer_violations, request_violations
from contract.violations import Rule, Violation
from twins.http import Request, Response

_NO_SUCH_THING = {401, 404, 405, 413}
"""What a path or method that no file knows may be answered."""
_DOWNLOAD = "GET download address"
_CORRUPTED = "corrupted"


class BaswareJudge:
    """Judges exchanges one after another; remembers where answers redirect to."""

    def __init__(self, specifications: Specifications, tally: Tally, *, product_asks: bool = False) -> None:
        self._specifications = specifications
        self._tally = tally
        self._product_asks = product_asks
        self._damaged: WeakSet[object] = WeakSet()
        self._downloads: WeakKeyDictionary[object, dict[str, Operation | None]] = WeakKeyDictionary()
        """Addresses given out by each twin, with the operation whose answer is there; None for one that no file knows."""

    def expect_damage(self, twin: object) -> None:
        """From now on this twin may show a document that somebody corrupted on purpose."""
        self._damaged.add(twin)

    def judge(self, twin: object, request: Request, answer: Response | Exception, seen: str) -> list[Violation]:
        """All violations of one exchange, whether forgiven or not; they are counted."""
        operation = self._specifications.find(request.method, request.path)
        downloads = self._downloads.setdefault(twin, {})
        is_download = request.path in downloads
        name = operation.name if operation else _DOWNLOAD if is_download else f"{request.method} {request.path}"
        if isinstance(answer, Exception):
            violations = [Violation(name, Rule.CRASH, 0, type(answer).__name__, "", str(answer))]
        elif operation is not None:
            violations = self._of_operation(operation, request, answer)
        elif is_download:
            violations = self._of_download(downloads[request.path], request, answer)
        else:
            violations = self._outside(name, answer)
        if twin in self._damaged:
            violations = [replace(one, keyword=_CORRUPTED) if one.rule is Rule.BODY else one for one in violations]
        if isinstance(answer, Response) and (address := _address(answer)):
            downloads[address] = operation
        if operation or is_download:
            self._tally.exchange(name, answer.status if isinstance(answer, Response) else 0, _bodies(request, answer))
        for one in violations:
            self._tally.note(one, seen)
        return violations

    def _of_operation(self, operation: Operation, request: Request, answer: Response) -> list[Violation]:
        violations = answer_violations(operation, answer)
        if answer.status >= 500:
            violations.append(Violation(operation.name, Rule.CRASH, answer.status, "", "", "a twin must not fail"))
        if self._product_asks:
            violations += request_violations(operation, request, Rule.REQUEST, answer.status)
        elif answer.status < 400:
            violations += request_violations(operation, request, Rule.ACCEPTED, answer.status)
        return violations

    def _of_download(self, target: Operation | None, request: Request, answer: Response) -> list[Violation]:
        """The second half of a redirected read, which no file describes but for what it brings."""
        violations: list[Violation] = []
        if answer.status == 200:
            violations += answer_violations(target, answer) if target else []
        else:
            what = "the files do not describe this address"
            violations.append(Violation(_DOWNLOAD, Rule.STATUS, answer.status, "undescribed", "", what))
        if self._product_asks and "authorization" in request.headers:
            what = "must not be sent here"
            violations.append(Violation(_DOWNLOAD, Rule.REQUEST, answer.status, "sign-in", "authorization", what))
        return violations

    def _outside(self, name: str, answer: Response) -> list[Violation]:
        """What no file knows must not be there."""
        if answer.status in _NO_SUCH_THING and not (self._product_asks):
            return []
        what = "no file knows this operation"
        return [Violation(name, Rule.REQUEST if self._product_asks else Rule.PATH, answer.status, "", "", what)]


def _address(answer: Response) -> str:
    """The path an answer redirects to; empty for none."""
    location = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
    return urlsplit(location).path if answer.status == 302 else ""


def _bodies(request: Request, answer: Response | Exception) -> int:
    return bool(request.body) + (isinstance(answer, Response) and bool(answer.body))
