"""The demonstration's practice: submits requests, sends what payers ask for, and reads what they said.

It speaks HTTP to the gateway, as any caller does.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp

from gateway.main.demo_journeys import Given, Journey

_REQUESTS = Path(__file__).parent / "demo_requests"
_KINDS = ("date", "moment", "number", "text")


class Practice:
    """``session`` shows the API key of the gateway at ``url``."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/v1/requests"

    async def submit(self, journey: Journey) -> None:
        body = json.loads((_REQUESTS / f"{journey.name}.json").read_bytes())
        body["reference"] = f"{body['reference']}-{os.urandom(3).hex()}"
        headers = {"Idempotency-Key": body["reference"]}
        async with self._session.post(self._url, json=body, headers=headers) as response:
            response.raise_for_status()
            journey.case_id = (await response.json())["id"]

    async def help(self, journey: Journey) -> None:
        """Give the payer what it asks for: answers to its questions, else documents."""
        rounds = (await self._get(journey, "/questions"))["data"]
        for asked in rounds:
            await self._answer(journey, asked)
        if not rounds:
            await self._send_documents(journey)

    async def _answer(self, journey: Journey, asked: Mapping[str, Any]) -> None:
        """Take the answers that the gateway proposes, and look up what it asks besides, until the round is complete."""
        answers = {answer["question"]: answer for answer in asked["proposed"]}
        walk = asked["walk"]
        while True:
            wanting = [question for question in walk["next"] if question["id"] not in answers]
            for question in wanting:
                if question["text"] not in journey.answers:
                    return  # Nobody knows; the journey does not arrive, and that is told.
                answers[question["id"]] = {"question": question["id"], **journey.answers[question["text"]]}
            body = {"round": asked["round"], "questions": [*answers.values()], "submit": True}
            status, walk = await self._post(journey, body)
            if status == 202:
                journey.given += _given(asked["set"], answers)
                return

    async def _send_documents(self, journey: Journey) -> None:
        """Send one synthetic document for each the payer gave a number to."""
        requested = [item for item in (await self._get(journey))["requested"] if item["control_number"]]
        attachments = [
            {
                "id": f"document-{place}",
                "kind": item["kind"],
                "title": f"Synthetic {item['kind'].replace('_', ' ')}",
                "media_type": "text/plain",
                "content": base64.b64encode(f"Synthetic {item['kind']}: no real person.".encode()).decode(),
            }
            for place, item in enumerate(requested, start=1)
        ]
        await self._post(journey, {"attachments": attachments})

    async def read_decision(self, journey: Journey) -> None:
        """Who was asked and what was decided, as GET shows it: numbers, reasons in our words, and the payers' own."""
        case = await self._get(journey)
        journey.asked = tuple(submission["payer"] for submission in case["submissions"])
        numbers = dict.fromkeys(filter(None, (line["authorization_number"] for line in case["lines"])))
        reasons = {reason["word"] for holder in (case, *case["lines"]) for reason in holder["reasons"]}
        words = [f"authorization {', '.join(numbers)}"] if numbers else []
        words += sorted(reasons)
        words += [f'"{message}"' for message in case["messages"]]
        journey.said = "; ".join(words)

    async def _get(self, journey: Journey, path: str = "") -> dict[str, Any]:
        async with self._session.get(f"{self._url}/{journey.case_id}{path}") as response:
            response.raise_for_status()
            told: dict[str, Any] = await response.json()
            return told

    async def _post(self, journey: Journey, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        async with self._session.post(f"{self._url}/{journey.case_id}/answers", json=body) as response:
            response.raise_for_status()
            return response.status, await response.json()


def _given(asked: Mapping[str, Any], answers: Mapping[str, Mapping[str, Any]]) -> Iterator[Given]:
    """The answers that were given, in the order of the questions."""
    for question in asked["questions"]:
        if answer := answers.get(question["id"]):
            choices = {choice["id"]: choice["text"] for choice in question["choices"]}
            words = [choices[chosen["choice"]] for chosen in answer.get("chosen", ())]
            words += [str(answer[kind]) for kind in _KINDS if answer.get(kind) is not None]
            yield Given(question["text"], ", ".join(words), answer.get("taken_from"))
