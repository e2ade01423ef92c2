"""Texts of a listing, written from the product's own facts: by the model when there is one, else by the template."""

from functools import partial

from tasks import drafting
from tasks.kinds import Kind
from tasks.listing import writer

KIND = Kind("listing", partial(drafting.propose, writer=writer), events=("product.created", "product.updated"))
