"""People who may sign in: operators, who see every shop, and owners, who see their own."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bridge.db import insert
from bridge.errors import AskHuman
from bridge.models import Shop, User

OPERATOR, OWNER = "operator", "owner"
SHORTEST, LONGEST = 12, 1000  # characters; the upper bound keeps a giant "password" from costing us time

_hasher = PasswordHasher()
# Checked when nobody has the name, so that the answer takes as long as for a wrong password.
_NOBODY = _hasher.hash("nobody has this password, it only costs the time that a real one costs")


def add(session: Session, name: str, password: str, role: str, shop_id: int | None = None) -> User:
    """A new user. Raises AskHuman when the name is taken, the password too short, or role and shop do not fit."""
    name = _clean(name)
    if not name:
        raise AskHuman("A user needs a name.")
    if role not in (OPERATOR, OWNER) or (role == OWNER) != (shop_id is not None):
        raise AskHuman("An owner belongs to one shop, an operator to none.")
    if shop_id is not None and session.get(Shop, shop_id) is None:
        raise AskHuman("This shop does not exist.")
    if find(session, name) is not None:
        raise AskHuman("This name is taken.")
    user = User(name=name, password_hash=_hashed(password), role=role, shop_id=shop_id)
    session.add(user)
    session.flush()
    return user


def of_platform(session: Session, shop_id: int, platform: str, account: str, number: str, locale: str = "") -> User:
    """Somebody of a shop's staff whom a platform vouches for: an owner without a password to sign in by.

    Whoever was known under this name before belongs to this shop from now on: the account may have been forgotten and
    installed anew as another shop since.
    """
    name = name_at(platform, account, number)
    statement = insert(session, User).values(name=name, password_hash="", role=OWNER, shop_id=shop_id, locale=locale)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"shop_id": shop_id}))
    return session.scalars(select(User).where(User.name == name).execution_options(populate_existing=True)).one()


def name_at(platform: str, account: str, number: str) -> str:
    """The name of somebody a platform vouches for."""
    return _clean(f"{platform}:{account}:{number}")


def find(session: Session, name: str) -> User | None:
    """The user of a login name, however it is written."""
    return session.scalar(select(User).where(User.name == _clean(name)))


def sign_in(session: Session, name: str, password: str) -> User | None:
    """The user, when name and password belong together; takes the same time when nobody has the name.

    Changes the row when the hash was made with weaker parameters than today's: commit the session to keep that.
    """
    user = find(session, name)
    if not _matches(user.password_hash if user else _NOBODY, password) or user is None:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """A new password; everybody who is signed in as this user is signed out."""
    user.password_hash = _hashed(password)
    user.session_version += 1
    session.add(user)


def _clean(name: str) -> str:
    return name.strip().lower()[:255]


def _hashed(password: str) -> str:
    if len(password) < SHORTEST:
        raise AskHuman("A password needs at least 12 characters.")
    if len(password) > LONGEST:
        raise AskHuman("This password is too long.")
    return _hasher.hash(password)


def _matches(stored: str, password: str) -> bool:
    try:
        return len(password) <= LONGEST and _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
