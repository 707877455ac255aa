"""`ml-connector contracts …`: the contracts taken over from Basware, what is spent on them, and which invoices name them."""

from cyclopts import App

from ml_connector.cli.output import CommandError, ExitCode, money, print_json, print_table
from ml_connector.cli.session import desk_of
from ml_connector.work.feeds.contract_views import contract_views

app = App(name="contracts", help="The contracts taken over from Basware, and what is spent on them.")


@app.command(name="list")
def list_(*, connection: str = "", text: str = "", json: bool = False) -> int:
    """List contracts, last arrived first.

    Parameters
    ----------
    connection
        The connection; may be left out when there is only one.
    text
        Search in everything a contract says.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        lines = [view.contract for view in contract_views(desk, text=text)]
    if json:
        print_json(lines)
    else:
        columns = ("Contract", "Title", "Company", "Total", "Spent", "Invoices")
        rows = [
            (
                one.number,
                one.title,
                one.company_code,
                money(one.total, one.currency),
                money(one.spent, one.currency),
                ", ".join(one.documents),
            )
            for one in lines
        ]
        print_table("", columns, rows, right=("Total", "Spent"))
    return ExitCode.DONE


@app.command
def show(contract: str, *, connection: str = "", json: bool = False) -> int:
    """Show one contract with what each document spends on it.

    Parameters
    ----------
    contract
        The contract number, or Basware's external code.
    connection
        The connection; may be left out when there is only one.
    json
        Print JSON.
    """
    with desk_of(connection) as desk:
        found = [one for one in contract_views(desk) if contract in {one.contract.number, one.contract.external_code}]
    if len(found) != 1:
        how_many = f"{len(found)} contracts are" if found else "no contract is"
        raise CommandError(f"{how_many} called {contract!r}. `ml-connector contracts list` shows all.".capitalize())
    view = found[0]
    if json:
        print_json(view)
        return ExitCode.DONE
    rows = [
        (one.document_type, one.document_number, money(one.net, view.contract.currency), "yes" if one.cancelled else "")
        for one in view.spends
    ]
    title = f"{view.contract.number} {view.contract.title}, invoices {', '.join(view.contract.documents) or 'none'}"
    print_table(title, ("Kind", "Document", "Net", "Cancelled"), rows, right=("Net",))
    return ExitCode.DONE
