"""Tasks: one for each notification there ever was, with what became of it; the place to look for missed ones.

Source: Basware push notification specification, /v1/tasks (paged by a continuation header, wrapped in `taskStatus`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from twins.basware.answers import Call, in_json
from twins.basware.pages import Query
from twins.basware.state import Place
from twins.basware.subscriptions import not_found, seconds, unprocessable
from twins.http import Response

NEW, COMPLETED, FAILED = "New", "Completed", "Failed"


@dataclass(frozen=True)
class Step:
    """One entry of a task's history."""

    action: str
    at: datetime
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One notification to one subscription. `sequence` is its place among all tasks of the twin."""

    id: str
    sequence: int
    status: str
    task_type: str
    task_sub_type: str
    document_id: str
    expires: datetime
    updated: datetime
    history: tuple[Step, ...] = field(default=())

    def notification(self) -> dict[str, str]:
        """What is sent about it: texts only, and nothing of the business."""
        sub_type = {"taskSubType": self.task_sub_type} if self.task_sub_type else {}
        return {
            "taskId": self.id,
            "taskStatus": self.status,
            "taskType": self.task_type,
            **sub_type,
            "documentId": self.document_id,
            "expirationTime": seconds(self.expires),
        }

    def body(self) -> dict[str, Any]:
        """As the interface shows it."""
        history = [
            {"action": step.action, "timeStamp": seconds(step.at), "messages": list(step.messages)}
            for step in self.history
        ]
        return {
            **self.notification(),
            "isSimulatedTask": False,
            "lastUpdated": seconds(self.updated),
            "taskHistory": history,
        }


class Tasks:
    """The tasks of every tenant, by client id and task id."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, Task]] = {}
        self._owner: dict[str, str] = {}
        self._made = 0

    def open(self, tenant: str, name: str, notice: tuple[str, str, str], now: datetime, expires: datetime) -> Task:
        """Start a task about a task type, sub type and document."""
        self._made += 1
        history = (Step(NEW, now, ("Task Created",)),)
        task = Task(name, self._made, NEW, *notice, expires=expires, updated=now, history=history)
        self._of.setdefault(tenant, {})[name] = task
        self._owner[name] = tenant
        return task

    def close(self, name: str, status: str, messages: tuple[str, ...], now: datetime) -> None:
        """Complete or fail a task; one that is closed stays as it is."""
        tasks = self._of[self._owner[name]]
        task = tasks[name]
        if task.status == NEW:
            history = (*task.history, Step(status, now, messages))
            tasks[name] = replace(task, status=status, updated=now, history=history)

    def get(self, tenant: str, name: str) -> Task | None:
        """A tenant's task."""
        return self._of.get(tenant, {}).get(name)

    def find(self, tenant: str, wanted: "_Filter", place: Place | None) -> Iterator[Task]:
        """A tenant's tasks that a filter takes, behind a place, longest unchanged first."""
        found = sorted(
            (task for task in self._of.get(tenant, {}).values() if wanted.takes(task)),
            key=lambda task: (task.updated, task.sequence),
        )
        return (task for task in found if place is None or (task.updated, task.sequence) > place)


@dataclass(frozen=True)
class _Filter:
    """What a list request asks for; empty: anything."""

    task_type: str
    status: str
    document_id: str
    since: datetime | None

    def takes(self, task: Task) -> bool:
        return (
            self.task_type in {"", task.task_type}
            and self.status in {"", task.status}
            and self.document_id in {"", task.document_id}
            and (self.since is None or task.updated > self.since)
        )


def list_tasks(tasks: Tasks, call: Call) -> Response:
    """GET /v1/tasks."""
    query = Query(call, ("taskType", "taskStatus", "documentId", "lastUpdated"))
    status = query.word("taskStatus", frozenset({NEW, COMPLETED, FAILED}))
    wanted = _Filter(query.text("taskType"), status, query.text("documentId"), query.since())
    if query.wrong:
        return unprocessable(query.wrong)
    found = tasks.find(call.tenant.client_id, wanted, query.start(None))
    page = list(islice(found, call.world.switches.tasks_per_page))
    if not page:
        return not_found()
    answer = in_json({"taskStatus": [task.body() for task in page]})
    if next(found, None) is None:
        return answer
    return replace(answer, headers={**answer.headers, **query.leading((page[-1].updated, page[-1].sequence))})


def one_task(tasks: Tasks, call: Call, name: str) -> Response:
    """GET /v1/tasks/{taskId}: still a list, of one."""
    task = tasks.get(call.tenant.client_id, name)
    return in_json({"taskStatus": [task.body()]}) if task else not_found()
