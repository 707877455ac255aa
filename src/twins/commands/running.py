"""Finding twins that run, and asking them: their addresses, and the control interface of each.

`serve` leaves the addresses in a small file. `TWINS` names another such file, or the address of either twin.
"""

import json
import os
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec
from cyclopts import Parameter

from twins.commands.output import CommandError, ExitCode

NAMES = ("quickbooks", "basware")
Which = Literal["quickbooks", "basware"]

_PATIENCE = 600.0
_PAGE = 5_000

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode
_direct = urllib.request.build_opener(
    urllib.request.ProxyHandler({})
)  # twins are on this machine, whatever proxy is set


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Common:
    """What every command takes that asks running twins.

    Parameters
    ----------
    url
        Address of a twin, as `serve` printed it; otherwise those started last are asked.
    json
        Print JSON.
    """

    url: str = ""
    json: bool = False


USUAL = Common()


@dataclass(frozen=True)
class Twin:
    """A running twin and its control interface."""

    name: str
    url: str

    def get(self, command: str, **parameters: Any) -> Any:
        """Ask for something; parameters that are empty or None are left out."""
        given = {name: str(value) for name, value in parameters.items() if value not in ("", None, False)}
        query = f"?{urllib.parse.urlencode(given)}" if given else ""
        return self._call("GET", f"{command}{query}", None)

    def all(self, command: str, limit: int, **parameters: Any) -> list[Any]:
        """A long list page by page, at most `limit` entries; 0: all."""
        found: list[Any] = []
        while True:
            wanted = min(_PAGE, limit - len(found)) if limit else _PAGE
            page = self.get(command, **parameters, offset=str(len(found)), limit=wanted)
            found += page["items"]
            if len(found) >= page["total"] or not page["items"] or (limit and len(found) >= limit):
                return found

    def post(self, command: str, body: Any) -> Any:
        """Have something done."""
        return self._call("POST", command, _encode(body))

    def delete(self, command: str, **parameters: str) -> Any:
        """Have something taken away."""
        given = {name: value for name, value in parameters.items() if value}
        return self._call("DELETE", f"{command}?{urllib.parse.urlencode(given)}", None)

    def call(self, path: str, headers: Mapping[str, str], body: bytes) -> None:
        """Post something to the service itself, as any program may. Raises CommandError when it does not take it."""
        request = urllib.request.Request(f"{self.url}{path}", data=body, headers=dict(headers), method="POST")  # noqa: S310 - checked
        try:
            with _direct.open(request, timeout=_PATIENCE):
                return
        except urllib.error.HTTPError as error:
            raise CommandError(f"{self.url}{path} answered {error.code}.") from error
        except (urllib.error.URLError, OSError) as error:
            raise _not_running(f"no twin answers at {self.url}") from error

    def _call(self, method: str, command: str, body: bytes | None) -> Any:
        request = urllib.request.Request(f"{self.url}/_twin/{command}", data=body, method=method)  # noqa: S310 - checked
        try:
            with _direct.open(request, timeout=_PATIENCE) as answer:
                return _decode(answer.read())
        except urllib.error.HTTPError as error:
            raise CommandError(_told(error.read(), error.code)) from error
        except (urllib.error.URLError, OSError) as error:
            raise _not_running(f"no twin answers at {self.url}") from error
        except msgspec.DecodeError as error:
            raise CommandError(f"{self.url} is no twin: its answer can't be read.") from error


def twins(common: Common, only: str | None = None) -> list[Twin]:
    """The twins to ask: the one named, the one whose address is given, or both."""
    if common.url:
        asked = _twin_at(common.url)
        return [asked] if only in {None, asked.name} else [Twin(str(only), asked.get("addresses")[only])]
    found = _addresses()
    return [Twin(name, str(found[name]).rstrip("/")) for name in NAMES if only in {None, name}]


def one_twin(common: Common, only: str | None = None) -> Twin:
    """The one twin meant; the clock and the state file may be asked of either."""
    return twins(common, only)[0]


def by_twin(found: Iterable[tuple[Twin, Any]], only: str | None, common: Common) -> Any:
    """For JSON: the answer alone when one twin was meant, else the answers by name."""
    pairs = list(found)
    return pairs[0][1] if len(pairs) == 1 and (only or common.url) else {one.name: answer for one, answer in pairs}


def program() -> str:
    """What this program is called: its own name, or that of the program that hands its arguments on to it."""
    return os.environ.get("TWINS_PROGRAM") or "python -m twins"


def address_file() -> Path:
    """Where `serve` leaves the addresses: what `TWINS` names, else a file of this user's in the folder for such things."""
    named = os.environ.get("TWINS", "")
    if named and not _is_address(named):
        return Path(named)
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(folder) / f"twins-{os.getuid()}.json"


def leave_addresses(addresses: dict[str, Any]) -> Path:
    """Write the file for commands to find. It holds no secret, and only its owner can read it."""
    path = address_file()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({**addresses, "process": os.getpid()}, file, default=str)
    Path(name).replace(path)
    return path


def take_addresses_away(path: Path) -> None:
    """Remove the file, unless twins started since have left their own."""
    try:
        if json.loads(path.read_text(encoding="utf-8")).get("process") == os.getpid():
            path.unlink()
    except (OSError, ValueError):
        return  # somebody else was faster, or wrote something of their own


def _addresses() -> dict[str, Any]:
    named = os.environ.get("TWINS", "")
    if _is_address(named):
        found: dict[str, Any] = _twin_at(named).get("addresses")
        return found
    path = address_file()
    try:
        if path.stat().st_uid != os.getuid():
            raise CommandError(f"{path} belongs to another user; name the twins with --url or TWINS.")
        left = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _not_running(f"no twins have left their addresses in {path}") from error
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} can't be read: {error}. Name the twins with --url or TWINS.") from error
    if not isinstance(left, dict) or not all(_is_address(str(left.get(name))) for name in NAMES):
        raise CommandError(f"{path} holds no addresses of twins. Name the twins with --url or TWINS.")
    return left


def _twin_at(url: str) -> Twin:
    """The twin at an address, which itself knows which it is."""
    if not _is_address(url):
        raise CommandError(f"{url!r} is no address of a twin; they look like http://127.0.0.1:8101.")
    asked = Twin("", url.rstrip("/"))
    state = asked.get("state")
    return Twin(str(state["twin"]), asked.url)


def _is_address(text: str) -> bool:
    return text.startswith(("http://127.0.0.1:", "http://localhost:"))


def _not_running(what: str) -> CommandError:
    after = f"Start them with `{program()} serve`, or name running ones with --url or TWINS."
    return CommandError(f"The twins are not running: {what}. {after}", ExitCode.TRY_LATER)


def _told(body: bytes, status: int) -> str:
    """What a twin says went wrong, as sentences."""
    try:
        told = _decode(body)
    except msgspec.DecodeError:
        return f"The twin answered {status}."
    parts = [str(told[name]) for name in ("error", "why", "next") if isinstance(told, dict) and told.get(name)]
    return ". ".join(part[:1].upper() + part[1:] for part in parts) + "." if parts else f"The twin answered {status}."
