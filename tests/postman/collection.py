"""Requests and folders in Postman's collection format (v2.1)."""

import json
import unicodedata
from typing import Any

Json = Any


def folder(name: str, description: str, *items: Json) -> Json:
    """Returns a folder of requests and folders; lists among `items` are flattened."""
    return {"name": name, "description": description, "item": list(_flatten(items))}


def request(
    method: str,
    name: str,
    path: str,
    *checks: str | list[str],
    body: Json = None,
    by: str | None = None,
    headers: dict[str, str] | None = None,
    local: dict[str, str] | None = None,
    before: str = "",
    save: dict[str, str] | None = None,
    about: str = "",
    content_type: bool = True,
) -> Json:
    """Returns a request with its scripts.

    checks: statements of the test script, as the functions of `checks` return them
    body: JSON, or a string that is sent as it is
    by: user whose token is sent; a request that sets `{{amyToken}}` comes before `by="amy"`
    local: JavaScript expressions for variables that only this request uses
    before: JavaScript that runs before `local` is evaluated
    save: variables for later requests, with the paths of their values in the response body
    content_type: whether Postman adds the Content-Type header that it derives from the body
    """
    sent = {**({"Authorization": f"Token {{{{{by}Token}}}}"} if by else {}), **(headers or {})}
    scripts = [("prerequest", _setup(before, local or {})), ("test", _test(checks, save or {}))]
    item: Json = {
        "name": name,
        "event": [script(listen, source) for listen, source in scripts if source],
        "request": {
            "method": method,
            "header": [{"key": key, "value": value} for key, value in sent.items()],
            "url": f"{{{{APIURL}}}}{path}",
        },
        "response": [],
    }
    if body is not None:
        raw = body if isinstance(body, str) else body_text(body)
        item["request"]["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    if about:
        item["request"]["description"] = about
    if not content_type:
        item["protocolProfileBehavior"] = {"disabledSystemHeaders": {"content-type": True}}
    return item


def get(name: str, path: str, *checks: str | list[str], **options: Any) -> Json:
    return request("GET", name, path, *checks, **options)


def delete(name: str, path: str, *checks: str | list[str], **options: Any) -> Json:
    return request("DELETE", name, path, *checks, **options)


def post(name: str, path: str, body: Json, *checks: str | list[str], **options: Any) -> Json:
    return request("POST", name, path, *checks, body=body, **options)


def put(name: str, path: str, body: Json, *checks: str | list[str], **options: Any) -> Json:
    return request("PUT", name, path, *checks, body=body, **options)


def script(listen: str, source: str) -> Json:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": source.splitlines()}}


def javascript(value: Json) -> str:
    """Returns a literal; JSON is a subset of JavaScript. A long value gets a line per field."""
    line = json.dumps(value, ensure_ascii=False)
    return line if len(line) <= 100 else json.dumps(value, ensure_ascii=False, indent=2)


def body_text(value: Json) -> str:
    """Returns JSON that escapes invisible characters and what UTF-8 cannot encode."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)


def _setup(before: str, local: dict[str, str]) -> str:
    variables = [f"pm.variables.set({javascript(name)}, {value});" for name, value in local.items()]
    return "\n".join([before, *variables]).strip()


def _test(checks: Any, save: dict[str, str]) -> str:
    # Postman drops variables that a function of the shared script sets, hence a statement for each.
    variables = [
        f"pm.collectionVariables.set({javascript(name)}, body.{path.replace('.', '?.')});"
        for name, path in save.items()
    ]
    return "\n".join([*_flatten(checks), *variables])


def _flatten(items: Any) -> Any:
    for item in items:
        if isinstance(item, (list, tuple)):
            yield from _flatten(item)
        else:
            yield item
