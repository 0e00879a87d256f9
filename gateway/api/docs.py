"""The page at /docs: the OpenAPI document for people. Rendered on the server, once; no script, nothing from elsewhere.

Knows the document and nothing behind it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

Json = Mapping[str, Any]

_COMMONMARK = MarkdownIt("commonmark", {"html": False})


def render(document: Json) -> tuple[bytes, str]:
    """The page, and the Content-Security-Policy that lets its one style sheet in and nothing else."""
    environment = Environment(
        loader=PackageLoader("gateway.api", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(prose=prose, pretty=pretty)
    style, _, _ = environment.loader.get_source(environment, "docs.css")  # type: ignore[union-attr]
    page = environment.get_template("docs.html").render(
        document=document,
        style=Markup(style),  # noqa: S704 - our own file
        groups=_groups(document),
        schemas=[_schema(name, schema) for name, schema in document["components"]["schemas"].items()],
        problems=document["components"]["examples"],
    )
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    return page.encode(), policy


def prose(text: str) -> Markup:
    """A description as HTML; OpenAPI writes them in CommonMark. HTML in it is shown, not obeyed."""
    return Markup(_COMMONMARK.render(text))  # noqa: S704 - rendered with html off


def pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _groups(document: Json) -> list[Json]:
    groups: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            groups[operation["tags"][0]].append(_operation(document, path, method.upper(), operation))
    groups["what webhooks receive"] = [
        _operation(document, "your endpoint", method.upper(), operation)
        for methods in document["webhooks"].values()
        for method, operation in methods.items()
    ]
    return [{"name": name, "operations": operations} for name, operations in groups.items()]


def _operation(document: Json, path: str, method: str, operation: Json) -> Json:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    goods, bads = [], []
    for status, answer in operation["responses"].items():
        content: Json = answer.get("content", {})
        media_type = next(iter(content), "")
        shown = content.get(media_type, {})
        entry = {
            "status": status,
            "what": answer["description"],
            "media_type": media_type,
            "type": _type(shown["schema"]) if "schema" in shown else None,
            "example": shown.get("example"),
            "headers": {name: head for name, head in answer.get("headers", {}).items() if name != "X-Request-Id"},
        }
        if media_type == "application/problem+json":
            for slug in shown["examples"]:
                bads.append({"status": status, "slug": slug, **document["components"]["examples"][slug]})
        else:
            goods.append(entry)
    scopes = [scope for need in operation.get("security", []) for scope in need.get("key", [])]
    return {
        "id": operation["operationId"],
        "path": path,
        "method": method,
        "summary": operation["summary"],
        "about": operation.get("description", ""),
        "scope": scopes[0] if scopes else None,
        "open": operation.get("security") == [],
        "parameters": [
            {
                "about": part.get("description", ""),
                "name": part["name"],
                "place": part["in"],
                "required": part["required"],
                "type": _type(part["schema"]),
                "limits": "; ".join(_limits(part["schema"])),
            }
            for part in operation.get("parameters", [])
        ],
        "body": _type(body["schema"]) if body else None,
        "fields": _fields(_resolve(document, body["schema"])) if body else [],
        "example": body.get("example") if body else None,
        "goods": goods,
        "bads": bads,
        "curl": _curl(path, method, operation) if operation.get("security") else None,
    }


def _curl(path: str, method: str, operation: Json) -> str:
    words = ["curl"] if method == "GET" else [f"curl -X {method}"]
    words.append(f"http://localhost:8080{path}")
    words.append("-H 'Authorization: Bearer pgw_test_…'")
    keyed = any(part["name"] == "Idempotency-Key" for part in operation.get("parameters", []))
    if keyed:
        words.append('-H "Idempotency-Key: $KEY"')
    if "requestBody" in operation:
        words.append("-H 'Content-Type: application/json'")
        words.append("-d @body.json")
    once = "KEY=$(uuidgen)  # once for this act: repeat the call with the same key\n" if keyed else ""
    return once + " \\\n  ".join(words)


def _schema(name: str, schema: Json) -> Json:
    about, words = schema.get("description", ""), schema.get("enum", [])
    return {"name": name, "about": about, "words": words, "fields": _fields(schema)}


def _resolve(document: Json, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return found


def _fields(schema: Json) -> list[Json]:
    return [
        {
            "name": name,
            "type": _type(shape),
            "required": name in schema.get("required", []),
            "about": shape.get("description", ""),
            "limits": "; ".join(_limits(shape)),
        }
        for name, shape in schema.get("properties", {}).items()
    ]


def _type(shape: Json) -> Markup:
    """A type as text, with a link where it is a schema of the document."""
    if "$ref" in shape:
        name = shape["$ref"].rsplit("/", 1)[1]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in shape:
            return Markup(" or ").join(_type(part) for part in shape[union])
    if "enum" in shape:
        return Markup(" | ").join(Markup("<code>{}</code>").format(word) for word in shape["enum"])
    if "const" in shape:
        return Markup("<code>{}</code>").format(shape["const"])
    kind = shape.get("type", "anything")
    if kind == "array":
        inner = shape.get("items") or {"type": "anything"}
        return Markup("list of {}").format(_type(inner))
    if kind == "object" and isinstance(shape.get("additionalProperties"), dict):
        return Markup("map to {}").format(_type(shape["additionalProperties"]))
    return Markup("{} ({})").format(kind, shape["format"]) if "format" in shape else escape(kind)


_WORDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minimum": "from {}",
    "maximum": "to {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "pattern": "pattern {}",
    "default": "default {}",
}


def _limits(shape: Json) -> Iterator[str]:
    options: Iterable[Json] = [shape, *(part for part in shape.get("anyOf", []) if part.get("type") != "null")]
    for option in options:
        for key, words in _WORDS.items():
            value = option.get(key)
            if value is not None and not isinstance(value, list | dict):
                yield words.format(json.dumps(value, ensure_ascii=False) if key == "default" else value)
