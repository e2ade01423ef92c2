"""The platforms: their words into ours and back. Adding one is a folder and a line here."""

from connectors import shopify
from connectors.protocol import Platform

CONNECTORS: dict[str, Platform] = {
    "shopify": shopify,
}
