"""Where the master key comes from: a variable, a file or a command such as a key service's, and which keys there are.

A file or a command can be asked again while the program runs, so keys change without a restart. Knows nothing of what the keys
seal, and never quotes what it read.
"""

import binascii
import logging
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol, Self

from ml_connector.store.errors import VaultError
from ml_connector.store.key_command import KeyCommand

KEY_VARIABLE = "ML_CONNECTOR_MASTER_KEY"
FILE_VARIABLE = "ML_CONNECTOR_MASTER_KEY_FILE"
COMMAND_VARIABLE = "ML_CONNECTOR_MASTER_KEY_COMMAND"
TIMEOUT_VARIABLE = "ML_CONNECTOR_MASTER_KEY_COMMAND_TIMEOUT"
OLD_KEYS_VARIABLE = "ML_CONNECTOR_OLD_MASTER_KEYS"

KEY_BYTES = 32
_COMMAND_SECONDS = 30.0
_GAP = 30.0
"""Seconds between two looks for a key that is not known: a value under a lost key must not become a storm on a key service."""

HOW_TO_MAKE_ONE = (
    f"Make one with `openssl rand -base64 32`, keep a copy in a safe place, and set {KEY_VARIABLE} to it, "
    f"{FILE_VARIABLE} to a file with it, or {COMMAND_VARIABLE} to a command that prints it."
)
_log = logging.getLogger(__name__)


class KeySource(Protocol):
    """A place that keys can be read from again."""

    @property
    def name(self) -> str:
        """What it is, in words."""
        ...

    def read(self) -> tuple[bytes, ...]:
        """All keys, the current one first. Raises VaultError."""
        ...

    def changed(self) -> bool:
        """Whether a look that costs nothing shows other keys than were last read."""
        ...


