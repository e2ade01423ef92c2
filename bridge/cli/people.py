"""``user``: who may sign in."""

from __future__ import annotations

import click
from sqlalchemy import select

from bridge import users
from bridge.cli.house import connection_named, enter
from bridge.models import Shop, User


@click.group()
def user() -> None:
    """People who may sign in: operators see all shops, an owner sees one."""


@user.command("add")
@click.argument("name")
@click.option("--shop", "account", help="The shop domain an owner may see; without it an operator is made.")
@click.password_option(help="At least 12 characters; asked for when missing.")
def add(name: str, account: str | None, password: str) -> None:
    """Add an operator, or with --shop the owner of one shop."""
    house = enter()
    with house.db.writing() as session:
        shop_id = connection_named(session, account).shop_id if account else None
        users.add(session, name, password, "owner" if shop_id else "operator", shop_id)
    click.echo(f"{name} may sign in now.")


@user.command("password")
@click.argument("name")
@click.password_option()
def password(name: str, password: str) -> None:
    """Set a new password and sign the person out everywhere."""
    house = enter()
    with house.db.writing() as session:
        found = session.scalar(select(User).where(User.name == name.strip().lower()))
        if found is None:
            raise click.ClickException(f"There is no user {name}.")
        users.set_password(session, found, password)
    click.echo("The password is changed.")


@user.command("list")
def show() -> None:
    """List everybody who may sign in."""
    house = enter()
    with house.db.reading() as session:
        rows = session.execute(select(User, Shop.name).outerjoin(Shop, Shop.id == User.shop_id).order_by(User.name))
        for person, shop in rows:
            click.echo(f"{person.name:30} {person.role:10} {shop or ''}")
