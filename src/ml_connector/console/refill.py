"""Puts what somebody had typed back into the form of a page, beside the words that say why it was not taken.

Works on the text of a page of ours and knows no screen. Hidden fields stay as the page has them now, since they say what somebody
looks at; fields for secrets and files stay empty. A field `set:x` that was sent as the hidden `was:x` says it was shown is one that
nobody touched: it stays as the page has it now, or what a colleague saved meanwhile would be undone with the next try.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import unquote, urlsplit

Attributes = dict[str, str | None]
Sent = Mapping[str, Sequence[str]]
"""What was sent: the values of each field, in the order of the page."""
_Edit = tuple[int, int, str]
"""From where to where of the page another text stands."""

_UNTYPED = frozenset({"hidden", "password", "file", "submit", "button", "reset", "image"})
_SECRET = "secret:"
"""How the names of fields for secrets begin, also of those that are seen while they are typed."""
_VERSIONS = frozenset({"seen", "shown", "token", "proposal", "version", "csrf", "back"})
"""Hidden fields that say which version of a thing somebody looked at, and not which thing."""
_TICKED = frozenset({"checkbox", "radio"})
_SAID = 'id="said">'
"""Where a page says what was done, at its top."""


@dataclass
class _Control:
    """One field. `start` to `end` is its tag, `end` to `close` what is inside; `options` are tags inside with their values."""

    kind: str
    attributes: Attributes
    start: int
    end: int
    close: int = 0
    options: list["_Control"] = field(default_factory=list)
    text: str = ""

    @property
    def name(self) -> str:
        return self.attributes.get("name") or ""

    @property
    def value(self) -> str:
        given = self.attributes.get("value")
        return self.text.strip() if given is None and self.kind == "option" else given or ""


@dataclass
class _Form:
    """One form: where it leads, where its inside begins, which folded parts it is in, and its fields."""

    attributes: Attributes
    inside: int
    folded: tuple[tuple[int, int, str], ...]
    leads_to: list[str]
    controls: list[_Control] = field(default_factory=list)

    def hidden(self) -> Iterator[_Control]:
        return (one for one in self.controls if one.attributes.get("type") == "hidden")

    def names(self) -> set[str]:
        return {one.name for one in self.controls}


class _Reader(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._form: _Form | None = None
        self._folded: list[tuple[int, int, str]] = []
        self._open: _Control | None = None
        self._option: _Control | None = None
        self.feed(page)
        self.close()

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes, start = dict(attrs), self._place()
        end = start + len(self.get_starttag_text() or "")
        if tag == "details":
            self._folded.append((start, end, _tag(tag, attributes | {"open": None})))
        elif tag == "form" and (attributes.get("method") or "").lower() == "post":
            self._form = _Form(attributes, end, tuple(self._folded), [attributes.get("action") or ""])
            self.forms.append(self._form)
        elif (owner := self._owner(attributes)) is None:
            return
        elif tag == "button" and attributes.get("formaction"):
            owner.leads_to.append(attributes["formaction"] or "")
        elif tag in {"input", "select", "textarea"}:
            control = _Control(tag, attributes, start, end)
            owner.controls.append(control)
            self._open = None if tag == "input" else control
        elif tag == "option" and self._open is not None:
            self._option = _Control(tag, attributes, start, end)
            self._open.options.append(self._option)

    def _owner(self, attributes: Attributes) -> _Form | None:
        """The form of a field, which may stand elsewhere and name it."""
        if named := attributes.get("form"):
            return next((one for one in self.forms if one.attributes.get("id") == named), None)
        return self._form

    def handle_data(self, data: str) -> None:
        if self._option is not None:
            self._option.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "details" and self._folded:
            self._folded.pop()
        elif tag == "form":
            self._form = None
        elif tag == "option":
            self._option = None
        elif self._open is not None and tag == self._open.kind:
            self._open.close = self._place()
            self._open = self._option = None


def refilled(page: str, path: str, sent: Sent, words: str) -> str | None:
    """A page with `words` (HTML) at the beginning of the form that was sent to a path, unfolded, and with what was typed in it.

    None where the page has no such form any more, because things have moved on.
    """
    form = _sent_to(_Reader(page).forms, path, sent)
    if form is None:
        return None
    edits: list[_Edit] = [(form.inside, form.inside, words), *form.folded]
    taken: dict[str, int] = {}
    first = True
    for control in form.controls:
        for start, end, text in _filled(control, sent, taken, first=first):
            edits.append((start, end, text))
            first = False
    for start, end, text in sorted(edits, reverse=True):
        page = page[:start] + text + page[end:]
    return page


def at_the_top(page: str, words: str) -> str:
    """A page with `words` (HTML) where it says what was done."""
    return page.replace(_SAID, _SAID + words, 1)


def _sent_to(forms: Sequence[_Form], path: str, sent: Sent) -> _Form | None:
    """The form that was sent: the one to that address that is about the same thing. Of several of these the one of the version that
    was seen; one alone is it also when the thing has moved on."""
    leading = [one for one in forms if any(unquote(urlsplit(to).path) == path for to in one.leads_to)]
    about = [one for one in leading if _agrees(one, sent, but=_VERSIONS)]
    same = [one for one in about if _agrees(one, sent)]
    found = same or (about if len(about) == 1 else [])
    return max(found, key=lambda one: len(one.names() & set(sent)), default=None)


def _agrees(form: _Form, sent: Sent, *, but: Collection[str] = ()) -> bool:
    """Whether the hidden fields of a form say what was sent, `but` for some of them."""
    telling = (one for one in form.hidden() if one.name in sent and not one.name.startswith("was:"))
    return all(one.value in sent[one.name] for one in telling if one.name not in but)


def _filled(control: _Control, sent: Sent, taken: dict[str, int], *, first: bool) -> Iterator[_Edit]:
    """How the tags of one field read with what was typed. `taken`: how many values of each name are used up already."""
    attributes, name = control.attributes, control.name
    kind = attributes.get("type") or "text"
    if not name or name.startswith(_SECRET) or (control.kind == "input" and kind in _UNTYPED) or _untouched(name, sent):
        return
    values = sent.get(name, ())
    if control.kind == "select":
        for one in control.options:
            yield one.start, one.end, _tag("option", _marked(one.attributes, "selected", on=one.value in values))
    elif kind in _TICKED:
        on = (attributes.get("value") or "on") in values
        yield control.start, control.end, _tag("input", _marked(attributes, "checked", on=on))
    elif (place := taken.get(name, 0)) < len(values):
        taken[name] = place + 1
        focused: Attributes = {"autofocus": None} if first else {}
        if control.kind == "textarea":
            yield control.start, control.close, f"{_tag('textarea', attributes | focused)}\n{escape(values[place])}"
        else:
            yield control.start, control.end, _tag("input", attributes | {"value": values[place]} | focused)


def _untouched(name: str, sent: Sent) -> bool:
    shown = sent.get(f"was:{name.removeprefix('set:')}") if name.startswith("set:") else None
    return shown is not None and shown == sent.get(name)


def _marked(attributes: Attributes, mark: str, *, on: bool) -> Attributes:
    kept = {name: value for name, value in attributes.items() if name != mark}
    return kept | {mark: None} if on else kept


def _tag(name: str, attributes: Attributes) -> str:
    told = (one if value is None else f'{one}="{escape(value)}"' for one, value in attributes.items())
    return f"<{' '.join((name, *told))}>"
