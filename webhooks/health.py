"""Is this process alive, and does it reach the database?"""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from bridge.db import Database


def blueprint(db: Database) -> Blueprint:
    """``GET /health``: 200 when the database answers, 503 when not."""
    health = Blueprint("health", __name__)

    @health.get("/health")
    def look() -> Response:
        try:
            db.now()
        except (SQLAlchemyError, OSError):
            return Response("the database does not answer\n", 503, mimetype="text/plain")
        return Response("healthy\n", 200, mimetype="text/plain")

    return health
