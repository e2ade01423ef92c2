"""``shop``: connect a store, look at it, stop it."""

from __future__ import annotations

import click
from sqlalchemy import select

from bridge import shops
from bridge.cli.house import connection_named, enter
from bridge.models import Connection, Shop


@click.group()
def shop() -> None:
    """Stores and their connections."""


@shop.command("connect")
@click.argument("domain")
@click.option("--name", help="What people call the shop (default: its domain).")
@click.option("--locale", default="en", help="Language of the listings, for example de.")
@click.option("--client-id", envvar="SHOP_CLIENT_ID", help="Of the app in the shop's own organisation.")
@click.option("--client-secret", envvar="SHOP_CLIENT_SECRET", help="Asked for when missing and no token is given.")
@click.option("--token", envvar="SHOP_TOKEN", help="An Admin API access token instead of client id and secret.")
def connect(
    domain: str, name: str | None, locale: str, client_id: str | None, client_secret: str | None, token: str | None
) -> None:
    """Connect a Shopify store by its domain, for example my-shop.myshopify.com."""
    account = shops.typed_account("shopify", domain)
    if client_id and not client_secret:
        client_secret = click.prompt("Client secret", hide_input=True)
    if not token and not client_id:
        token = click.prompt("Admin API access token", hide_input=True)
    secrets = {"access_token": token} if token else {}
    if client_secret:
        secrets |= {"client_secret": client_secret} | ({"client_id": client_id} if client_id else {})
    house = enter()
    with house.db.writing() as session:
        found = shops.find(session, "shopify", account)
        shop_id = found.shop_id if found else shops.create(session, name or account, locale).id
        row = shops.connect(session, house.vault, shop_id, "shopify", account, secrets)
        shops.check_soon(session, row.id, None)
    click.echo(f"{account} is connected. Webhooks go to {house.settings.public_url}/hooks/shopify")
    click.echo("Whether it works is checked now; see: storebridge doctor")


@shop.command("list")
def show() -> None:
    """List all connections and how they are."""
    house = enter()
    with house.db.reading() as session:
        rows = session.execute(select(Connection, Shop).join(Shop, Shop.id == Connection.shop_id).order_by(Shop.name))
        found = rows.all()
    for row, owner in found:
        stopped = " writes stopped" if owner.writes_stopped else ""
        click.echo(f"{owner.name:30} {row.platform:10} {row.account:40} {row.status}{stopped} {row.problem}")
    if not found:
        click.echo("No shop yet. Connect one: storebridge shop connect my-shop.myshopify.com")


@shop.command("stop")
@click.argument("domain")
def stop(domain: str) -> None:
    """The one switch: write nothing to this shop until `shop go`."""
    _switch(domain, True)
    click.echo("Nothing is written to this shop now; approved texts wait.")


@shop.command("go")
@click.argument("domain")
def go(domain: str) -> None:
    """Let approved texts be written again, and resume a paused connection."""
    _switch(domain, False)
    click.echo("Writing goes on.")


def _switch(domain: str, stopped: bool) -> None:
    house = enter()
    with house.db.writing() as session:
        row = connection_named(session, domain)
        shops.stop_writes(session, row.shop_id, stopped, None)
        if not stopped:
            shops.resume(session, row.id)
