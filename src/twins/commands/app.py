"""The commands, and the one place where an error becomes a message and an exit code."""

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from twins.commands import clock, faults, looking, people, requests, serving, story, switches, webhooks
from twins.commands.output import CommandError, ExitCode, say
from twins.commands.running import program

app = App(
    name=program(),
    help="Offline twins of QuickBooks Online and Basware, to try things on.",
    version_flags=(),
    result_action="return_value",
)
for command in (
    serving.serve, serving.seed, serving.generate, serving.save,
    looking.books, looking.documents, looking.vendors, looking.show, looking.ledger, looking.check,
    requests.requests, requests.calls, people.act, story.story,
):  # fmt: skip
    app.command(command)
for group in (faults.app, switches.app, clock.app, webhooks.app):
    app.command(group)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 something found wrong, 2 usage or refused, 4 twins not running."""
    try:
        result = app(sys.argv[1:] if arguments is None else list(arguments), exit_on_error=False)
    except CommandError as error:
        say(f"Error: {error}")
        return error.code
    except CycloptsError:
        return ExitCode.USAGE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return ExitCode.DONE
    return result if isinstance(result, int) else ExitCode.DONE
