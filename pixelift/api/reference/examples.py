"""Code that runs as printed against the server that printed it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

Json = dict[str, Any]
LANGUAGES = {"curl": "cURL", "javascript": "JavaScript", "python": "Python"}
JOB_IDS = {"curl": "$JOB_ID", "javascript": "${process.env.JOB_ID}", "python": "{os.environ['JOB_ID']}"}
TOKEN = re.compile(
    r"""(?P<note>^\s*(?:\#|//).*$)
      | (?P<key>"[^"\n]*"(?=:\s)) | (?P<text>"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)
      | (?P<number>(?<![\w.])\d+(?:\.\d+)?(?![\w.])|\b(?:true|false|null)\b)""",
    re.MULTILINE | re.VERBOSE,
)
TAGS = {"note": "i", "key": "i", "text": "em", "number": "b"}


@dataclass(frozen=True)
class Call:
    """What an example sends, and what it does with the answer: show "json", save a "picture", follow a "stream"."""

    verb: str
    url: str
    is_public: bool
    form: dict[str, str]
    answer: str


def first_picture(base: str) -> dict[str, str]:
    """Return the whole way, from a file to a larger file, in every language."""
    return {name: render_template(f"docs/code/first-{name}.txt", base=base) for name in LANGUAGES}


def of(call: Call) -> dict[str, str]:
    return {name: render_template(f"docs/code/{name}.txt", call=call, url=_url(call, name)) for name in LANGUAGES}


def highlight(code: str) -> Markup:
    """Mark what is text, number or remark; everything is escaped."""
    html, end = Markup(), 0
    for token in TOKEN.finditer(code):
        html += escape(code[end : token.start()]) + _marked(token)
        end = token.end()
    return html + escape(code[end:])


def prose(words: str) -> Markup:
    """Turn a docstring's paragraphs and backticks into HTML."""
    html = re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(words)))
    return Markup("".join(f"<p>{paragraph}</p>" for paragraph in html.split("\n\n")))  # noqa: S704  escaped above


def _marked(token: re.Match[str]) -> Markup:
    tag = Markup(TAGS[token.lastgroup or "text"])  # noqa: S704  one of four constants
    return Markup("<{0}>{1}</{0}>").format(tag, token[0])


def _url(call: Call, language: str) -> str:
    return call.url.replace("{job_id}", JOB_IDS[language])
