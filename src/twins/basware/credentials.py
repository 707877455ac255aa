"""HTTP Basic, as the token endpoint, the business endpoints and the Network read it."""

import base64


def read_basic(header: str) -> tuple[str, str]:
    """Name and password in an Authorization header; empty ones when it has none, or can't be read."""
    kind, _, credentials = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        name, _, word = base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return name, word
