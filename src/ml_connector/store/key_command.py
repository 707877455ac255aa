"""Runs the command that prints the master key, such as a key service's client. No shell, a time limit, and nothing it says shown.

Knows nothing of keys: text comes out, or a VaultError that says what went wrong without a word of the output.
"""

import os
import selectors
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from typing import Self

from ml_connector.store.errors import VaultError

_LARGEST = 65_536
"""Bytes of output; a few hundred keys. More is some other program's output."""


class KeyCommand:
    """A program with its arguments, run anew each time it is asked."""

    def __init__(self, words: tuple[str, ...], variable: str, seconds: float) -> None:
        self._words = words
        self._variable = variable
        self._seconds = seconds

    @classmethod
    def parse(cls, text: str, variable: str, seconds: float) -> Self:
        """The command as the variable has it, split as a shell would, without a shell's other powers. Raises VaultError."""
        try:
            words = tuple(shlex.split(text))
        except ValueError:
            raise VaultError(f"{variable} cannot be read as a command: a quote is not closed") from None
        if not words:
            raise VaultError(f"{variable} names no command")
        return cls(words, variable, seconds)

    @property
    def program(self) -> str:
        """The program's name. Its arguments may be nobody's business and are not shown."""
        return os.path.basename(self._words[0])  # noqa: PTH119 - also of what is no path

    def output(self) -> str:
        """What it prints. Raises VaultError when it cannot be started, fails, takes too long or prints something else than text."""
        try:
            process = subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise self._failed(f"cannot be started ({type(error).__name__})") from error
        try:
            printed = self._listen(process)
        finally:
            self._end(process)
        if process.returncode != 0:
            raise self._failed(f"ended with exit code {process.returncode}")
        try:
            return printed.decode("ascii")
        except UnicodeDecodeError:
            raise self._failed("printed something that is not a key") from None

    def _listen(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None  # noqa: S101  it is a pipe
        until, printed = time.monotonic() + self._seconds, b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())):
                more = os.read(process.stdout.fileno(), _LARGEST)
                printed += more
                if len(printed) > _LARGEST:
                    raise self._failed("printed far more than a key")
                if not more:
                    break
            else:
                raise self._too_late()
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise self._too_late() from None
        return printed

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        """Leave nothing running: the program, if it still is, with everything it started."""
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def _too_late(self) -> VaultError:
        return self._failed(f"did not end within {self._seconds:g} seconds")

    def _failed(self, what: str) -> VaultError:
        return VaultError(
            f"the master key command ({self.program}, from {self._variable}) {what}. Run it yourself to see why: it has to print "
            "the key in base64 and nothing else. What it printed is not shown here, because it may hold the key"
        )
