"""The whole road in one process, a step at a time: a simulated store, the real door, planner and workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from flask import Flask
from sqlalchemy import select, update

from bridge import review
from bridge.catalog import DESCRIPTION
from bridge.db import Database
from bridge.models import Connection, Delivery, DraftRow, Event, Job, Shop, Subject, User, Write
from connectors.simulators.serving import Request, Response, Running
from connectors.simulators.shopify import Simulator
from tasks import steps
from tasks.house import House
from tasks.planning import plan
from tests.connectors.simulators.receiver import wait_for

DOMAIN = "nordlicht.myshopify.com"
CREDENTIALS = {"client_id": "id", "client_secret": "hush"}
KETTLE: dict[str, Any] = {
    "title": "Camp Kettle",
    "vendor": "Ember Goods",
    "metafields": [
        {"namespace": "custom", "key": "material", "type": "single_line_text_field", "value": "Stainless steel"},
        {"namespace": "custom", "key": "capacity", "type": "single_line_text_field", "value": "1.2 l"},
    ],
}


class Door:
    """The address that the store's webhooks go to: a real one, answered by the real door."""

    def __init__(self, door: Flask) -> None:
        self._client = door.test_client
        self._running = Running(self._receive)
        self.url = self._running.url + "/hooks/shopify"
        self.open = True

    def _receive(self, request: Request) -> Response:
        if not self.open:
            return Response(503)
        answer = self._client().post(request.path, data=request.body, headers=dict(request.headers))
        return Response(answer.status_code, answer.data)

    def stop(self) -> None:
        self._running.stop()


@dataclass
class Road:
    """One shop and its store. Nothing moves unless a test says so."""

    db: Database
    house: House
    simulator: Simulator
    door: Door
    connection_id: int = 0
    user_id: int = 0

    # --- the merchant and the platform ---

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        address = f"{self.simulator.url}/_sim/{DOMAIN}/{path}".rstrip("/")
        response = requests.request(method, address, json=body, timeout=10)
        assert response.ok, response.text
        return response.json()

    def product(self, **fields: Any) -> str:
        """A new product; its webhook has arrived when this returns."""
        gid = str(self.control("POST", "products", {**KETTLE, **fields})["gid"])
        self.arrived()
        return gid

    def edit(self, gid: str, **fields: Any) -> None:
        self.control("PATCH", f"products/{_number(gid)}", fields)
        self.arrived()

    def at_store(self, gid: str) -> dict[str, Any]:
        return dict(self.control("GET", f"products/{_number(gid)}"))

    def fault(self, kind: str, on: str = "any", **more: Any) -> None:
        self.control("POST", "faults", [{"kind": kind, "on": on, **more}])

    def ledger(self) -> dict[str, Any]:
        return dict(self.control("GET", "ledger"))

    def mutations(self) -> list[str]:
        """The mutations that the store carried out, in order."""
        return [call["operation"] for call in self.ledger()["calls"] if call["kind"] == "mutation" and call["charged"]]

    def arrived(self) -> None:
        """Wait until every webhook so far was acknowledged."""
        wait_for(lambda: all(each["acknowledged"] for each in self.ledger()["webhooks"]))

    # --- the road ---

    def plan(self) -> int:
        with self.db.writing() as session:
            return plan(session, self.house.tools.vault, self.house.settings)

    def think(self, kind: str = "listing") -> Job:
        """Plan what came, then think about the newest queued job."""
        self.plan()
        job = self.job(kind)
        steps.think(self.house, job.id)
        return self._again(job)

    def write(self, kind: str = "listing") -> Job:
        job = self.job(kind)
        steps.write(self.house, job.id)
        self.arrived()
        return self._again(job)

    def _again(self, job: Job) -> Job:
        with self.db.reading() as session:
            return session.get_one(Job, job.id)

    def approve(self, kind: str = "listing") -> Job:
        job = self.job(kind)
        with self.db.writing() as session:
            review.approve(session, job.id, job.draft_id or 0, self.user_id, confirmed=True)
        return self.job(kind)

    def due_now(self) -> None:
        """Time passes: what waits is due, leases have run out."""
        with self.db.writing() as session:
            session.execute(update(Job).values(due_at=0, offered_until=0, lease_until=0))

    # --- what is remembered ---

    def job(self, kind: str = "listing") -> Job:
        return self.jobs(kind)[-1]

    def jobs(self, kind: str = "listing") -> list[Job]:
        with self.db.reading() as session:
            return list(session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)))

    def draft(self, kind: str = "listing") -> DraftRow:
        with self.db.reading() as session:
            return session.get_one(DraftRow, self.job(kind).draft_id)

    def writes(self) -> list[Write]:
        with self.db.reading() as session:
            return list(session.scalars(select(Write).order_by(Write.id)))

    def outcomes(self) -> list[str]:
        """What became of every event, in order."""
        with self.db.reading() as session:
            return list(session.scalars(select(Event.outcome).order_by(Event.id)))

    def deliveries(self) -> list[Delivery]:
        with self.db.reading() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))

    def connection(self) -> Connection:
        with self.db.reading() as session:
            return session.get_one(Connection, self.connection_id)

    def policy(self, **changes: Any) -> None:
        with self.db.writing() as session:
            shop = session.get_one(Shop, session.get_one(Connection, self.connection_id).shop_id)
            shop.policy = {**shop.policy, **changes}

    def subject(self) -> Subject:
        with self.db.reading() as session:
            return session.scalars(select(Subject).where(Subject.kind == "product").order_by(Subject.id)).one()

    def written(self) -> Job:
        """The newest product's listing, all the way into the store."""
        assert self.think().state == "review"
        self.approve()
        job = self.write()
        assert job.state == "done", job.problem
        return job

    def user(self) -> User:
        with self.db.reading() as session:
            return session.get_one(User, self.user_id)


def body_html(road: Road, gid: str) -> str:
    """The description as it stands at the store."""
    return str(road.at_store(gid)["body_html"] or "")


def our_description(road: Road) -> str:
    """The description that the draft proposes."""
    return str(road.draft().fields[DESCRIPTION])


def _number(gid: str) -> str:
    return gid.rsplit("/", 1)[-1]
