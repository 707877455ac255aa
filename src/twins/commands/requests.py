"""What running twins were asked: every request with its answer, and how many of each kind."""

from typing import Any

from twins.commands.output import print_json, print_table
from twins.commands.running import USUAL, Common, Which, by_twin, one_twin, twins


def requests(
    twin: Which | None = None,
    *,
    last: int = 50,
    path: str = "",
    method: str = "",
    status: str = "",
    contains: str = "",
    number: int | None = None,
    clear: bool = False,
    common: Common = USUAL,
) -> None:
    """List the requests received, or print one in full. Secrets are masked.

    Parameters
    ----------
    twin
        Only this twin.
    last
        The last so many of those asked for; 0: all that are remembered.
    path
        Only paths that contain this.
    method
        Only this HTTP method.
    status
        Only this status: 404, 4xx, or none for requests that were never answered.
    contains
        Only those with this text in the request's or the answer's body.
    number
        Print the request of this number with headers and bodies, as JSON; name the twin.
    clear
        Forget all requests received so far.
    """
    asked = twins(common, twin)
    if number is not None:
        print_json(one_twin(common, twin or "quickbooks").get("request", number=str(number)))
        return
    if clear:
        for one in asked:
            one.delete("requests")
        return
    wanted = {"path": path, "method": method, "status": status, "contains": contains}
    brief = not common.json
    found = [(one, one.get("requests", last=str(last), brief=brief, **wanted)) for one in asked]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    columns = ("No.", "When (UTC)", "Method", "Host", "Path", "Status", "Sent", "Answered")
    for one, rows in found:
        print_table(one.name, columns, map(_cells, rows), right=("No.", "Sent", "Answered"))


def calls(twin: Which | None = None, *, common: Common = USUAL) -> None:
    """Count the requests by kind; of QuickBooks also what Intuit's meter would count.

    Parameters
    ----------
    twin
        Only this twin.
    """
    found = [(one, one.get("calls")) for one in twins(common, twin)]
    if common.json:
        print_json(by_twin(found, twin, common))
        return
    for one, counts in found:
        metering = counts.pop("metering", [])
        print_table(one.name, ("Kind", "Requests"), sorted(counts.items()), right=("Requests",))
        if metering:
            print_table("Intuit's meter", tuple(metering[0]), [tuple(row.values()) for row in metering])


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    query = "&".join(f"{name}={value}" for name, value in row["query"])
    lost = {True: "lost, done", False: "lost, not done"}.get(row["committed"], "no answer")
    shown = f"{row['path']}?{query}" if query else row["path"]
    status = row["status"] if row["status"] is not None else lost
    sizes = (f"{row['request_size']:,}", f"{row['response_size']:,}")
    return (row["number"], row["at"], row["method"], row["host"], shown, status, *sizes)
