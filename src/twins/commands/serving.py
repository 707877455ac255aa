"""`serve` runs the twins; `seed` and `generate` fill them with companies; `save` keeps them."""

import gc
import signal
import sys
import threading
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from twins import demo_company, keep
from twins.clock import Clock
from twins.commands.output import CommandError, print_json, print_table, say
from twins.commands.running import NAMES, USUAL, Common, leave_addresses, one_twin, take_addresses_away, twins
from twins.controls.answers import ControlError
from twins.demo_company import Wishes, showcase
from twins.house import House, Plan

File = Annotated[Path, Parameter(allow_leading_hyphen=True)]
"""A file, or - for standard input or output."""

Seed = dict[str, Any]
Seeds = dict[str, list[Seed]]
"""Companies by the name of the twin they belong to."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


def serve(
    company: str = "demo",
    *,
    generate: int = 0,
    vendors: int = 40,
    seed: int = 0,
    quickbooks_port: int = 0,
    basware_port: int = 0,
    page_port: int = 0,
    regions: bool = False,
    state: Path | None = None,
    save_every: float = 30.0,
    now: str = "",
    until_stdin_closes: bool = False,
) -> None:
    """Run both twins on 127.0.0.1 until Ctrl-C. Prints one line of JSON with their addresses and credentials.

    Parameters
    ----------
    company
        demo, showcase, none, or a JSON file with the seeds of both systems.
    generate
        Instead of the demo company, a larger one with this many waiting invoices.
    vendors
        How many vendors the generated company has.
    seed
        Seed of the generated company, of ids and of faults.
    quickbooks_port
        Port of the QuickBooks twin; 0 takes a free one.
    basware_port
        Port of the Basware twin; 0 takes a free one.
    page_port
        Port of the page that shows both books; 0 takes a free one.
    regions
        Listen for every region and environment of Basware, not only for those with a tenant.
    state
        File to keep everything in. If it is there, the twins go on where they stopped, and no company is added.
    save_every
        Seconds between saves of the state, if anything changed.
    now
        Instant at which the twins' clock starts, with a time zone; otherwise it shows real time.
    until_stdin_closes
        Stop when standard input ends.
    """
    story = _story(company, generate=generate, vendors=vendors, seed=seed, state=state, now=now)
    stop = _stop_signal(until_stdin_closes=until_stdin_closes)
    plan = Plan(quickbooks_port, basware_port, page_port, state, save_every, regions)
    try:
        house = House(story, plan)
    except OSError as error:
        raise CommandError(
            f"The twins can't listen there: {error}. Choose another port, or 0 for a free one."
        ) from error
    with house:
        addresses = house.addresses()
        left = leave_addresses(addresses)
        try:
            print_json(_ready(story, addresses))
            sys.stdout.flush()
            say(f"QuickBooks on {addresses['quickbooks']}, Basware on {addresses['basware']}; Ctrl-C ends both")
            say(f"Both books side by side: {addresses['page']}")
            gc.freeze()  # the collector need not look through the loaded books again and again
            stop.wait()
        finally:
            take_addresses_away(left)


def generate(
    file: File,
    *,
    documents: int = 1_000,
    vendors: int = 40,
    seed: int = 0,
    problems: float = 0.0,
    foreign: float = 0.0,
) -> None:
    """Write a generated company to a file that `serve` and `seed` take; the same options make the same company.

    Parameters
    ----------
    file
        Where to; - is standard output.
    documents
        How many invoices wait in Basware.
    vendors
        How many vendors it has.
    seed
        Another number makes another company.
    problems
        Share of invoices that can't be posted as they are, from 0 to 1.
    foreign
        Share of vendors abroad that invoice in their own currency, from 0 to 1.
    """
    try:
        firm = demo_company.generate(Wishes(documents, seed, vendors, problems, foreign))
    except ValueError as error:
        raise CommandError(f"There is no such company: {error}.") from error
    content = _encode({"quickbooks": firm.quickbooks, "basware": firm.basware, "expected": firm.expected})
    if str(file) == "-":
        sys.stdout.write(content.decode() + "\n")
        return
    try:
        file.write_bytes(content + b"\n")
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error}") from error


def seed(file: File, *, common: Common = USUAL) -> None:
    """Add the companies of a file to running twins.

    Parameters
    ----------
    file
        JSON with the seeds of both systems, as `generate` writes it; - is standard input.
    """
    seeds = _read_seeds(file)
    added = {one.name: [one.post("seed", each)["company"] for each in seeds[one.name]] for one in twins(common)}
    if common.json:
        print_json(added)
        return
    print_table(
        "", ("Twin", "Company"), [(name, company) for name, companies in added.items() for company in companies]
    )


def save(*, common: Common = USUAL) -> None:
    """Save the state file of running twins now."""
    saved = one_twin(common).post("save", {})
    if common.json:
        print_json(saved)
        return
    print_table("", ("File", "Bytes"), [(saved["state"], f"{saved['bytes']:,}")], right=("Bytes",))


def _story(company: str, *, generate: int, vendors: int, seed: int, state: Path | None, now: str) -> keep.Story:
    """What to serve: the story that was kept, or a new one with its companies."""
    if state is not None and state.exists():
        try:
            return keep.load(state)
        except (keep.StateFileError, OSError) as error:
            raise CommandError(str(error)) from error
    story = keep.Story.begin(Clock(_instant(now) if now else None), seed=seed)
    seeds = _generated(Wishes(generate, seed, vendors)) if generate else _chosen(company)
    try:
        for name, controlled in zip(NAMES, (story.quickbooks, story.basware), strict=True):
            for each in seeds[name]:
                controlled.panel.seed(each)
    except (ControlError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"The company {company} can't be set up: {error}") from error
    return story


def _generated(wishes: Wishes) -> Seeds:
    firm = demo_company.generate(wishes)
    return {"quickbooks": [firm.quickbooks], "basware": [firm.basware]}


def _chosen(company: str) -> Seeds:
    """The companies to start with."""
    if company == "demo":
        return {"quickbooks": [demo_company.quickbooks_seed()], "basware": [demo_company.basware_seed()]}
    if company == "showcase":
        return showcase.seeds()
    return {name: [] for name in NAMES} if company == "none" else _read_seeds(Path(company))


def _read_seeds(file: Path) -> Seeds:
    """A file with one seed or several for each twin. Raises CommandError."""
    try:
        content = _decode(sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise CommandError(f"{file} can't be read: {error}") from error
    if not isinstance(content, dict) or not set(NAMES) & content.keys():
        raise CommandError(f"{file} holds no companies: it must be a JSON object with quickbooks, basware or both.")
    return {name: _as_list(content.get(name)) for name in NAMES}


def _as_list(seeds: Any) -> list[Seed]:
    return seeds if isinstance(seeds, list) else [seeds] if seeds else []


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--now is no instant: {error}.") from error
    if instant.tzinfo is None:
        raise CommandError("--now needs a time zone, such as 2026-11-20T12:00:00+00:00.")
    return instant


def _ready(story: keep.Story, addresses: dict[str, Any]) -> dict[str, Any]:
    """What whoever started the twins must know: addresses, and the credentials of every company."""
    return {
        "quickbooks": {"url": addresses["quickbooks"], "companies": story.quickbooks.panel.credentials()},
        "basware": {
            "url": addresses["basware"],
            "companies": story.basware.panel.credentials(),
            "regions": addresses["regions"],
        },
        "page": {"url": addresses["page"]},
    }


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
