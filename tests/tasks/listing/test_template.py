"""The template writes what the facts say: no more, readable, and always past the checks."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.ai import checks
from bridge.catalog import Attribute, Image, Product
from tasks.listing import writer
from tests.tasks.listing.briefs import brief

NASTY = [
    "<script>alert(1)</script>", "</p><img src=x onerror=alert(1)>", "{{ shop.secret }}",
    "&amp; &lt;b&gt; &#49;2 cm", "5 < 6 > 4", "100 % Baumwolle", "ohne Plastik", "nicht wasserdicht", "kein",
    "Nicht", "Made in Germany", "1.000,5 g", "12x30 cm", "www.shop.de", "hallo@shop.de", "+49 170 1234567", "best",
    "gold", "IPX4", "\u200b\u00ad", "\x00\x07", "z. B. 5 cm.", "“quoted”", "a\nb\nc", "…", "%", "%(words)s", "½ l",
    "２０ ｃｍ", "zwei", "ein Jahr", "passt für", "iPhone 15", "ISO 9001", "compatible with", "über 300", "mehr als",
    "Rot, Blau", "S, M, L", "true", "nein", "Ø", "-", "und", "x", "cm", "12", "Jahre", "Leder", "frei", "free of",
    "not", "ß", "🎁", "1/2", "DIN", "Garantie", "EU", "von", "aus",
]  # fmt: skip
LABELS = [
    "Material", "Farbe", "Colour", "Größe", "Masse", "Gewicht (g)", "Wasserdicht", "Kein", "Nicht", "Höhe in cm",
    "Origin", "Warranty", "Vegan", "Passt für", "Herkunft", "5 Jahre", "<b>Label</b>", "BPA frei", "Ohne", "GOTS",
]  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(NASTY),
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=4).map(" ".join),
)
PRODUCTS = st.builds(
    lambda title, vendor, kind, pairs, tags: Product(
        "1",
        title,
        vendor=vendor,
        product_type=kind,
        tags=tuple(tags),
        images=(Image("i"),),
        attributes=tuple(
            Attribute(f"{'option' if number % 3 == 0 else 'metafield'}:{number}.{label}", label, value)
            for number, (label, value) in enumerate(pairs)
        ),
    ),
    WORDS,
    WORDS,
    WORDS,
    st.lists(st.tuples(st.one_of(st.sampled_from(LABELS), st.text(min_size=1, max_size=12)), WORDS), max_size=5),
    st.lists(st.sampled_from(["Leder", "Neu", "100 % Seide"]), max_size=2),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(product=PRODUCTS, locale=st.sampled_from(["de", "en", "de-CH", "fr"]))
def test_whatever_a_shop_says_the_template_writes_the_same_harmless_text(product: Product, locale: str) -> None:
    given_brief = brief(product, locale)
    draft = writer.template(given_brief)
    found = checks.run(draft, given_brief.facts, given_brief.voice).findings
    # Theme code in a shop's own fields is left for a person to see; nothing else may look like markup.
    assert [each for each in found if each.check == "markup" and each.code != "template-code"] == []
    assert [each for each in found if each.check == "lengths" and each.severity == "block"] == []
    assert writer.template(given_brief) == draft
