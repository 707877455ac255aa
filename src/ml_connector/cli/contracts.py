"""`ml-connector contracts …`: the contracts taken over from Basware, what is spent on them, and which invoices name them."""

from cyclopts import App

from ml_connector.cli.options import Connection, Json, Limit
from ml_connector.cli.output import CommandError, ExitCode, money, print_json, print_table, say
from ml_connector.cli.session import desk_of
from ml_connector.work.feeds.contract_views import ContractLine, SpendLine, contract_list, contracts_named

app = App(name="contracts", help="The contracts taken over from Basware, and what is spent on them.")


@app.command(name="list")
def list_(*, connection: Connection = "", text: str = "", limit: Limit = 1000, json: Json = False) -> int:
    """List contracts, last arrived first.

    Parameters
    ----------
    text
        Search in everything a contract says.
    """
    with desk_of(connection) as desk:
        lines = [view.contract for view in contract_list(desk, text=text).page(limit=limit)]
        own = desk.settings.basware.orders
    if not lines and not (own.enabled and own.contracts):
        say("Contracts are not taken over: [basware.orders] in the connection file has no contracts = true.")
    if json:
        print_json(lines)
    else:
        columns = ("Contract", "Title", "Company", "Total", "Spent", "Reserved", "Invoices")
        print_table("", columns, [_row(line) for line in lines], right=("Total", "Spent", "Reserved"))
    return ExitCode.DONE


@app.command
def show(contract: str, *, connection: Connection = "", json: Json = False) -> int:
    """Show one contract with what each document spends on it.

    Parameters
    ----------
    contract
        The contract number, or Basware's external code.
    """
    with desk_of(connection) as desk:
        found = contracts_named(desk, contract)
    if not found:
        raise CommandError(f"There is no contract {contract!r}. `ml-connector contracts list` shows all.")
    if len(found) > 1:
        codes = ", ".join(view.contract.external_code for view in found)
        raise CommandError(
            f"Several contracts carry the number {contract}: name one of them by its external code: {codes}."
        )
    view = found[0]
    if json:
        print_json(view)
        return ExitCode.DONE
    rows = [
        (one.document_type, one.document_number, _net(one, view.contract.currency), "yes" if one.cancelled else "")
        for one in view.spends
    ]
    title = f"{view.contract.number} {view.contract.title}, invoices {', '.join(view.contract.documents) or 'none'}"
    print_table(title, ("Kind", "Document", "Net", "Cancelled"), rows, right=("Net",))
    if view.contract.unknown:
        say(f"Basware gives {view.contract.unknown} of these in another currency than the contract's: in no sum.")
    return ExitCode.DONE


def _row(line: ContractLine) -> tuple[str, ...]:
    return (
        line.number,
        line.title,
        line.company_code,
        money(line.total, line.currency),
        money(line.spent, line.currency),
        money(line.reserved, line.currency),
        ", ".join(line.documents),
    )


def _net(spend: SpendLine, currency: str) -> str:
    if spend.net is not None:
        return money(spend.net, currency)
    return money(spend.document_net, spend.document_currency)
