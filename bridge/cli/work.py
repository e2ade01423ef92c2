"""``replay``, ``retry``, ``undo`` and ``refresh``."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge import bulk, deliveries, jobs, review
from bridge.cli.house import House, connection_named, enter
from bridge.errors import AskHuman
from bridge.models import Job


@click.command()
@click.argument("ids", nargs=-1, type=int)
def replay(ids: tuple[int, ...]) -> None:
    """Plan deliveries again: the given ones, or all that could not be read."""
    house = enter()
    with house.db.writing() as session:
        count = deliveries.replay(session, ids or None)
    click.echo(f"Deliveries planned again: {count}.")


@click.command()
@click.argument("ids", nargs=-1, type=int)
@click.option("--failed", is_flag=True, help="Every failed job.")
def retry(ids: tuple[int, ...], failed: bool) -> None:
    """Start jobs once more."""
    if not ids and not failed:
        raise click.UsageError("Name job ids, or say --failed.")
    house = enter()
    with house.db.writing() as session:
        wanted = ids or tuple(session.scalars(select(Job.id).where(Job.state == "failed")))
        started = [jobs.retrigger(session, job_id, None) for job_id in _known(session, wanted)]
    click.echo(f"Jobs started again: {len([job for job in started if job])}.")


@click.command()
@click.argument("ids", nargs=-1, type=int, required=True)
def undo(ids: tuple[int, ...]) -> None:
    """Take back what jobs wrote, wherever our text still stands."""
    house = enter()
    for job_id in ids:
        try:
            with house.db.writing() as session:
                for known in _known(session, (job_id,)):
                    click.echo(f"Job {job_id} is undone by job {review.undo(session, known, None)}.")
        except AskHuman as error:
            click.echo(f"Job {job_id}: {error}")


@click.command()
@click.argument("domain")
@click.option("--wait/--no-wait", default=True, help="Show the progress until every job has ended or waits.")
@click.confirmation_option(prompt="Propose new texts for every known product of this shop?")
def refresh(domain: str, wait: bool) -> None:
    """Propose new texts for all known products of a shop. Nothing is written without approval, as always."""
    house = enter()
    with house.db.writing() as session:
        run_id = bulk.refresh(session, connection_named(session, domain))
    if wait:
        _watch(house, run_id)
    else:
        click.echo(f"Bulk run {run_id} is on its way.")


def _watch(house: House, run_id: int) -> None:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as bar:
        task = bar.add_task("Writing drafts", total=None)
        while True:
            with house.db.reading() as session:
                now = bulk.progress(session, run_id)
            bar.update(task, completed=now.total - now.working, total=now.total)
            if not now.working:
                break
            time.sleep(0.5)
    click.echo(f"Drafts that wait for you: {now.waiting}, ended: {now.finished}, failed: {now.failed}.")


def _known(session: Session, ids: Sequence[int]) -> Sequence[int]:
    missing = set(ids) - set(session.scalars(select(Job.id).where(Job.id.in_(ids))))
    if missing:
        raise click.ClickException(f"There is no job {', '.join(map(str, sorted(missing)))}.")
    return ids
