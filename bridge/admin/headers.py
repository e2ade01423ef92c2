"""Headers that keep a browser from doing what our pages never ask for. No inline script or style, anywhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from bridge.admin import frame
from bridge.admin.frame import Frame


def content_security_policy(inside: Frame | None) -> str:
    """What our pages may load, and who may show them in a frame: nobody, or the admin of one shop."""
    script = urlsplit(inside.script) if inside else None
    bridge = f" {script.scheme}://{script.netloc}" if script else ""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self'{bridge}",
            "style-src 'self'",
            "img-src 'self'",
            f"connect-src 'self'{bridge}",
            "form-action 'self'",
            f"frame-ancestors {' '.join(inside.ancestors) if inside else chr(39) + 'none' + chr(39)}",
            "base-uri 'none'",
        )
    )


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ALONE = {"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"}


def install(app: Flask, secure: bool) -> None:
    """Set the headers on every answer; pages are never kept by caches."""

    @app.after_request
    def protect(response: Response) -> Response:
        inside = frame.current()
        found = {"Content-Security-Policy": content_security_policy(inside), **HEADERS, **({} if inside else ALONE)}
        for name, value in found.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "admin.static":
            response.headers.setdefault("Cache-Control", "no-store")
        return response
