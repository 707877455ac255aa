"""Options that several commands have, worded once. What a command does with them is its own."""

from typing import Annotated

from cyclopts import Parameter

Connection = Annotated[str, Parameter(help="The connection; may be left out when there is only one.")]
Json = Annotated[bool, Parameter(help="Print JSON.")]
Invoice = Annotated[str, Parameter(help="The invoice number or Basware's invoice id.")]
Reason = Annotated[str, Parameter(help="Why, for whoever reads it a year from now.")]
SORT = "In which order; with `-down` the other way round."
Limit = Annotated[int, Parameter(help="At most this many.")]
