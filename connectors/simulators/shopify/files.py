"""fileUpdate: alternative texts of product media, with every refusal that was recorded.

https://shopify.dev/docs/api/admin-graphql/latest/mutations/fileUpdate
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from graphql import GraphQLResolveInfo

from connectors.simulators.shopify import reading
from connectors.simulators.shopify.calls import Asked, need, only, payload
from connectors.simulators.shopify.products import ALT, API, Image, Product
from connectors.simulators.shopify.shop import Shop

Value = dict[str, Any]
Objection = tuple[list[str], str, str]
LONGEST_ALT = 512


def file_update(_: Any, info: GraphQLResolveInfo, **given: Any) -> Value:
    """Alternative texts. Every file is checked before the first one changes."""
    asked: Asked = info.context
    need(asked, "write_files", "fileUpdate")
    files: Sequence[Mapping[str, Any]] = given["files"]
    owners = [asked.shop.owner_of(each["id"]) for each in files]
    objection = _objection(asked.shop, files, owners)
    if objection:
        return payload(asked, files=[], errors=[objection])
    for each in files:
        only(each, frozenset({"id", "alt"}), "fileUpdate")
    for each, owner in zip(files, owners, strict=True):
        if owner and "alt" in each:
            asked.shop.edit(owner, {ALT + each["id"]: each["alt"]}, API, asked.call.n)
    shown = [reading.media(owner.image(each["id"])) for each, owner in zip(files, owners, strict=True) if owner]
    return payload(asked, files=shown, errors=[])


def _objection(shop: Shop, files: Sequence[Mapping[str, Any]], owners: Sequence[Product | None]) -> Objection | None:
    """The first thing that is wrong: unknown files before unready ones, and both before what they are to become."""
    missing = [each["id"] for each, owner in zip(files, owners, strict=True) if owner is None]
    if missing:
        named = ",".join(f'"{gid}"' for gid in missing)
        return ["files"], f"File id [{named}] does not exist.", "FILE_DOES_NOT_EXIST"
    images = [owner.image(each["id"]) for each, owner in zip(files, owners, strict=True) if owner]
    if any(image.status != "READY" for image in images):
        return ["files"], "Non-ready files cannot be updated.", "NON_READY_STATE"
    for n, (each, image) in enumerate(zip(files, images, strict=True)):
        for check in (_alt, _source, _filename, _references):
            if found := check(shop, n, each, image):
                return found
    return None


def _alt(_: Shop, n: int, given: Mapping[str, Any], image: Image) -> Objection | None:
    if len(given.get("alt") or "") <= LONGEST_ALT:
        return None
    message = f"The alt value exceeds the maximum limit of {LONGEST_ALT} characters."
    return ["files", str(n), "alt"], message, "ALT_VALUE_LIMIT_EXCEEDED"


def _source(_: Shop, n: int, given: Mapping[str, Any], image: Image) -> Objection | None:
    if given.get("originalSource") is None or image.kind == "MediaImage":
        return None
    message = "Updating the original source is not supported for this media type."
    return ["files", str(n), "originalSource"], message, "INVALID"


def _filename(_: Shop, n: int, given: Mapping[str, Any], image: Image) -> Objection | None:
    if given.get("filename") is None:
        return None
    if image.kind != "MediaImage":
        message = "Updating the filename is only supported on images and generic files"
        return ["files"], message, "UNSUPPORTED_MEDIA_TYPE_FOR_FILENAME_UPDATE"
    if PurePosixPath(given["filename"]).suffix == PurePosixPath(urlsplit(image.src).path).suffix:
        return None
    message = "The filename extension provided must match the original filename."
    return ["files"], message, "INVALID_FILENAME_EXTENSION"


def _references(shop: Shop, n: int, given: Mapping[str, Any], image: Image) -> Objection | None:
    targets = [*(given.get("referencesToAdd") or ()), *(given.get("referencesToRemove") or ())]
    if all(shop.find(target) for target in targets):
        return None
    return ["files"], "The reference target does not exist", "REFERENCE_TARGET_DOES_NOT_EXIST"
