"""Options that several commands have, worded once. What a command does with them is its own."""

from typing import Annotated

from cyclopts import Parameter

Connection = Annotated[str, Parameter(help="The connection; may be left out when there is only one.")]
Json = Annotated[bool, Parameter(help="Print JSON.")]
Limit = Annotated[int, Parameter(help="At most this many.")]
