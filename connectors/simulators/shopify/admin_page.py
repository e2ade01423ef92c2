"""The store's admin as an app sees it: a page with the app in a frame, and a stand-in for App Bridge.

The real script comes from Shopify's content network; browser tests answer that address with the one below.
https://shopify.dev/docs/api/app-home
"""

from __future__ import annotations

import json
import time
from urllib.parse import urlencode

from connectors.simulators.serving import Request, Response
from connectors.simulators.shopify import signin, tokens
from connectors.simulators.shopify.shop import Shop

# In the app's frame: asks the admin around it for tokens, and serves the bounce page.
APP_BRIDGE = """
(() => {
  const waiting = new Map();
  let number = 0;
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !event.data || !waiting.has(event.data.answers)) return;
    waiting.get(event.data.answers)(event.data.token);
    waiting.delete(event.data.answers);
  });
  window.shopify = {
    config: { apiKey: document.querySelector("meta[name=shopify-api-key]").content },
    idToken: () => new Promise((resolve) => {
      waiting.set(++number, resolve);
      window.parent.postMessage({ wants: "idToken", number, key: window.shopify.config.apiKey }, "*");
    }),
  };
  const back = new URLSearchParams(location.search).get("shopify-reload");
  if (back) window.shopify.idToken().then((token) => {
    const target = new URL(back);
    target.searchParams.set("id_token", token);
    location.replace(target);
  });
})();
"""

_PAGE = """<!doctype html><html lang="en"><title>Admin</title>
<style>html, body, iframe {{ margin: 0; border: 0; width: 100%; height: 100%; }}</style>
<iframe title="App" src="{source}"></iframe>
<script>
const app = {origin}, key = {key};
window.addEventListener("message", async (event) => {{
  if (event.origin !== app || event.data.wants !== "idToken" || event.data.key !== key) return;
  const answer = await fetch("/{domain}/admin/session_token");
  event.source.postMessage({{ answers: event.data.number, token: await answer.text() }}, app);
}});
</script></html>
"""


def frame(shop: Shop, request: Request) -> Response:
    """GET /admin/apps/<handle>: the app in its frame, with the parameters that the admin gives it."""
    given = {
        "embedded": "1", "host": signin.host(shop), "id_token": token(shop), "locale": shop.options.locale,
        "session": "one", "shop": shop.domain, "timestamp": str(int(time.time())),
    }  # fmt: skip
    source = f"{shop.options.app_url}?{urlencode(signin.signed(shop, given))}"
    origin = "/".join(shop.options.app_url.split("/")[:3])
    page = _PAGE.format(
        source=source.replace("&", "&amp;"), origin=json.dumps(origin), key=json.dumps(shop.options.client_id),
        domain=shop.domain,
    )  # fmt: skip
    return Response(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})


def token(shop: Shop) -> str:
    """A fresh session token for the app."""
    return tokens.session_token(shop.domain, shop.options.client_id, shop.options.client_secret, shop.options.staff)
