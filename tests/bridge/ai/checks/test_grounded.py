"""What a draft claims must stand in the facts."""

import pytest

from bridge.ai.checks import grounded
from bridge.catalog import DESCRIPTION, Draft, Fact, Facts, Finding, Voice

BOARD = {
    "title": ("Title", "Schneidebrett Alma"),
    "vendor": ("Vendor", "Werkstatt Lindgrün"),
    "material": ("Material", "Eichenholz"),
    "size": ("Masse", "40 × 25 × 2 cm"),
    "weight": ("Gewicht", "1,2 kg"),
    "care": ("Pflege", "Nicht spülmaschinenfest"),
    "origin": ("Herkunft", "Niedersachsen"),
}
JACKET = {
    "title": ("Title", "Harbour Rain Jacket"),
    "vendor": ("Vendor", "Northfold"),
    "option:Colour": ("Colour", "Navy, Moss"),
    "material": ("Material", "60 % cotton, 40 % recycled polyester"),
    "weight": ("Weight", "420 g"),
    "care": ("Care", "Machine wash at 30 °C"),
    "waterproof": ("Waterproof", "yes"),
    "warranty": ("Warranty", "2 years"),
    "certificate": ("Certificate", "GOTS"),
    "fits": ("Compatibility", "Fits iPhone 15 in the chest pocket"),
}
CUP = {
    "title": ("Title", "Teetasse Fjell"),
    "option:Farbe": ("Farbe", "Blau, Sand, Grün"),
    "material": ("Material", "Steinzeug"),
    "capacity": ("Fassungsvermoegen", "300 ml"),
    "care": ("Pflege", "Spülmaschinenfest"),
    "height": ("Höhe in cm", "9,5"),
    "width": ("Breite", "8 cm"),
    "set": ("Lieferumfang", "2-teiliges Set"),
    "age": ("Alter", "ab 3 Jahren"),
}
SETS = {"board": BOARD, "jacket": JACKET, "cup": CUP}


def facts(name: str, locale: str) -> Facts:
    return Facts(tuple(Fact(key, label, value) for key, (label, value) in SETS[name].items()), locale)


def check(name: str, text: str, locale: str, field: str = DESCRIPTION, said_in: str = "") -> tuple[Finding, ...]:
    given = facts(name, said_in or ("en" if name == "jacket" else "de"))
    return grounded.findings(Draft(locale, {field: ""}, {field: text}, "model"), given, Voice(locale))


SUPPORTED = [
    ("board", "de", "Das Schneidebrett Alma ist aus Eichenholz."),
    ("board", "de", "Ein Brett aus Eiche von Werkstatt Lindgrün."),
    ("board", "de", "Schneidebrett aus Holz, 40 x 25 x 2 cm groß."),
    ("board", "de", "Es misst 40×25×2cm und wiegt 1.200 g."),
    ("board", "de", "Es wiegt 1200 Gramm und ist 400 mm lang."),
    ("board", "de", "Nicht spülmaschinengeeignet."),
    ("board", "de", "Es kommt aus Deutschland."),
    ("board", "de", "Deutsche Eiche."),
    ("board", "en", "An oak cutting board, 40 x 25 x 2 cm, 1.2 kg."),
    ("board", "en", "It is not dishwasher safe."),
    ("board", "en", "A wooden board from Lower Saxony, Germany."),
    ("board", "en", "It is about 15.7 inches long and weighs 2.65 lb."),
    ("board", "de", "Das eichene Brett misst 40 cm."),
    ("jacket", "en", "A navy jacket made of 60% cotton and 40% recycled polyester."),
    ("jacket", "en", "Available in two colours: navy and moss."),
    ("jacket", "en", "A waterproof jacket with a two-year warranty."),
    ("jacket", "en", "Weighs 0.42 kg."),
    ("jacket", "en", "Fits iPhone 15."),
    ("jacket", "en", "GOTS certified."),
    ("jacket", "en", "Machine washable at 30 degrees."),
    ("jacket", "en", "24 months of warranty."),
    ("jacket", "de", "Eine blaue Jacke aus 60 % Baumwolle und 40 % recyceltem Polyester."),
    ("jacket", "de", "Wasserdicht, 420 g leicht, waschbar bei 30 °C in der Waschmaschine."),
    ("jacket", "de", "GOTS-zertifiziert, mit zwei Jahren Garantie."),
    ("jacket", "de", "Erhältlich in zwei Farben."),
    ("cup", "de", "Die Tasse aus Steinzeug fasst 300 ml."),
    ("cup", "de", "Sie fasst 0,3 l und ist 9,5 cm hoch."),
    ("cup", "de", "Blaue, sandfarbene oder grüne Tasse."),
    ("cup", "de", "Zweiteiliges Set, 8 cm breit."),
    ("cup", "de", "Für Kinder ab drei Jahren."),
    ("cup", "en", "The stoneware cup holds 0.3 litres and is dishwasher safe."),
    ("cup", "en", "Comes in blue, sand or green, in three colours."),
    ("cup", "en", "A two-piece set, 95 mm high."),
    ("cup", "en", "A ceramic cup, 10 fl oz."),
]

