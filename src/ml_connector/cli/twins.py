"""`ml-connector twins …`: the offline twins of both systems. They are a program of their own, and every word is handed on to it."""

import os
import sys
from typing import Annotated

from cyclopts import App, Parameter

app = App(
    name="twins",
    help="Offline twins of QuickBooks Online and Basware, to try things on.",
    help_flags=(),
    version_flags=(),
)


@app.default
def hand_over(*_: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> None:
    """Become the twins' own command line, so that whoever stops this process stops them."""
    words = sys.argv[sys.argv.index("twins") + 1 :]  # as they were typed; the parser has taken a bare -- away
    environment = os.environ | {"TWINS_PROGRAM": "ml-connector twins"}
    os.execve(sys.executable, [sys.executable, "-m", "twins", *words], environment)
