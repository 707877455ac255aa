"""`ml-connector month`: whether a month is finished. What it says is decided in `work/month.py`."""

from ml_connector.cli.output import CommandError, ExitCode, money_of, print_json, print_table, say
from ml_connector.cli.session import desk_of
from ml_connector.work.month import month_of, month_view, this_month


def month(connection: str = "", *, month: str = "", json: bool = False) -> int:
    """Show whether a month is finished: how far the bills dated in it have come. Exit code 1 while one of them is open.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    month
        The month, such as 2026-11; the present one when left out.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        first = month_of(month) if month else this_month(desk)
        if first is None:
            raise CommandError(f"“{month}” is no month. Write it like 2026-11.")
        view = month_view(desk, first)
    if json:
        print_json(view)
    else:
        rows = [
            (one.state, str(one.documents), money_of(dict(one.money)), "not yet" if one.open else "")
            for one in view.counts
        ]
        print_table(view.month, ("State", "Documents", "Amount", "In the books"), rows, right=("Documents", "Amount"))
        say(view.sentence)
    return ExitCode.HELD_OR_FAILED if view.open else ExitCode.DONE
