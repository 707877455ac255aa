"""The command `ml-connector`: its nouns, and the one place where an error becomes a message and an exit code."""

import sys

from cyclopts import App, CycloptsError

from ml_connector import __version__
from ml_connector.cli import (
    accruals,
    alerts,
    alignment,
    attachments,
    audit,
    budget,
    calls,
    changes,
    connection,
    contracts,
    demo,
    documents,
    drift,
    extracts,
    feeds,
    holds,
    keys,
    mapping,
    month,
    network,
    notify,
    orders,
    outcomes,
    payments,
    people,
    plan,
    records,
    schedule,
    serve,
    settings,
    setup,
    status,
    sync,
    tokens,
    twins,
    vendors,
    webhook_log,
    work,
)
from ml_connector.cli.output import CommandError, ExitCode, say
from ml_connector.work.process import keep_memory_private

app = App(
    name="ml-connector",
    help="Posts invoices approved in Basware to QuickBooks Online, exactly once, and tells Basware so.",
    version=__version__,
)
app.command(setup.init)
app.command(connection.app)
app.command(settings.app)
app.command(sync.sync)
app.command(documents.app)
app.command(accruals.app)
app.command(attachments.app)
app.command(holds.app)
app.command(audit.app)
app.command(plan.app)
app.command(drift.app)
app.command(mapping.app)
app.command(work.work)
app.command(network.app)
app.command(extracts.app)
app.command(status.status)
app.command(month.month)
app.command(schedule.app)
app.command(feeds.feeds)
app.command(orders.app)
app.command(contracts.app)
app.command(vendors.app)
app.command(outcomes.app)
app.command(payments.app)
app.command(records.app)
app.command(alignment.app)
app.command(alerts.app)
app.command(notify.app)
app.command(calls.calls)
app.command(budget.budget)
app.command(changes.app)
app.command(keys.app)
app.command(serve.serve)
app.command(people.app)
app.command(tokens.app)
app.command(webhook_log.webhooks)
app.command(demo.demo)
app.command(twins.app)


def main() -> None:
    """Run one command. Exit codes: 0 all done, 1 something is held or failed, 2 usage, 3 sign-in needed, 4 try later."""
    keep_memory_private()
    try:
        result = app(sys.argv[1:], exit_on_error=False)
    except CommandError as error:
        say(f"Error: {error}")
        sys.exit(error.code)
    except CycloptsError:
        sys.exit(ExitCode.USAGE)
    except KeyboardInterrupt:
        say("Stopped. What was done stays done; run the command again to go on.")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(ExitCode.DONE)
    sys.exit(result if isinstance(result, int) else ExitCode.DONE)
