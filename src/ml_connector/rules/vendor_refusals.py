"""What to do about a vendor that Basware refused, by the words it uses. They are matched by subject: Basware publishes no list.

Pure. A refusal nobody recognises keeps its words and the general way out.
"""

import re

_WAYS_OUT: tuple[tuple[str, str], ...] = (
    (
        r"payment ?term",
        "Let the payment term be given to Basware, or set it up there; the vendor follows once it was taken.",
    ),
    (
        r"vendor ?code|supplier ?code",
        "Link the vendor that has the code, or give one of the two another code in Basware.",
    ),
    (r"compan(y|ies)", "Correct company_codes of the connection, or set the company up in Basware."),
    (r"bank account|bban|iban", "Correct the bank details in Basware, or in the program they come from."),
    (r"currency", "Activate the currency in Basware's settings."),
    (r"vendor ?class", "Set the vendor class up in Basware, or take it off the vendor there."),
    (r"identifier", "Set the kind of identifier up in Basware, or name another one as tax_scheme."),
)
"""By what the words are about, in this order: most refusals name a company beside what is wrong (Basware P2P specification and FAQ
name these checks, not their wording)."""


def way_out(words: str) -> str:
    """The way out of a refusal, empty when its words say nothing known."""
    return next((told for pattern, told in _WAYS_OUT if re.search(pattern, words, flags=re.IGNORECASE)), "")
