"""The words the page uses for states, kinds of work, fields and deeds. One place, so that they stay the same."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext

from bridge.catalog import ALT, DESCRIPTION, SEO_DESCRIPTION, SEO_TITLE, TAGS, TITLE
from bridge.jobs import NEVER
from bridge.models import Job
from bridge.quality import Point

# state -> (label, tone); tones are styled, and always come with a word and an icon
STATES: dict[str, tuple[Any, str]] = {
    "queued": (lazy_gettext("Queued"), "moving"),
    "thinking": (lazy_gettext("Drafting"), "moving"),
    "review": (lazy_gettext("To review"), "waits"),
    "approved": (lazy_gettext("Approved"), "moving"),
    "writing": (lazy_gettext("Writing"), "moving"),
    "conflict": (lazy_gettext("Conflict"), "waits"),
    "done": (lazy_gettext("Live"), "live"),
    "failed": (lazy_gettext("Failed"), "failed"),
    "skipped": (lazy_gettext("Nothing to do"), "ended"),
    "rejected": (lazy_gettext("Rejected"), "ended"),
    "superseded": (lazy_gettext("Superseded"), "ended"),
    "cancelled": (lazy_gettext("Cancelled"), "ended"),
    "undone": (lazy_gettext("Undone"), "ended"),
}
FINISHED = lazy_gettext("Finished")
HELD = lazy_gettext("Waits for its bulk run")  # queued, but not due before somebody starts the run
SHOWS_A_RESULT = (
    "dry_run",
    "preview",
    "check",
    "reconcile",
)  # kinds that write nothing: their end is a result, not "nothing to do"

KINDS: dict[str, Any] = {
    "listing": lazy_gettext("Listing texts"),
    "undo": lazy_gettext("Undo"),
    "restore": lazy_gettext("Restore an edit"),
    "revert": lazy_gettext("Put an earlier text back"),
    "preview": lazy_gettext("Preview of a voice"),
    "dry_run": lazy_gettext("Dry run"),
    "check": lazy_gettext("Connection check"),
    "reconcile": lazy_gettext("Look for missed changes"),
    "translation": lazy_gettext("Translation"),
    "triage": lazy_gettext("Ticket triage"),
    "reply": lazy_gettext("Review reply"),
    "insight": lazy_gettext("Review insight"),
}

FIELDS: dict[str, Any] = {
    TITLE: lazy_gettext("Title"),
    DESCRIPTION: lazy_gettext("Description"),
    SEO_TITLE: lazy_gettext("Search title"),
    SEO_DESCRIPTION: lazy_gettext("Search description"),
    TAGS: lazy_gettext("Tags"),
}

BANDS: dict[str, Any] = {
    "good": lazy_gettext("Good"),
    "weak": lazy_gettext("Could be better"),
    "empty": lazy_gettext("Mostly missing"),
    "unknown": lazy_gettext("Not looked at yet"),
}

CHANNELS: dict[str, Any] = {
    "headline": lazy_gettext("Headline"),
    "bullets": lazy_gettext("Bullet points"),
    "social": lazy_gettext("Social post"),
    "caption": lazy_gettext("Picture caption"),
}

OUTCOMES: dict[str, Any] = {
    "live": lazy_gettext("Live"),
    "waits": lazy_gettext("Waits for you"),
    "moving": lazy_gettext("Under way"),
    "ended": lazy_gettext("Ended without a change"),
    "failed": lazy_gettext("Failed"),
}

# what an event led to
EVENT_OUTCOMES: dict[str, Any] = {
    "job": lazy_gettext("It started this job."),
    "coalesced": lazy_gettext("It joined a job that was already there."),
    "echo": lazy_gettext("It was the echo of our own change."),
    "unchanged": lazy_gettext("It brought nothing new."),
    "overwritten": lazy_gettext("It showed an edit that our change may have run over."),
    "stale": lazy_gettext("It was older than what we knew."),
    "noise": lazy_gettext("Nothing acts on it."),
    "deleted": lazy_gettext("The product was deleted at the shop."),
    "revoked": lazy_gettext("The shop may have removed the app."),
    "failed": lazy_gettext("It could not be understood."),
}

WRITE_STATES: dict[str, tuple[Any, str]] = {
    "intended": (lazy_gettext("Sent, answer awaited"), "moving"),
    "confirmed": (lazy_gettext("Confirmed by the shop"), "live"),
    "already": (lazy_gettext("Was already there"), "ended"),
    "conflict": (lazy_gettext("Conflict"), "waits"),
    "resolved": (lazy_gettext("Conflict decided"), "ended"),
    "refused": (lazy_gettext("Not written"), "failed"),
    "undone": (lazy_gettext("Undone"), "ended"),
    "overwrote": (lazy_gettext("Ran over an edit"), "waits"),
}

SEVERITIES: dict[str, tuple[Any, str]] = {
    "block": (lazy_gettext("Blocked"), "failed"),
    "person": (lazy_gettext("Please check"), "waits"),
    "hint": (lazy_gettext("Hint"), "moving"),
}

FACTS: dict[str, Any] = {
    "Vendor": lazy_gettext("Vendor"),
    "Product type": lazy_gettext("Product type"),
    "Category": lazy_gettext("Category"),
    "Title": lazy_gettext("Title"),
    "Description": lazy_gettext("Description"),
    "SEO title": lazy_gettext("Search title"),
    "SEO description": lazy_gettext("Search description"),
}

REASONS: dict[str, Any] = {
    "flood": lazy_gettext("Many new products at once"),
    "refresh": lazy_gettext("Refresh of all products"),
    "drafts": lazy_gettext("Products not for sale yet"),
    "catalogue": lazy_gettext("All products of a newly connected store"),
}

CONNECTION_STATES: dict[str, tuple[Any, str]] = {
    "connected": (lazy_gettext("Connected"), "live"),
    "paused": (lazy_gettext("Paused"), "waits"),
    "disconnected": (lazy_gettext("Disconnected"), "ended"),
}

RUN_STATES: dict[str, tuple[Any, str]] = {
    "waiting": (lazy_gettext("Waits for your word"), "waits"),
    "running": (lazy_gettext("Running"), "moving"),
    "cancelled": (lazy_gettext("Cancelled"), "ended"),
}

DELIVERY_STATES: dict[str, tuple[Any, str]] = {
    "stored": (lazy_gettext("Stored"), "moving"),
    "planned": (lazy_gettext("Read"), "live"),
    "ignored": (lazy_gettext("Ignored"), "ended"),
    "unreadable": (lazy_gettext("Unreadable"), "failed"),
}

PRIVACY_KINDS: dict[str, Any] = {
    "export": lazy_gettext("A customer wants to know what is kept"),
    "erase_person": lazy_gettext("A customer wants to be forgotten"),
    "erase_shop": lazy_gettext("A shop is to be forgotten"),
}
PRIVACY_STATES: dict[str, tuple[Any, str]] = {
    "open": (lazy_gettext("Open"), "waits"),
    "done": (lazy_gettext("Done"), "live"),
    "kept": (lazy_gettext("The shop came back: kept"), "ended"),
}
PRIVACY_FOUND, PRIVACY_ERASED = lazy_gettext("Found"), lazy_gettext("Erased")

TABLES: dict[str, Any] = {
    "deliveries": lazy_gettext("deliveries"),
    "texts": lazy_gettext("texts"),
    "writes": lazy_gettext("changes"),
    "drafts": lazy_gettext("drafts"),
    "attempts": lazy_gettext("attempts"),
    "jobs": lazy_gettext("jobs"),
    "events": lazy_gettext("events"),
    "subjects": lazy_gettext("products"),
    "bulk_runs": lazy_gettext("bulk runs"),
    "usage": lazy_gettext("model calls"),
    "users": lazy_gettext("people"),
    "audit": lazy_gettext("entries of the audit trail"),
    "connections": lazy_gettext("connections"),
    "shops": lazy_gettext("shops"),
    "rate_limits": lazy_gettext("rate limits"),
}

DEEDS: dict[str, Any] = {
    "draft.approved": lazy_gettext("Approved a draft"),
    "draft.edited": lazy_gettext("Edited a draft"),
    "draft.change_asked": lazy_gettext("Asked for a change"),
    "draft.rejected": lazy_gettext("Rejected a draft"),
    "conflict.resolved": lazy_gettext("Decided a conflict"),
    "job.undo_asked": lazy_gettext("Asked to undo a job"),
    "job.retriggered": lazy_gettext("Started a job again"),
    "job.dry_run_asked": lazy_gettext("Asked for a dry run"),
    "writes.stopped": lazy_gettext("Stopped all writing"),
    "writes.resumed": lazy_gettext("Allowed writing again"),
    "bulk.started": lazy_gettext("Started a bulk run"),
    "bulk.cancelled": lazy_gettext("Cancelled a bulk run"),
    "bulk.refresh_asked": lazy_gettext("Asked for a refresh of all products"),
    "delivery.replayed": lazy_gettext("Replayed a delivery"),
    "connection.made": lazy_gettext("Connected a shop account"),
    "connection.checked": lazy_gettext("Asked for a connection check"),
    "connection.looked_through": lazy_gettext("Asked to look for missed changes"),
    "connection.resumed": lazy_gettext("Resumed a connection"),
    "connection.paused": lazy_gettext("Paused a connection"),
    "connection.ended": lazy_gettext("Disconnected a shop account"),
    "shop.created": lazy_gettext("Created a shop"),
    "shop.changed": lazy_gettext("Changed shop settings"),
    "voice.changed": lazy_gettext("Changed the brand voice"),
    "reference.added": lazy_gettext("Added a reference text"),
    "reference.removed": lazy_gettext("Removed a reference text"),
    "product.asked": lazy_gettext("Asked for new texts of a product"),
    "product.put_back": lazy_gettext("Put an earlier text back"),
    "voice.tried": lazy_gettext("Tried a brand voice"),
    "digest.changed": lazy_gettext("Changed the e-mail digest"),
    "user.added": lazy_gettext("Added a user"),
    "user.password_set": lazy_gettext("Set a password"),
    "user.signed_in": lazy_gettext("Signed in"),
    "privacy.exported": lazy_gettext("Downloaded a customer's data"),
    "privacy.handed_over": lazy_gettext("Handed a customer's data over"),
    "shop.erased": lazy_gettext("Erased a shop"),
}

PLATFORMS = {"shopify": "Shopify", "magento": "Magento", "judgeme": "Judge.me", "zendesk": "Zendesk",
             "gorgias": "Gorgias", "slack": "Slack", "teams": "Teams"}  # fmt: skip


def state(job: Job) -> tuple[Any, str]:
    """Label and tone of a job's state."""
    if job.state == "skipped" and job.kind in SHOWS_A_RESULT:
        return FINISHED, "live"
    if job.state == "queued" and job.due_at >= NEVER:
        return HELD, "waits"
    return STATES.get(job.state, (job.state, "ended"))


