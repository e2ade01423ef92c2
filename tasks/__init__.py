"""The work. KINDS has one line per kind of work; the road they all travel is steps.py."""

from tasks import check, dry_run, listing, preview, reconcile, restore, revert, undo
from tasks.kinds import Kind

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        listing.KIND,  # product.created, product.updated -> texts of a listing
        undo.KIND,  # a person takes writes back
        restore.KIND,  # a merchant's edit that our write ran over is offered back
        revert.KIND,  # a person puts an earlier text back
        preview.KIND,  # shows a product in a voice that is not saved yet
        dry_run.KIND,  # shows what a job would send, sends nothing
        check.KIND,  # asks a platform whether our connection works
        reconcile.KIND,  # finds what no webhook told
    )
}
