"""What happens in the demo, act by act: everyday work first, then the accidents."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, select

from bridge import jobs, review
from bridge.models import Delivery, Event, Job
from demo.leaving import Leaving
from demo.world import ENGLISH, GERMAN, DemoFailed, World, products, wait_for

Say = Callable[[str], None]


@dataclass
class Scenario:
    """One run; ``play`` goes through all acts and ends when everything has come to rest."""

    world: World
    say: Say
    gids: dict[str, list[str]] = field(default_factory=dict)
    lamp: str = ""

    def play(self) -> None:
        """All acts in order. Raises DemoFailed when one does not end as it must."""
        for act in (
            self.products_are_created,
            self.webhooks_come_twice,
            self.strangers_and_nonsense_knock,
            self.drafts_are_written,
            self.a_merchant_edits_before_approval,
            self.everything_else_is_approved,
            self.a_merchant_edits_in_the_gap,
            self.an_echo_overtakes_its_answer,
            self.a_worker_dies_in_the_middle_of_a_write,
            self.the_broker_restarts,
            self.nothing_new_is_said,
            self.a_write_is_undone,
            self.a_store_installs_the_app_and_is_written_for,
            self.a_store_is_cut_off_and_comes_back,
            self.a_store_leaves_and_is_forgotten,
            self.everything_comes_to_rest,
        ):
            act()

    # --- everyday work

    def products_are_created(self) -> None:
        for domain, many in products().items():
            self.gids[domain] = [self.world.stores[domain].make(product) for product in many]
        self.say(f"{sum(map(len, self.gids.values()))} products were created in two stores")

    def webhooks_come_twice(self) -> None:
        store = self.world.stores[GERMAN]
        wait_for("the first webhooks", lambda: len(self._deliveries()) >= 10)
        for gid in self.gids[GERMAN][:5]:
            sent = next(w for w in store.ledger()["webhooks"] if w["product"] == gid)
            store.deliver(product=gid, topic="products/create", webhook_id=sent["id"], times=2)
        self.say("five webhooks came three times")

    def strangers_and_nonsense_knock(self) -> None:
        store = self.world.stores[GERMAN]
        forged = store.deliver(product=self.gids[GERMAN][0], forged=True)["statuses"]
        if forged != [401]:
            raise DemoFailed(f"A forged delivery was answered {forged}.")
        store.deliver(topic="products/update", body="<xml>not what was agreed</xml>")
        store.deliver(topic="products/update", body={"id": "seven", "title": 7})
        store.deliver(topic="carts/update", body={"id": 1})
        self.say("a forged webhook was refused; two unreadable ones were kept to look at")

    def drafts_are_written(self) -> None:
        for gid in self._all():
            self.world.wait_job(gid, "review")
        self.say("every product has a draft, in the language of its shop")

    def everything_else_is_approved(self) -> None:
        self.world.stores[ENGLISH].break_down(kind="throttle", on="mutation", times=1)
        special = {self._special(name) for name in ("gap", "echo", "killed", "broker", "edited")}
        ordinary = [gid for gid in self._all() if gid not in special]
        for gid in ordinary:
            self.world.approve(gid)
        for gid in ordinary:
            self.world.wait_job(gid, "done")
        self.say(f"{len(ordinary)} drafts were approved and written, one store being throttled meanwhile")

    # --- accidents

    def a_merchant_edits_before_approval(self) -> None:
        gid = self._special("edited")
        self.world.stores[GERMAN].edit(gid, body_html="<p>Von der Inhaberin selbst geschrieben.</p>")
        self.world.approve(gid)
        job = self.world.wait_job(gid, "conflict")
        with self.world.db.writing() as session:
            review.resolve(session, job.id, [], self.world.operator)
        self.say("a merchant's edit before approval became a conflict; the merchant's text stays")

    def a_merchant_edits_in_the_gap(self) -> None:
        gid = self._special("gap")
        text = "<p>Im letzten Augenblick geändert.</p>"
        self.world.stores[GERMAN].break_down(
            kind="edit_before_commit", on="productUpdate", fields={"body_html": text}, product=gid
        )
        self.world.approve(gid)
        self.world.approve(gid, "restore")
        self.world.wait_job(gid, "done", "restore")
        if self.world.stores[GERMAN].product(gid)["body_html"] != text:
            raise DemoFailed("The merchant's edit was not restored.")
        self.say("an edit in the gap between our read and our write was noticed and restored with one click")

    def an_echo_overtakes_its_answer(self) -> None:
        gid = self._special("echo")
        self.world.stores[GERMAN].break_down(kind="echo_first", on="productUpdate")
        self.world.approve(gid)
        self.world.wait_job(gid, "done")
        self.say("the webhook of our own write came before the API's answer, and was recognised")

    def a_worker_dies_in_the_middle_of_a_write(self) -> None:
        gid = self._special("killed")
        store = self.world.stores[ENGLISH]
        store.break_down(kind="slow", on="productUpdate", seconds=2.0)
        before = len(store.ledger()["calls"])
        self.world.approve(gid)
        wait_for("the write to be under way", lambda: _writes_since(store.ledger()["calls"], before))
        self.world.kill("write")
        self.say("a worker was killed in the middle of a write …")
        self.world.wait_job(gid, "done")
        self.say("… and another one read back what had become of it")

    def the_broker_restarts(self) -> None:
        gid = self._special("broker")
        if not self.world.settings.embedded_broker:
            self.world.approve(gid)
            self.world.wait_job(gid, "done")
            return
        self.world.kill("broker")
        self.world.approve(gid)
        self.world.wait_job(gid, "done")
        self.say("the broker was killed and restarted; the workers went on")

    def nothing_new_is_said(self) -> None:
        gid = self.gids[ENGLISH][0]
        self.world.stores[ENGLISH].deliver(product=gid, topic="products/update")
        self.world.stores[ENGLISH].edit(gid, vendor="Northfold Outdoor")
        self.world.wait_job(gid, "skipped")
        self.say("an unchanged product and one whose texts are filled cost nothing")

    def a_write_is_undone(self) -> None:
        gid = self.gids[GERMAN][3]
        job = self.world.wait_job(gid, "done")
        with self.world.db.writing() as session:
            review.undo(session, job.id, self.world.operator)
        wait_for("the undo", lambda: self._state(job.id) == "undone")
        self.say("a write was undone")

    # --- the life of a store

    def a_store_installs_the_app_and_is_written_for(self) -> None:
        leaving = Leaving(self.world)
        leaving.install()
        self.lamp = leaving.be_written_for()
        self.say("a third store installed the app; a draft was approved and written, with a token renewed on the way")

    def a_store_is_cut_off_and_comes_back(self) -> None:
        Leaving(self.world).be_cut_off(self.lamp)
        self.say("its webhooks were lost for a while; what they would have told was found and recovered")

    def a_store_leaves_and_is_forgotten(self) -> None:
        Leaving(self.world).leave()
        self.say("it removed the app, and everything we held of it was erased")

    def everything_comes_to_rest(self) -> None:
        """No delivery unplanned, no webhook on its way, no job at work, for a whole second."""
        quiet_since = time.monotonic()
        end = time.monotonic() + 60
        while time.monotonic() - quiet_since < 1:
            if self._busy():
                quiet_since = time.monotonic()
            if time.monotonic() > end:
                raise DemoFailed("The installation does not come to rest.")
            time.sleep(0.1)

    # --- looking

    def _special(self, name: str) -> str:
        place = {
            "edited": (GERMAN, 1), "gap": (GERMAN, 2), "echo": (GERMAN, 4), "broker": (GERMAN, 5),
            "killed": (ENGLISH, 1),
        }  # fmt: skip
        domain, number = place[name]
        return self.gids[domain][number]

    def _all(self) -> list[str]:
        return [gid for many in self.gids.values() for gid in many]

    def _deliveries(self) -> list[int]:
        with self.world.db.reading() as session:
            return list(session.scalars(select(Delivery.id)))

    def _state(self, job_id: int) -> str:
        with self.world.db.reading() as session:
            return session.get_one(Job, job_id).state

    def _busy(self) -> bool:
        waiting = self.world.stores[GERMAN].ledger()["waiting"]
        with self.world.db.reading() as session:
            unplanned = session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == "stored"))
            working = session.scalar(
                select(func.count()).select_from(Job).where(Job.state.not_in((*jobs.FINAL, *jobs.WAITING)))
            )
            session.scalar(select(func.count()).select_from(Event))
        return bool(waiting or unplanned or working)


def _writes_since(calls: list[dict[str, object]], before: int) -> bool:
    return any(call["kind"] == "mutation" for call in calls[before:])
