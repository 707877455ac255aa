"""What a screen shows of a connection that is being set up and has nothing to show yet: that, and the way on.

Without it whoever leaves a set-up half-way and signs in again would be told of a missing secret on every screen.
"""

from fastapi import Request
from fastapi.responses import Response

from ml_connector.console.screens import Console


def not_yet(console: Console, request: Request) -> Response | None:
    """The page in place of one that needs credentials nobody has entered yet; None for a connection that was released."""
    visitor = console.visitors(request)
    if visitor is None or request.method != "GET":
        return None
    name = str(request.path_params.get("connection", ""))
    row = next((one for one in console.visible(visitor) if one.name == name), None)
    if row is None or row.setup_since is None:
        return None
    return console.page(request, "setup/not_yet.html", connection=row.name)