class MasterKeys:
    """The key new secrets are sealed under, and other ones that still open what they sealed.

    With a `source` it is asked again when an envelope names a key that is not known, at most once in half a minute, and when
    it shows by itself that it changed. A key that was known once stays known as long as the process lives.
    """

    __slots__ = ("_by_id", "_last_look", "_lock", "_source", "_stopwatch", "current_id")

    def __init__(
        self,
        current: bytes,
        old: tuple[bytes, ...] = (),
        *,
        source: KeySource | None = None,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        if any(len(key) != KEY_BYTES for key in (current, *old)):
            raise VaultError(f"a master key has {KEY_BYTES} bytes. {HOW_TO_MAKE_ONE}")
        self.current_id = key_id_of(current)
        self._by_id = {key_id_of(key): key for key in (*old, current)}
        self._source = source
        self._stopwatch = stopwatch
        self._last_look: float | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"MasterKeys(current_id={self.current_id!r})"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the keys from where the variables say: exactly one of the key itself, a file and a command.

        A file, and what a command prints, may have former keys on further lines; those of OLD_KEYS_VARIABLE, separated by
        commas, count beside any of the three. Raises VaultError saying what is wrong and how to make a key.
        """
        extra = tuple(
            _decode_key(key, OLD_KEYS_VARIABLE)
            for key in environment.get(OLD_KEYS_VARIABLE, "").split(",")
            if key.strip()
        )
        source = _source_in(environment)
        if source is None:
            return cls(_decode_key(environment[KEY_VARIABLE], KEY_VARIABLE), extra)
        current, *former = source.read()
        return cls(current, (*extra, *former), source=source)

    @property
    def source_name(self) -> str:
        """Where the current key comes from, in words."""
        return self._source.name if self._source else f"the variable {KEY_VARIABLE}"

    def by_id(self, key_id: str) -> bytes:
        """The key with that id, looked for once more if it is not known. Raises VaultError when there is no such key."""
        if key_id not in self._by_id:
            self.notice_changes()
        if key_id not in self._by_id:
            self.look_again()
        if key_id not in self._by_id:
            raise VaultError(
                f"a secret was sealed under master key {key_id}, which was not given (current key: {self.current_id}); "
                f"add that key to {OLD_KEYS_VARIABLE}, or as a further line to the key file or the output of the command"
            )
        return self._by_id[key_id]

    def ids(self) -> tuple[str, ...]:
        """Ids of all keys, the current one first."""
        current, known = self.current_id, tuple(self._by_id)  # both may be replaced by another thread
        return (current, *(key_id for key_id in known if key_id != current))

    def look_again(self) -> bool:
        """Ask the file or the command for its keys, unless that was done a moment ago; whether anything is new.

        When it cannot be asked, the keys that are known stay in use: sealing a token under a former key is better than losing it.
        """
        with self._lock:
            now = self._stopwatch()
            if self._source is None or (self._last_look is not None and now - self._last_look < _GAP):
                return False
            self._last_look = now
            return self._take(self._source)

    def make_new(self) -> None:
        """Put a new key on top of the key file and use it from now on. Raises VaultError when the keys come from elsewhere."""
        if not isinstance(self._source, KeyFile):
            raise VaultError(
                f"the master key comes from {self.source_name}, which only you can change: put a new key there and keep the "
                f"present one in {OLD_KEYS_VARIABLE} or, of a command, on a further line; then rotate"
            )
        self._source.put_on_top(generate_master_key())
        self.notice_changes()

    def notice_changes(self) -> None:
        """Take over the keys of a file that was changed. Costs next to nothing when it was not; never asks a command."""
        if self._source is not None and self._source.changed():
            with self._lock:
                self._take(self._source)

    def _take(self, source: KeySource) -> bool:
        before = (self.current_id, len(self._by_id))
        try:
            current, *former = source.read()
        except VaultError as error:
            _log.warning("the master keys that are known stay in use: %s", error)
            return False
        # A new dictionary, because other threads may be going through the present one.
        self._by_id = self._by_id | {key_id_of(key): key for key in (*former, current)}
        self.current_id = key_id_of(current)
        return before != (self.current_id, len(self._by_id))


class KeyFile:
    """A file with the current key on its first line and, if wanted, former ones on further lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        """The file."""
        return f"the file {self.path}"

    def read(self) -> tuple[bytes, ...]:
        """The keys in it. Raises VaultError."""
        seen = self._stamp()
        try:
            text = self.path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise VaultError(
                f"the master key file {self.path} cannot be read ({type(error).__name__}). {HOW_TO_MAKE_ONE}"
            ) from error
        keys = decode_keys(text, f"the master key file {self.path}")
        self._seen = seen
        return keys

    def changed(self) -> bool:
        """Whether it is another file, or has another date or length, than when its keys were read."""
        return self._stamp() != self._seen

    def put_on_top(self, key: str) -> None:
        """Make a key the current one and keep those there are on further lines.

        The file is never half written, and of two programs that do this at once one is refused: a key that was used and then
        overwritten would be lost with everything under it. Raises VaultError.
        """
        path = self.path.resolve()
        fresh = path.with_name(f".{path.name}.new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise self._unchanged(f"{fresh} cannot be made ({error.strerror})") from error
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write("\n".join([key, *(b64encode(one).decode() for one in self.read())]) + "\n")
                file.flush()
                os.fchmod(descriptor, path.stat().st_mode & 0o777)
                os.fsync(descriptor)
            fresh.replace(path)
            _write_folder(path.parent)
        except OSError as error:
            raise self._unchanged(str(error.strerror)) from error
        finally:
            fresh.unlink(missing_ok=True)

    def _unchanged(self, why: str) -> VaultError:
        return VaultError(
            f"the master key file {self.path} cannot be changed: {why}. Put a new key on its first line yourself and leave the "
            "present one below it"
        )

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)


class _CommandOutput:
    """A command, in the terms of a source. Only asking shows whether its keys changed."""

    def __init__(self, command: KeyCommand) -> None:
        self._command = command

    @property
    def name(self) -> str:
        return f"the command {self._command.program}"

    def read(self) -> tuple[bytes, ...]:
        return decode_keys(self._command.output(), f"what {COMMAND_VARIABLE} printed")

    def changed(self) -> bool:
        return False


def _write_folder(folder: Path) -> None:
    """Let the file's new content outlast a power failure: nothing may be sealed under a key that could vanish."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_named(environment: Mapping[str, str]) -> bool:
    """Whether the environment says where the master key is."""
    return any(environment.get(name) for name in (KEY_VARIABLE, FILE_VARIABLE, COMMAND_VARIABLE))


def generate_master_key() -> str:
    """A new master key in the form the environment variable takes."""
    return b64encode(os.urandom(KEY_BYTES)).decode()


def key_id_of(key: bytes) -> str:
    """The name of a key in envelopes and in what people are shown; tells nothing about the key."""
    return sha256(b"ml-connector master key id:" + key).hexdigest()[:12]


def decode_keys(text: str, source: str) -> tuple[bytes, ...]:
    """One key from each line that is not empty. Raises VaultError when there is none, or one that is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise VaultError(f"{source} holds no master key. {HOW_TO_MAKE_ONE}")
    return tuple(_decode_key(line, source) for line in lines)


def _source_in(environment: Mapping[str, str]) -> KeySource | None:
    """The file or command that is named, None for the variable. Raises VaultError unless exactly one of the three is set."""
    named = [name for name in (KEY_VARIABLE, FILE_VARIABLE, COMMAND_VARIABLE) if environment.get(name)]
    if len(named) != 1:
        found = f"{' and '.join(named)} are {'both' if len(named) == 2 else 'all'} set" if named else "no key is set"
        raise VaultError(
            f"{found}; exactly one of {KEY_VARIABLE}, {FILE_VARIABLE} and {COMMAND_VARIABLE} is needed. {HOW_TO_MAKE_ONE}"
        )
    if named == [FILE_VARIABLE]:
        return KeyFile(Path(environment[FILE_VARIABLE]))
    if named == [COMMAND_VARIABLE]:
        return _CommandOutput(KeyCommand.parse(environment[COMMAND_VARIABLE], COMMAND_VARIABLE, _seconds(environment)))
    return None


def _seconds(environment: Mapping[str, str]) -> float:
    text = environment.get(TIMEOUT_VARIABLE, "")
    try:
        seconds = float(text or _COMMAND_SECONDS)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise VaultError(f"{TIMEOUT_VARIABLE} is not a number of seconds above 0")
    return seconds


def _decode_key(text: str, source: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(f"{source} is not base64. {HOW_TO_MAKE_ONE}") from None
    if len(key) != KEY_BYTES:
        raise VaultError(f"{source} holds {len(key)} bytes, a master key has {KEY_BYTES}. {HOW_TO_MAKE_ONE}")
    return key
