"""Records as a caller sees them: with balances that other records make, and with links to files that work for a while.

A link to a file is signed for 900 seconds and needs no token, as the storage service's links do (recorded answers).
"""

import hashlib
from urllib.parse import quote, urlencode

from twins.quickbooks.context import Context
from twins.quickbooks.values import Json

FILES_PATH = "/twin-files/"
LINK_SECONDS = 900


def show(context: Context, name: str, record: Json) -> Json:
    """A record as it is answered."""
    shown = context.company.present(name, record)
    return {**shown, **links(context, shown)} if name == "Attachable" else shown


def links(context: Context, record: Json) -> Json:
    """Where the file of an Attachable can be fetched; nothing for a note."""
    if "Size" not in record:
        return {}
    return {
        "FileAccessUri": f"/v3/company/{context.company.realm_id}/download/{record['Id']}",
        "TempDownloadUri": temporary_link(context, record),
    }


def temporary_link(context: Context, record: Json) -> str:
    """An address under which the file can be had for 900 seconds from now, by whoever knows it."""
    path = f"{FILES_PATH}{context.company.realm_id}/{record['Id']}/{quote(record.get('FileName', 'file'), safe='')}"
    ends = str(int(context.now.timestamp()) + LINK_SECONDS)
    pairs = {"X-Amz-Expires": LINK_SECONDS, "X-Amz-Date": ends, "X-Amz-Signature": signature(path, ends)}
    return f"{context.address}{path}?{urlencode(pairs)}"


def signature(path: str, ends: str) -> str:
    """What makes a link the service's own."""
    return hashlib.sha256(f"twin file {path} until {ends}".encode()).hexdigest()