REFUSED = [
    # numbers
    ("board", "de", "Es ist 50 cm lang.", "number-contradicted", "50 cm"),
    ("board", "de", "Es misst 40 x 30 cm.", "number-contradicted", "30 cm"),
    ("board", "de", "Es wiegt 1,5 kg.", "number-contradicted", "1,5 kg"),
    ("board", "de", "Es wiegt 1.2 g.", "number-contradicted", "1.2 g"),
    ("board", "de", "Mit 5 Jahren Garantie.", "number-unsupported", "5 Jahren"),
    ("board", "de", "Hitzebeständig bis 200 °C.", "number-unsupported", "200 °C"),
    ("board", "de", "Zu 100 % natürlich.", "number-unsupported", "100 %"),
    ("board", "de", "Ein dreiteiliges Set.", "number-unsupported", "dreiteiliges"),
    ("board", "en", "It holds half a litre.", "number-unsupported", "half a litre"),
    ("board", "en", "It is 16 inches wide and 20 inches long.", "number-contradicted", "20 inches"),
    ("board", "en", "Over 1.2 kg of wood.", "number-contradicted", "1.2 kg"),
    ("board", "de", "Nur 19,90 €.", "number-unsupported", "19,90 €"),
    ("board", "de", "Nur $20.", "number-unsupported", "20"),
    ("cup", "de", "Die Tasse fasst 500 ml.", "number-contradicted", "500 ml"),
    ("cup", "de", "Sie ist 9,5 cm breit.", "number-contradicted", "9,5 cm"),
    ("cup", "de", "Erhältlich in vier Farben.", "number-contradicted", "vier Farben"),
    ("cup", "de", "Ein 6-teiliges Set.", "number-contradicted", "6-teiliges"),
    ("cup", "en", "For ages 1 year and up.", "number-contradicted", "1 year"),
    ("jacket", "en", "80% cotton.", "number-contradicted", "80%"),
    ("jacket", "en", "60% polyester.", "number-contradicted", "60%"),
    ("jacket", "en", "Wash at 60 °C.", "number-contradicted", "60 °C"),
    ("jacket", "en", "A ten-year warranty.", "number-contradicted", "ten-year"),
    ("jacket", "en", "It has 4 pockets.", "number-unsupported", "4 pockets"),
    ("jacket", "en", "Over 10,000 happy customers.", "number-unsupported", "10,000 happy"),
    # materials and colours
    ("board", "de", "Ein Brett aus Buchenholz.", "material-contradicted", "Buchenholz"),
    ("board", "de", "Mit Griffen aus Leder.", "material-contradicted", "Leder"),
    ("board", "de", "Ein Mandelholzbrett mit Edelstahlgriff.", "material-contradicted", "Edelstahlgriff"),
    ("board", "en", "A walnut board.", "material-contradicted", "walnut"),
    ("board", "de", "Ein rotes Brett.", "colour-unsupported", "rotes"),
    ("cup", "de", "Die rote Tasse.", "colour-contradicted", "rote"),
    ("cup", "de", "Die dunkelblaue Tasse.", "colour-contradicted", "dunkelblaue"),
    ("cup", "en", "A black cup made of porcelain.", "colour-contradicted", "black"),
    ("cup", "en", "A cup made of porcelain.", "material-contradicted", "porcelain"),
    ("jacket", "de", "Eine Jacke aus Leinen.", "material-contradicted", "Leinen"),
    ("jacket", "de", "Eine Lederjacke.", "material-contradicted", "Lederjacke"),
    # origin
    ("board", "de", "Hergestellt in Italien.", "origin-contradicted", "Italien"),
    ("board", "en", "Made in France.", "origin-contradicted", "France"),
    ("board", "de", "Italienisches Design.", "origin-contradicted", "Italienisches"),
    ("cup", "de", "Made in Germany.", "origin-unsupported", "Germany"),
    ("cup", "en", "Made in Smalltown.", "origin-unsupported", "Smalltown"),
    ("cup", "de", "Aus dem Schwarzwald.", "origin-unsupported", "Schwarzwald"),
    # certificates, qualities, service
    ("board", "de", "FSC-zertifiziert.", "certificate-unsupported", "FSC"),
    ("board", "de", "Geprüft nach DIN EN 71.", "certificate-unsupported", "DIN EN 71"),
    ("jacket", "en", "OEKO-TEX certified.", "certificate-unsupported", "OEKO-TEX"),
    ("jacket", "en", "Organic cotton.", "quality-unsupported", "Organic"),
    ("cup", "de", "Aus Bio-Anbau.", "quality-unsupported", "Bio-Anbau"),
    ("cup", "de", "Mikrowellengeeignet und BPA-frei.", "quality-unsupported", "Mikrowellengeeignet"),
    ("cup", "de", "Von Hand bemalt.", "quality-unsupported", "Von Hand bemalt"),
    ("cup", "de", "Die Tasse ist vegan und klimaneutral.", "quality-unsupported", "vegan"),
    ("board", "en", "Handmade.", "quality-unsupported", "Handmade"),
    ("board", "de", "Mit Geld-zurück-Garantie.", "warranty-unsupported", "Geld-zurück-Garantie"),
    ("jacket", "en", "With a lifetime warranty.", "warranty-unsupported", "lifetime warranty"),
    ("cup", "en", "Free shipping.", "warranty-unsupported", "Free shipping"),
    # compatibility, models, addresses
    ("cup", "de", "Kompatibel mit Nespresso.", "compatibility-unsupported", "Kompatibel mit Nespresso"),
    ("jacket", "en", "Compatible with Garmin watches.", "compatibility-unsupported", "Compatible with Garmin watches"),
    ("jacket", "en", "Protection class IPX4.", "model-unsupported", "IPX4"),
    ("cup", "de", "Mehr auf www.tassen-shop.de.", "contact-unsupported", "www.tassen-shop.de"),
    ("cup", "de", "Schreib an hallo@tassen.de oder ruf an.", "contact-unsupported", "hallo@tassen.de"),
    ("cup", "de", "Ruf an: +49 40 1234567.", "contact-unsupported", "+49 40 1234567"),
    # what is denied
    ("board", "de", "Spülmaschinenfest.", "quality-contradicted", "Spülmaschinenfest"),
    ("board", "en", "It is dishwasher safe.", "quality-contradicted", "dishwasher safe"),
    ("cup", "de", "Nicht spülmaschinenfest.", "quality-contradicted", "spülmaschinenfest"),
    ("jacket", "en", "It is not waterproof.", "quality-contradicted", "waterproof"),
    ("jacket", "de", "Wasserdicht ist sie nicht.", "quality-contradicted", "Wasserdicht"),
    ("cup", "de", "Ohne Plastik.", "material-unsupported", "Plastik"),
    ("cup", "de", "Plastikfrei.", "material-unsupported", "Plastikfrei"),
    ("jacket", "en", "Plastic-free.", "material-contradicted", "Plastic"),
    ("cup", "de", "Nicht nur spülmaschinenfest, sondern auch vegan.", "quality-unsupported", "vegan"),
    # hidden from the eye or from a careless reader
    ("cup", "de", "Die Tasse fasst 5\u200b00\u00a0ml.", "number-contradicted", "5\u200b00\u00a0ml"),
    ("cup", "de", "Die Tasse fasst ５００ ml.", "number-contradicted", "５００ ml"),
    ("cup", "de", "Aus Po\u00adrzel\u200dlan.", "material-contradicted", "Po\u00adrzel\u200dlan"),
    ("cup", "de", "Aus <b>Por</b>zellan.", "material-contradicted", "Porzellan"),
    ("cup", "de", "Aus &#80;orzellan &amp; mehr.", "material-contradicted", "Porzellan"),
    ("cup", "de", "Aus \u0412aumwolle.", "material-contradicted", "\u0412aumwolle"),
    ("cup", "de", "Die Tasse fasst 𝟓𝟎𝟎 ml.", "number-contradicted", "𝟓𝟎𝟎 ml"),
    ("cup", "de", "Die Tasse fasst ٥٠٠ ml.", "number-contradicted", "٥٠٠ ml"),
    ("cup", "de", "Aus GRU\u0308NEM GLAS.", "material-contradicted", "GLAS"),
    ("cup", "de", '<img src="/a.jpg" alt="Aus Porzellan">', "material-contradicted", "Porzellan"),
]


@pytest.mark.parametrize(("name", "locale", "text"), SUPPORTED)
def test_what_the_facts_say_may_be_said(name: str, locale: str, text: str) -> None:
    assert [found for found in check(name, text, locale) if found.severity == "block"] == []


@pytest.mark.parametrize(("name", "locale", "text", "code", "quote"), REFUSED)
def test_what_the_facts_do_not_say_is_blocked(name: str, locale: str, text: str, code: str, quote: str) -> None:
    found = [(each.code, each.quote) for each in check(name, text, locale) if each.severity == "block"]
    assert (code, quote) in found
