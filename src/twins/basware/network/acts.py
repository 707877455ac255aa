"""What senders and the Network itself do: documents arrive."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from twins.basware.document_acts import owner_named
from twins.basware.network.mailbox import KINDS, Document, NetworkFile
from twins.basware.state import World
from twins.basware.values import new_uuid


def receive_document(
    world: World,
    *,
    data: Mapping[str, Any],
    kind: str = "Invoice",
    bum_id: str = "",
    files: Mapping[str, Any] | None = None,
    tenant: str = "",
) -> str:
    """Let a business document arrive from a sender. Returns its bumId.

    Files come by name: content_base64, content_type, file_type.
    """
    box = owner_named(world, tenant).network
    if not box.user:
        raise ValueError("this tenant has no account in the Network; its seed needs network: {user, password}")
    if kind not in KINDS:
        raise ValueError(f"a document is one of {', '.join(sorted(KINDS))}, not {kind}")
    stored = [_file(world, name, file) for name, file in (files or {}).items()]
    box.files |= {file.ref_id: file for file in stored}
    given = bum_id or new_uuid(world.source)
    document = Document(given, kind, dict(data), world.clock.now(), tuple(file.ref_id for file in stored))
    box.receive(document, new_uuid(world.source))
    return given


def _file(world: World, name: str, file: Mapping[str, Any]) -> NetworkFile:
    content = base64.b64decode(file["content_base64"], validate=True)
    return NetworkFile(new_uuid(world.source), file.get("file_type", "imageFile"), name, file["content_type"], content)


ACTS: Mapping[str, Callable[..., str]] = {"receive_document": receive_document}
"""By name."""
