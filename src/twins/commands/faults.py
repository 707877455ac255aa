"""`faults …`: bad luck on demand for what running twins are asked."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from twins.commands.output import CommandError, print_json, print_table
from twins.commands.running import USUAL, Common, Which, by_twin, one_twin, twins

app = App(name="faults", help="Bad luck by rule: lost, slow, damaged and false answers.")

_WHICH = ("method", "path", "host", "contains", "operation", "nth", "every", "times", "probability", "after", "ends")
_OWN = {"id", "seen", "hits", "kind", "lasts", *_WHICH}


@app.command(name="list")
def list_rules(twin: Which | None = None, *, kinds: bool = False, common: Common = USUAL) -> None:
    """List the rules in force, or the kinds of faults and the errors worded as the vendor's own.

    Parameters
    ----------
    twin
        Only this twin.
    kinds
        List kinds and errors instead.
    """
    found = [(one, one.get("faults/kinds" if kinds else "faults")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, held in found:
        if kinds:
            print_table(one.name, ("Kind", "What happens"), held["kinds"].items())
            print_table("", ("Error", "Means"), held["errors"].items())
        else:
            print_table(
                one.name, ("Id", "Kind", "Of", "How", "Seen", "Struck"), map(_cells, held), right=("Seen", "Struck")
            )


@app.command
def add(  # one option for each part of a rule
    twin: Which,
    kind: str,
    *,
    method: str | None = None,
    path: str | None = None,
    host: str | None = None,
    contains: str | None = None,
    operation: str | None = None,
    nth: int | None = None,
    every: int | None = None,
    times: int | None = None,
    always: bool = False,
    percent: float | None = None,
    after: float | None = None,
    lasts: float | None = None,
    status: int | None = None,
    body: str | None = None,
    error: str | None = None,
    text: str | None = None,
    content_type: str | None = None,
    committed: bool | None = None,
    retry_after: float | None = None,
    delay: float | None = None,
    keep: float | None = None,
    field: str | None = None,
    fields: Annotated[list[str] | None, Parameter(negative=())] = None,
    value: str | None = None,
    common: Common = USUAL,
) -> None:
    """Put a rule in force. Of the requests that all conditions fit, it strikes one unless told otherwise.

    Parameters
    ----------
    twin
        Which twin.
    kind
        What happens: "lost before", "lost after", status, slow, truncated, "broken off", duplicate, "extra fields",
        "unknown values", "missing fields"; a hyphen does for the blank.
    method
        Only requests of this HTTP method.
    path
        Only paths in which this regular expression is found.
    host
        Only hosts in which this regular expression is found.
    contains
        Only requests with this text in the body.
    operation
        Only this operation, in which * stands for anything: bill.create, accountingDocuments.*
    nth
        The first matching request that is struck; 1 is the next.
    every
        From there on every so many.
    times
        At most so many are struck; 1 unless told otherwise.
    always
        No such limit.
    percent
        Each of them is struck with this chance, drawn from the seed of `serve`.
    after
        The rule begins so many seconds of the twins' clock from now.
    lasts
        It ends so many seconds after it began.
    status
        HTTP status of a false answer: 429, 500, 503 …
    body
        Shape of a false answer: json, xml, html or empty.
    error
        A false answer in the vendor's own words, such as 3001, 10000 or UNEXPECTED_ERROR; `faults list --kinds` lists them.
    text
        A body of your own for a false answer.
    content_type
        Media type of a false answer.
    committed
        The work is done before the false answer.
    retry_after
        Seconds a false answer asks to wait, in a Retry-After header.
    delay
        Seconds that a slow answer takes.
    keep
        Part of the body that arrives, from 0 to 1, when it is truncated or broken off.
    field
        Name of an extra field.
    fields
        Fields that get unknown values or go missing; may be given several times.
    value
        The unknown value.
    """
    given: dict[str, Any] = {
        "kind": kind.replace("-", " "), "method": method, "path": path, "host": host, "contains": contains,
        "operation": operation, "nth": nth, "every": every, "after": after, "lasts": lasts, "status": status, "body": body,
        "error": error, "text": text, "content_type": content_type, "committed": committed, "retry_after": retry_after,
        "delay": delay, "keep": keep, "field": field, "fields": fields, "value": value, "times": times,
        "probability": None if percent is None else percent / 100,
    }  # fmt: skip
    rule = {name: part for name, part in given.items() if part is not None}
    if always and times is not None:
        raise CommandError("--always and --times exclude each other.")
    if always:
        rule["times"] = None
    added = one_twin(common, twin).post("faults", rule)
    print_json(added) if common.json else print_table("", ("Id",), [(added["id"],)])


@app.command
def remove(twin: Which, id: str, *, common: Common = USUAL) -> None:  # noqa: A002
    """Take a rule out of force.

    Parameters
    ----------
    twin
        Which twin.
    id
        The rule, as `faults list` shows it.
    """
    left = one_twin(common, twin).delete("faults", id=id)
    print_json(left) if common.json else print_table("", ("In force",), [(len(left),)])


@app.command
def clear(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """Take all rules out of force.

    Parameters
    ----------
    twin
        Only this twin's.
    """
    found = [(one, one.delete("faults")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    of = ", ".join(f"{name} {row[name]}" for name in _WHICH if row[name] not in ("", 1, 0, None))
    how = ", ".join(
        f"{name} {part}" for name, part in row.items() if name not in _OWN and part not in ("", 0, None, [], False)
    )
    return (row["id"], row["kind"], of, how, row["seen"], row["hits"])