def kind(name: str) -> str:
    """A kind of work; one that has no word here yet is shown by its name."""
    return str(KINDS.get(name, name.replace("_", " ").capitalize()))


def field(name: str, number: int = 0) -> str:
    """A field of a listing; pictures are counted."""
    if name.startswith(ALT):
        return gettext("Image text %(number)s", number=number) if number else gettext("Image text")
    return str(FIELDS.get(name, name))


def fact(label: str) -> str:
    """The label of a fact: ours translated, the shop's own as the shop wrote it."""
    return str(FACTS.get(label, label))


def deed(action: str) -> str:
    """Something a person did."""
    return str(DEEDS.get(action, action))


def author(name: str) -> str:
    """Who wrote a draft."""
    known = {
        "template": gettext("Template"),
        "person": gettext("A person"),
        "undo": gettext("Undo"),
        "merchant": gettext("The merchant"),
    }
    return known.get(name, name)


def table(name: str) -> str:
    """What lies in a table."""
    return str(TABLES.get(name, name))


def platform(name: str) -> str:
    """A platform's own name."""
    return PLATFORMS.get(name, name)


def channel(name: str) -> str:
    """What a text for another channel is called."""
    return str(CHANNELS.get(name, name))


def wrote(author: str) -> tuple[str, str]:
    """Who wrote a text, with a tone."""
    return (gettext("Storebridge"), "live") if author == "bridge" else (gettext("The shop"), "ended")


def point(found: Point) -> str:
    """What a look at one field found, as a few words."""
    if found.field == ALT:
        if found.missing:
            return gettext("%(missing)s of %(of)s image texts missing", missing=found.missing, of=found.of)
        return gettext("Image texts") if found.state == "good" else gettext("Image texts: too long")
    name = field(found.field)
    if found.state == "empty":
        return gettext("%(field)s: missing", field=name)
    if found.state == "short":
        return gettext("%(field)s: short", field=name)
    if found.state == "long":
        return gettext("%(field)s: too long", field=name)
    return name
