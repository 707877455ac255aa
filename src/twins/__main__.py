"""`python -m twins`: both twins on loopback for anybody who wants to try something, and a look into a running one.

`serve` prints one line of JSON once both are ready (addresses and the credentials of the seeded companies) and runs until it is
told to stop. Everything meant for people goes to standard error.
"""

import argparse
import signal
import sys
import threading
import urllib.request
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from twins import demo_company
from twins.basware import BaswareTwin
from twins.clock import Clock
from twins.control import ControlledTwin, Panel
from twins.panels import BaswarePanel, QuickBooksPanel
from twins.quickbooks.twin import QuickBooksTwin
from twins.serve import TwinServer, close_all

Seed = dict[str, Any]

_QUICKBOOKS_KEYS = ("realm_id", "client_id", "client_secret", "refresh_token")
_BASWARE_KEYS = ("client_id", "client_secret", "user", "password", "bwcid", "companies")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m twins", description="Offline twins of QuickBooks Online and Basware."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _describe_serve(commands.add_parser("serve", help="run both twins on 127.0.0.1 until told to stop"))
    look = commands.add_parser("books", help="print the books of a running twin as JSON")
    look.add_argument("--url", required=True, help="address of the twin, as `serve` printed it")
    look.add_argument("--company", default="", help="realm id or client id, where the twin holds several")
    options = parser.parse_args(arguments)
    return _serve(options) if options.command == "serve" else _books(options)


def _describe_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--company", default="demo", help="demo, none, or a JSON file {quickbooks: seed, basware: seed}"
    )
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="a larger company with N waiting invoices")
    parser.add_argument("--seed", type=int, default=0, help="seed of the generated company, of ids and of faults")
    parser.add_argument("--quickbooks-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--basware-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="instant at which the twins' clock starts, with zone"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")


def _serve(options: argparse.Namespace) -> int:
    if options.now is not None and options.now.tzinfo is None:
        sys.stderr.write("--now needs a time zone, such as 2026-11-20T12:00:00+00:00\n")
        return 2
    quickbooks_seeds, basware_seeds = _seeds(options)
    clock = Clock(options.now)
    quickbooks = ControlledTwin(QuickBooksPanel(QuickBooksTwin(clock)), clock, seed=options.seed)
    basware = ControlledTwin(BaswarePanel(BaswareTwin(clock, seed=options.seed)), clock, seed=options.seed)
    _fill(quickbooks.panel, quickbooks_seeds)
    _fill(basware.panel, basware_seeds)
    stop = _stop_signal(until_stdin_closes=options.until_stdin_closes)
    servers = [TwinServer(quickbooks, port=options.quickbooks_port), TwinServer(basware, port=options.basware_port)]
    try:
        ready = {
            "quickbooks": {"url": servers[0].url, "companies": _shown(quickbooks_seeds, _QUICKBOOKS_KEYS)},
            "basware": {"url": servers[1].url, "companies": _shown(basware_seeds, _BASWARE_KEYS)},
        }
        sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
        sys.stdout.flush()
        sys.stderr.write(f"QuickBooks on {servers[0].url}, Basware on {servers[1].url}; Ctrl-C ends both\n")
        stop.wait()
    finally:
        close_all(servers)
    return 0


def _seeds(options: argparse.Namespace) -> tuple[list[Seed], list[Seed]]:
    """The companies to start with, for each twin."""
    if options.generate:
        quickbooks, basware = demo_company.generate(options.generate, options.seed)
        return [quickbooks], [basware]
    if options.company == "demo":
        return [demo_company.quickbooks_seed()], [demo_company.basware_seed()]
    if options.company == "none":
        return [], []
    content = msgspec.json.Decoder(float_hook=Decimal).decode(Path(options.company).read_bytes())
    return [content["quickbooks"]], [content["basware"]]


def _fill(panel: Panel, seeds: list[Seed]) -> None:
    for seed in seeds:
        panel.seed(seed)


def _shown(seeds: list[Seed], keys: Sequence[str]) -> list[Seed]:
    """What a client must know to connect."""
    return [{key: seed[key] for key in keys} for seed in seeds]


def _stop_signal(*, until_stdin_closes: bool) -> threading.Event:
    """An event that is set when the twins shall stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if until_stdin_closes:

        def watch() -> None:
            while sys.stdin.buffer.read(4096):
                pass
            stop.set()

        threading.Thread(target=watch, daemon=True).start()
    return stop


def _books(options: argparse.Namespace) -> int:
    company = f"?company={options.company}" if options.company else ""
    with urllib.request.urlopen(f"{options.url.rstrip('/')}/_twin/books{company}", timeout=60) as answer:  # noqa: S310
        sys.stdout.write(answer.read().decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
