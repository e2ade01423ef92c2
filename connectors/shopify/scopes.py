"""The permissions we ask a store for: as few as possible, each with a reason that a store owner understands.

https://shopify.dev/docs/api/usage/access-scopes
"""

from __future__ import annotations

from collections.abc import Iterable

from shopify import ApiAccess
from shopify.api_access import ApiAccessError

NEEDED: dict[str, str] = {
    "read_products": "To read your products: their texts, pictures, details and tags.",
    "write_products": "To put approved texts and tags into your products, and to take them back.",
    "write_files": "To write the alternative texts of product pictures.",
}


def missing(granted: Iterable[object]) -> list[str]:
    """The needed permissions that these do not cover; permission to write includes permission to read."""
    known = [str(handle) for handle in granted if handle]
    return [scope for scope in NEEDED if not any(_covers(handle, scope) for handle in known)]


def _covers(granted: str, needed: str) -> bool:
    """A permission of a form nobody knows covers nothing."""
    try:
        return bool(ApiAccess(granted).covers(ApiAccess(needed)))
    except ApiAccessError:
        return False
