"""The files a browser loads besides pages: our own, and those of others that are shipped with their licences.

An address holds a hash of the file, so that browsers keep it for a year and still never use an old one.
"""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}


class _Asset(NamedTuple):
    content: bytes
    packed: bytes
    media_type: str
    digest: str


class Assets:
    """Every file under `static/`."""

    def address(self, name: str) -> str:
        """Where a browser finds a file, such as "ours/console.css". Raises KeyError for one that is not shipped."""
        return f"/static/{_known()[name].digest}/{name}"

    def route(self) -> Route:
        """GET /static/{digest}/{name}."""
        return Route("/static/{digest}/{name:path}", self._serve, methods=["GET"], include_in_schema=False)

    def _serve(self, request: Request) -> Response:
        asset = _known().get(request.path_params["name"])
        if asset is None or asset.digest != request.path_params["digest"]:
            return Response("There is no such file.\n", status_code=404, media_type="text/plain")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
        return Response(asset.content, media_type=asset.media_type, headers=headers)


@cache
def _known() -> dict[str, _Asset]:
    """All of them by name, read and packed when the first is asked for: they are part of the program and never change."""
    found: dict[str, _Asset] = {}
    folders = [(files("ml_connector.console") / "static", "")]
    while folders:
        folder, path = folders.pop()
        for one in folder.iterdir():
            name = f"{path}{one.name}"
            if one.is_dir():
                folders.append((one, f"{name}/"))
            elif (media_type := _TYPES.get(name.rpartition(".")[2])) is not None:
                content = one.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:16]
                found[name] = _Asset(content, gzip.compress(content, mtime=0), media_type, digest)
    return found
