"""``rotate-keys``: what was sealed with an old key is sealed with the newest."""

from __future__ import annotations

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bridge import keys
from bridge.cli.house import enter


@click.command("rotate-keys")
def rotate_keys() -> None:
    """Seal credentials, deliveries and exports with the first of ENCRYPTION_KEYS, so that the others may go.

    Put the new key in front, start every process anew, then run this: everything keeps running, and it may be
    interrupted and repeated.
    """
    house = enter()
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as bar:
        task = bar.add_task("Sealing with the newest key", total=keys.count(house.db))
        done = keys.renew(house.db, house.vault, lambda number: bar.advance(task, number))
    click.echo(f"Sealed anew: {done.renewed}, already under the newest key: {done.current}.")
    if done.lost:
        raise click.ClickException(
            f"{done.lost} could not be opened with any of ENCRYPTION_KEYS and were left as they are. Put the key back "
            "that sealed them and run this again."
        )
    click.echo("Start every process anew with the newest key alone; then the old one may be thrown away.")
