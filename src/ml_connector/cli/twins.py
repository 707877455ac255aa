"""`ml-connector twins …`: the offline twins of both systems, as processes of their own."""

import os
import sys

from cyclopts import App

app = App(name="twins", help="Offline twins of QuickBooks Online and Basware, to try things on.")


@app.command
def serve(
    company: str = "demo", *, generate: int = 0, seed: int = 0, quickbooks_port: int = 0, basware_port: int = 0
) -> None:
    """Run both twins on 127.0.0.1 until Ctrl-C. Prints one line of JSON with their addresses and credentials.

    Parameters
    ----------
    company
        demo, none, or a JSON file with the seeds of both systems.
    generate
        Instead of the demo company, a larger one with this many waiting invoices.
    seed
        Seed of the generated company, of ids and of faults.
    quickbooks_port
        Port of the QuickBooks twin; 0 takes a free one.
    basware_port
        Port of the Basware twin; 0 takes a free one.
    """
    command = [
        sys.executable, "-m", "twins", "serve", "--company", company, "--generate", str(generate), "--seed", str(seed),
        "--quickbooks-port", str(quickbooks_port), "--basware-port", str(basware_port),
    ]  # fmt: skip
    os.execv(sys.executable, command)  # this process becomes the twins', so that whoever stops it stops them
