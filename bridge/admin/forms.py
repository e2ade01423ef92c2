"""The forms of the page. Secrets go in and never come out again."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import TextInput

from bridge import shops
from bridge.admin.languages import language
from bridge.errors import AskHuman
from bridge.users import LONGEST, SHORTEST

LOCALES = {
    "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano", "nl": "Nederlands",
    "pl": "Polski", "pt": "Português", "sv": "Svenska", "da": "Dansk",
}  # fmt: skip
_LOCALES = [SelectChoice(code, name) for code, name in LOCALES.items()]
_ADDRESSES = [SelectChoice(word, word) for word in ("du", "Sie")]
_ADDRESS = r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$"
_NEEDED = InputRequired(_("Please fill this in."))
_SHORT = Length(max=255, message=_("At most 255 characters."))
_LONG = Length(max=4000, message=_("At most 4,000 characters."))
_PASSWORD = Length(min=SHORTEST, max=LONGEST, message=_("At least 12 characters."))


class Dollars(DecimalField):
    """An amount, with a comma or a point as the reader's language has it; browsers' number fields know only one."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """ "12,50" and "12.50" are the same amount."""
        super().process_formdata([text.replace(",", ".") for text in valuelist])

    def _value(self) -> str:
        text = str(super()._value())
        return text.replace(".", ",") if language() == "de" and not self.raw_data else text


class SignIn(FlaskForm):
    """Name and password."""

    name = StringField(_("Name"), [_NEEDED], render_kw={"autocomplete": "username", "autocapitalize": "none"})
    password = PasswordField(_("Password"), [_NEEDED], render_kw={"autocomplete": "current-password"})


class NewPassword(FlaskForm):
    """One's own password, changed."""

    current = PasswordField(_("Present password"), [_NEEDED], render_kw={"autocomplete": "current-password"})
    password = PasswordField(_("New password"), [_NEEDED, _PASSWORD], render_kw={"autocomplete": "new-password"})


class Digest(FlaskForm):
    """Where the daily mail goes."""

    email = StringField(
        _("E-mail address"), [Optional(), Length(max=254), Regexp(_ADDRESS, message=_("This is no e-mail address."))],
        filters=[lambda text: (text or "").strip()], render_kw={"type": "email", "autocomplete": "email"},
    )  # fmt: skip


class SetPassword(FlaskForm):
    """Somebody else's password, set by an operator."""

    password = PasswordField(_("New password"), [_NEEDED, _PASSWORD], render_kw={"autocomplete": "new-password"})


class NewUser(FlaskForm):
    """An owner of a shop."""

    name = StringField(_("Name"), [_NEEDED, _SHORT], render_kw={"autocomplete": "off", "autocapitalize": "none"})
    password = PasswordField(_("Password"), [_NEEDED, _PASSWORD], render_kw={"autocomplete": "new-password"})


class NewShop(FlaskForm):
    """A shop, before anything is connected."""

    name = StringField(_("Name of the shop"), [_NEEDED, _SHORT], filters=[lambda text: (text or "").strip()])
    locale = SelectField(_("Language of the listings"), choices=_LOCALES)


class Connect(FlaskForm):
    """A Shopify store: an app's client id and secret, or an access token."""

    shop = SelectField(_("Shop"), coerce=int)
    account = StringField(
        _("Shop domain"), [_NEEDED, _SHORT],
        render_kw={"placeholder": "name.myshopify.com", "autocapitalize": "none", "spellcheck": "false"},
    )  # fmt: skip
    client_id = StringField(_("Client id"), [Optional(), _SHORT], render_kw={"autocomplete": "off"})
    client_secret = PasswordField(_("Client secret"), [Optional(), _SHORT], render_kw={"autocomplete": "off"})
    access_token = PasswordField(_("Access token"), [_SHORT], render_kw={"autocomplete": "off"})

    def validate_account(self, field: Any) -> None:
        """Only a real shop domain; it becomes part of the addresses that we call."""
        try:
            field.data = shops.typed_account("shopify", field.data)
        except AskHuman as error:
            raise ValidationError(_("This is not a shop domain of the form name.myshopify.com.")) from error

    def validate_access_token(self, field: Any) -> None:
        """One of the two ways must be complete."""
        pair = bool(self.client_id.data and self.client_secret.data)
        if not pair and not field.data:
            raise ValidationError(_("Give the client id with its secret, or an access token."))

    def credentials(self) -> dict[str, str]:
        """What is kept, encrypted."""
        given = {name: getattr(self, name).data for name in ("client_id", "client_secret", "access_token")}
        return {name: value.strip() for name, value in given.items() if value}


class ShopSettings(FlaskForm):
    """What the machine may do for a shop, and what it may cost."""

    name = StringField(_("Name of the shop"), [_NEEDED, _SHORT], filters=[lambda text: (text or "").strip()])
    locale = SelectField(_("Language of the listings"), choices=_LOCALES)
    spend_cap = Dollars(
        _("Spend cap per month, in dollars"), [InputRequired(_("Please give a number.")), NumberRange(0, 100_000)],
        places=2, render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )  # fmt: skip
    fill_empty_only = BooleanField(_("Fill empty fields only"))
    auto_approve = BooleanField(_("Publish without a person when every check is clean"))
    write_title = BooleanField(_("May change product titles"))
    write_description = BooleanField(_("Write descriptions"))
    write_seo = BooleanField(_("Write search titles and search descriptions"))
    write_tags = BooleanField(_("Add tags"))
    write_alts = BooleanField(_("Write image texts"))


class NewReference(FlaskForm):
    """A text that drafts must not copy."""

    name = StringField(_("What is it?"), [_NEEDED, _SHORT], filters=[lambda text: (text or "").strip()])
    text = TextAreaField(_("The text"), [_NEEDED, Length(max=50_000)])


class BrandVoice(FlaskForm):
    """How a shop speaks in one language."""

    role = StringField(_("Who speaks?"), [Optional(), _SHORT])
    audience = StringField(_("To whom?"), [Optional(), _SHORT])
    tone = StringField(_("In what tone?"), [Optional(), _SHORT])
    address = RadioField(_("How are customers addressed?"), choices=_ADDRESSES, default="du")
    glossary = TextAreaField(_("Glossary"), [Optional(), _LONG])
    forbidden = TextAreaField(_("Words never to use"), [Optional(), _LONG])
    words_least = IntegerField(_("Words at least"), [InputRequired(), NumberRange(0, 2000)])
    words_most = IntegerField(_("Words at most"), [InputRequired(), NumberRange(1, 5000)])
    seo_title_chars = IntegerField(_("Characters of a search title"), [InputRequired(), NumberRange(10, 200)])
    seo_description_chars = IntegerField(
        _("Characters of a search description"), [InputRequired(), NumberRange(20, 500)]
    )
    alt_chars = IntegerField(_("Characters of an image text"), [InputRequired(), NumberRange(10, 500)])

    def validate_glossary(self, field: Any) -> None:
        """Every line reads "wrong = right"."""
        for line in (field.data or "").splitlines():
            wrong, found, right = line.partition("=")
            if line.strip() and not (found and wrong.strip() and right.strip()):
                raise ValidationError(_("Every line needs the form: wrong = right"))

    def validate_words_most(self, field: Any) -> None:
        """At least is not more than at most."""
        if field.data is not None and self.words_least.data is not None and field.data < self.words_least.data:
            raise ValidationError(_("This must not be less than the smallest number of words."))
