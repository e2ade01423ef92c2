"""Shopify: Admin GraphQL API and webhooks. Limits, quirks and links: README.md in this folder."""

from bridge.catalog import DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE
from bridge.shops import Live
from connectors.protocol import Tools
from connectors.shopify import hooks
from connectors.shopify.listings import Listings

__all__ = ["CAN", "NAME", "catalog", "hooks"]

NAME = "shopify"
CAN = frozenset({TITLE, DESCRIPTION, SEO_TITLE, SEO_DESCRIPTION, TAGS, "alt:"})


def catalog(live: Live, tools: Tools) -> Listings:
    """Products of one store."""
    return Listings(live, tools)
