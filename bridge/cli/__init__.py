"""The command line: ``storebridge`` and its commands, for people."""

from __future__ import annotations

import sys

import click

from bridge.cli import doctor, keys, people, running, shops, work
from bridge.errors import StorebridgeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storebridge")
def cli() -> None:
    """Storebridge: listings written, checked, approved and written back exactly once.

    Start with `storebridge up`, or look first with `storebridge demo`.
    """


for command in (
    running.up, running.demo, running.migrate, people.user, shops.shop, work.replay, work.retry, work.undo,
    work.refresh, doctor.doctor, keys.rotate_keys,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Entry point: an error we raised on purpose is a sentence, not a traceback."""
    try:
        cli()
    except StorebridgeError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(1)
