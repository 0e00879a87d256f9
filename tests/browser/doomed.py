"""A process that signs in, takes a file, and is killed while it files: `python -m tests.browser.doomed URL`."""

from __future__ import annotations

import asyncio
import os
import sys

from gateway.contract.turns import Click, Element, Fill, Landmark, Turn, Upload
from tests.browser.driving import files, goes, heading, open_driving, signs_in
from tests.browser.site import HEAD, Site

PAPER = Element("button", "Paper")
FORM = f"""{HEAD}<main><h1>Review</h1><p>Zebulon Canaryman</p>
<form method=post action=/file enctype=multipart/form-data><label>Note <input name=note></label>
<label>Paper <input type=file name=paper></label><button>Submit</button></form></main>"""
ON_FORM = Landmark("review", "/form", frozenset({("textbox", "Note"), ("button", "Paper"), ("button", "Submit")}))


async def die(url: str) -> None:
    site = Site(port=int(url.rpartition(":")[2]))
    async with open_driving(os.environ) as browser, browser.conversation(browser.link(site)) as hold:
        await hold.turn(goes(site, "/", heading("Sign in")))
        await hold.turn(signs_in(site))
        await hold.turn(goes(site, "/report"))
        await hold.turn(goes(site, "/form", heading("Review")))
        await hold.turn(Turn((Click(Element("textbox", "Note")),), ()))
        paper = Upload(PAPER, "canary-note-77.txt", "text/plain", b"canary-note-77 " * 200_000)
        await hold.turn(files(Fill(Element("textbox", "Note"), "Zebulon Canaryman"), paper, on=ON_FORM, deadline=60.0))


if __name__ == "__main__":
    asyncio.run(die(sys.argv[1]))
