"""No credential is in a reply, however a page writes it; and what only looks like one stays."""

from __future__ import annotations

import json

import pytest

from gateway.contract.pages import Committed, Dialog, Document, SettledPage
from gateway.transport.browser.unsaid import Unsaid

ODD = 'pä"ss <w>&0rd: \\4711'


def unsaid(password: str = ODD) -> Unsaid:
    all_of_it = Unsaid()
    all_of_it.add("portal", public=True)
    all_of_it.add("817554", public=True)
    all_of_it.add(password, public=False)
    return all_of_it


def page(html: str = "", snapshot: str = "", **more: object) -> SettledPage:
    return SettledPage.model_validate({"documents": [Document(path="/", html=html, snapshot=snapshot)], **more})


@pytest.mark.parametrize(
    "written",
    [
        f"<p>{ODD}</p>",
        '<p>pä"ss &lt;w&gt;&amp;0rd: \\4711</p>',
        '<input value="pä&quot;ss &lt;w&gt;&amp;0rd: \\4711">',
        '<a href="/x?p=p%C3%A4%22ss%20%3Cw%3E%260rd%3A%20%5C4711">',
    ],
)
def test_a_password_is_taken_out_of_a_page_in_every_way_to_write_it(written: str) -> None:
    told = unsaid().taken_out(page(written)).main.html
    assert "ss" not in told
    assert "0rd" not in told
    assert "(secret)" in told


@pytest.mark.parametrize(
    "written",
    [
        '<input data-typed="p\'a&quot;s<s&amp;77">',
        '<input data-typed="p\'a&quot;s&lt;s&amp;77">',
        "<p>p'a\"s&lt;s&amp;77</p>",
        '<a href="/x?p=p\'a%22s%3Cs%2677">',
        '<a href="/x?p=p\'a%22s%3Cs&77">',
    ],
)
def test_a_password_with_both_quotes_is_taken_out_as_a_browser_writes_it(written: str) -> None:
    told = unsaid("p'a\"s<s&77").taken_out(page(written)).main.html
    assert "77" not in told
    assert "(secret)" in told


def test_a_password_is_taken_out_of_all_that_a_reply_holds() -> None:
    told = unsaid("canary-pass-4711").taken_out(
        page(
            snapshot="- paragraph: You typed canary-pass-4711 just now",
            read=("- status: canary-pass-4711",),
            dialogs=(Dialog(kind="alert", says="canary-pass-4711?", accepted=False),),
            committed=Committed(status=302, location="/x?p=canary-pass-4711"),
        )
    )
    assert "canary" not in told.model_dump_json()


def test_what_fields_hold_is_taken_out_of_an_outline() -> None:
    outline = "\n".join(
        [
            "- main:",
            '  - textbox "User name": portal',
            f'  - textbox "Password": {json.dumps(ODD, ensure_ascii=False)}',
            '  - textbox "Code":',
            "    - /placeholder: 6 digits",
            '    - text: "817554"',
        ]
    )
    told = unsaid().taken_out(page(snapshot=outline)).main.snapshot
    assert told.splitlines() == [
        "- main:",
        '  - textbox "User name": (secret)',
        '  - textbox "Password": (secret)',
        '  - textbox "Code":',
        "    - /placeholder: 6 digits",
        "    - text: (secret)",
    ]


def test_what_only_looks_like_a_user_name_or_a_code_stays() -> None:
    html = '<h1>The portal</h1><p>Reference 817554</p><input value="portal of 817554"><input value="portal">'
    snapshot = '- heading "The portal" [level=1]\n- paragraph: Reference 817554'
    told = unsaid().taken_out(page(html, snapshot)).main
    assert told.html == html.replace('value="portal"', 'value="(secret)"')
    assert told.snapshot == snapshot


def test_a_page_before_which_nothing_was_typed_is_as_it_was() -> None:
    before = page("<p>x</p>", "- paragraph: x")
    assert Unsaid().taken_out(before) is before
