"""The one dated constant that somebody must move on in time."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta

from connectors.shopify.api import API_VERSION, API_VERSION_ENDS
from tests.connectors.shopify.answering import Answering


def test_the_end_of_the_api_version_is_a_year_after_its_beginning() -> None:
    year, month = map(int, API_VERSION.split("-"))
    assert (API_VERSION_ENDS.year, API_VERSION_ENDS.month, API_VERSION_ENDS.day) == (year + 1, month, 1)


def test_the_api_version_is_supported_and_a_warning_comes_before_its_end() -> None:
    left = API_VERSION_ENDS - datetime.now(UTC).date()
    if left < timedelta(days=60):
        warnings.warn(f"Shopify drops API {API_VERSION} on {API_VERSION_ENDS}: move on.", stacklevel=1)
    assert left > timedelta(0), f"Shopify no longer supports API {API_VERSION}."


def test_every_call_names_the_version(shopify: Answering) -> None:
    shopify.answer({"data": {"shop": {}}})
    shopify.run()
    (request,) = shopify.sent
    assert f"/admin/api/{API_VERSION}/graphql.json" in str(request.url)
