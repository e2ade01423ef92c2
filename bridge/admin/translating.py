"""Keeps the catalogues: ``python -m bridge.admin.translating`` collects every text, updates the .po, compiles the .mo.

Pages mark their texts with gettext. Errors, notes and findings are plain English constants all over the code, because
they are stored before anybody knows who will read them; they are found by their look: a capital, a space, a full stop.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ADMIN = Path(__file__).parent
ROOT = ADMIN.parents[1]
SENTENCES = ADMIN / "sentences.py"
DIGEST = ADMIN.parent / "digest.py"  # speaks to people by mail
LANGUAGES = ("de",)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"encoding": "utf-8", "trim_blocks": "true", "lstrip_blocks": "true"}}

# What lives here is told at a terminal, in a log or to another machine, never on the page.
_ELSEWHERE = re.compile(
    r"bridge/(cli|migrations)/|bridge/(settings|supervisor|installation|logs|nudge|vault|db)\.py|connectors/simulators/"
    r"|bridge/admin/(translating|sentences|forms|words)\.py|/(template\w*|prompting)\.py|tasks/(app|execute|dispatcher|house)\.py"
)
_SENTENCE = re.compile(r"(?:[A-Z]|“?%\(\w+\)s”? )[^\n<>{}]*\s[^\n<>{}]*[.!?]")
_MARKED = {"_", "gettext", "ngettext", "lazy_gettext"}


def collect() -> list[str]:
    """Every sentence of the code that may be stored and shown later."""
    files = sorted(
        path for layer in ("bridge", "connectors", "tasks", "webhooks") for path in (ROOT / layer).rglob("*.py")
    )
    found = {
        text
        for path in files
        if not _ELSEWHERE.search(path.relative_to(ROOT).as_posix())
        for text in _sentences(ast.parse(path.read_text()))
    }
    rules = (
        tomllib.loads(path.read_text()).get("rule", []) for path in sorted((ROOT / "bridge").rglob("rules/*.toml"))
    )
    return sorted(found | {rule["why"] for each in rules for rule in each})


def _sentences(tree: ast.AST) -> Iterator[str]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _MARKED:
            continue
        text = _text(node)
        if text is None:
            yield from _sentences(node)
        elif _SENTENCE.fullmatch(text):
            yield text
        elif isinstance(node, ast.JoinedStr):  # an error and what follows from it, joined: each is said on its own
            whole = (str(piece.value).strip() for piece in node.values if isinstance(piece, ast.Constant))
            yield from (piece for piece in whole if _SENTENCE.fullmatch(piece))


def _text(node: ast.AST) -> str | None:
    """A string, or an f-string with its values as named places."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    pieces = []
    for position, piece in enumerate(node.values):
        if isinstance(piece, ast.FormattedValue):
            pieces.append(f"%({_name(piece.value)}{position or ''})s")
        elif isinstance(piece, ast.Constant):
            pieces.append(str(piece.value))
    return "".join(pieces)


def _name(value: ast.expr) -> str:
    names = [node.attr if isinstance(node, ast.Attribute) else node.id for node in ast.walk(value)
             if isinstance(node, (ast.Attribute, ast.Name))]  # fmt: skip
    return names[0].strip("_").lower() if names else "value"


def extract() -> Catalog:
    """All texts of the page and all stored sentences."""
    catalog = Catalog(project="Storebridge", charset="utf-8", fuzzy=False)
    for folder in (ADMIN, ROOT / "webhooks"):
        for name, _line, message, _comments, context in extract_from_dir(
            folder, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=()
        ):
            catalog.add(message, locations=[(name, 0)] if "sentences" not in name else [], context=context)
    for _line, message, _comments, context in extract_from_file("python", DIGEST, keywords=KEYWORDS, comment_tags=()):
        catalog.add(message, locations=[("digest.py", 0)], context=context)
    for sentence in collect():
        catalog.add(sentence)
    return catalog


def po_path(language: str) -> Path:
    """Where the catalogue of a language lies."""
    return ADMIN / "translations" / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is on disk."""
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update(language: str) -> list[str]:
    """Bring a catalogue up to date on disk. Returns what has no translation yet."""
    catalog = read(language)
    catalog.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.fuzzy, catalog.project, catalog.version = False, "Storebridge", "1"
    catalog.header_comment = f"# The page of Storebridge, language {language}."
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=True, no_location=True, omit_header=False)
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    return untranslated(catalog)


def untranslated(catalog: Catalog) -> list[str]:
    """Texts without a translation in any of their forms."""
    missing = []
    for message in catalog:
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def sentences_file(sentences: list[str]) -> str:
    """The module that holds the stored sentences for the running page."""
    lines = "".join(f"    {_quoted(text)}\n" for text in sentences)
    return (
        '"""Sentences that are stored in English and translated when shown; made by bridge.admin.translating."""\n\n'
        f"SENTENCES: tuple[str, ...] = (\n{lines})  # fmt: skip\n"
    )


def _quoted(text: str) -> str:
    line = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '",'
    return line if len(line) < 115 else line + "  # noqa: E501"


def main() -> int:
    """Update everything; 1 when a translation is missing."""
    SENTENCES.write_text(sentences_file(collect()))
    missing = [(language, text) for language in LANGUAGES for text in update(language)]
    for language, text in missing:
        sys.stdout.write(f"{language}: {text}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
