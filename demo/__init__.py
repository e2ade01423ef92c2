"""The demo: two simulated stores, real webhooks, real workers, accidents on purpose, and a judge who trusts nobody."""
