"""Routing, limits and cross-origin requests."""

from actions import ABSENT_ARTICLE, AMY, DRAGON, NEW_ARTICLE, log_in, register
from checks import allows, error, preflight, readable_from_any_origin, tags, user
from collection import delete, folder, get, post, request
from contract import FORBIDDEN, INVALID, MISSING, NOT_ALLOWED, NOT_FOUND, NOT_JSON, ROUTES, TAKEN, TOO_LARGE

NO_ROUTE = error(404, route=NOT_FOUND)
METHOD_NOT_ALLOWED = error(405, method=NOT_ALLOWED)
BODY_TOO_LARGE = error(413, body=TOO_LARGE)
TOO_LARGE_TEXT = {"huge": "'x'.repeat(saved('bodyLimit'))"}
ORIGIN = {"Origin": "http://localhost:3000"}


def path_of(route):
    slug_filled = route.replace("/articles/{slug}", DRAGON)
    return slug_filled.replace("{username}", AMY).replace("{id}", "{{cleoComment}}")


def patch(route, methods):
    return request(
        "PATCH",
        f"PATCH {route} is not allowed",
        path_of(route),
        METHOD_NOT_ALLOWED,
        allows(*methods),
        body={},
        by="amy",
    )


ROUTING = folder(
    "Routing and limits",
    "Errors of the router and of the limits have the common shape.",
    get("An unknown path", "/nothing", NO_ROUTE),
    get("An unknown path below an article", f"{DRAGON}/nothing", NO_ROUTE),
    request("PATCH", "An unknown path with an unknown method", "/nothing", NO_ROUTE),
    post("An unknown path with a body", "/nothing/at/all", '{"no JSON', NO_ROUTE),
    get("An unknown article", ABSENT_ARTICLE, error(404, article=NOT_FOUND)),
    delete('"feed" is never a slug', "/articles/feed", METHOD_NOT_ALLOWED, allows("GET"), by="amy"),
    [patch(route, methods) for route, methods in ROUTES.items()],
    register(
        "Register with too large a body",
        {"username": "{{huge}}"},
        BODY_TOO_LARGE,
        local=TOO_LARGE_TEXT,
        about="The collection variable `bodyLimit` equals the limit of the server in bytes.",
    ),
    post(
        "Create an article with too large a body",
        "/articles",
        {"article": {**NEW_ARTICLE, "body": "{{huge}}"}},
        BODY_TOO_LARGE,
        by="amy",
        local=TOO_LARGE_TEXT,
    ),
    post(
        "Comment with too large a body",
        f"{DRAGON}/comments",
        {"comment": {"body": "{{huge}}"}},
        BODY_TOO_LARGE,
        by="amy",
        local=TOO_LARGE_TEXT,
    ),
)


def preflight_of(method, route):
    headers = {
        **ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return request("OPTIONS", f"Preflight of {method} {route}", path_of(route), preflight(method), headers=headers)


READABLE = readable_from_any_origin()

CORS = folder(
    "Cross-origin requests",
    "Every route has a preflight response. Other origins may read responses and errors.",
    [preflight_of(method, route) for route, methods in ROUTES.items() for method in methods],
    get("A public response", "/tags", tags(), READABLE, headers=ORIGIN),
    get("A response to an authenticated user", "/user", user(200, username=AMY), READABLE, by="amy", headers=ORIGIN),
    get("A missing token, 401", "/user", error(401, token=MISSING), READABLE, headers=ORIGIN),
    log_in(
        "Wrong credentials, 401",
        {"email": "unknown-{{run}}@mail.com"},
        error(401, credentials="invalid"),
        READABLE,
        headers=ORIGIN,
    ),
    delete("Missing permission, 403", DRAGON, error(403, article=FORBIDDEN), READABLE, by="bob", headers=ORIGIN),
    get("An unknown article, 404", ABSENT_ARTICLE, error(404, article=NOT_FOUND), READABLE, headers=ORIGIN),
    get("An unknown route, 404", "/nothing", NO_ROUTE, READABLE, headers=ORIGIN),
    request("PATCH", "A method that is not allowed, 405", "/tags", METHOD_NOT_ALLOWED, READABLE, headers=ORIGIN),
    register(
        "A conflict, 409",
        {"username": AMY, "email": "other-{{run}}@mail.com"},
        error(409, username=TAKEN),
        READABLE,
        headers=ORIGIN,
    ),
    register(
        "Too large a body, 413",
        {"username": "{{huge}}"},
        BODY_TOO_LARGE,
        READABLE,
        local=TOO_LARGE_TEXT,
        headers=ORIGIN,
    ),
    post("Malformed JSON, 422", "/users", '{"user": {', error(422, body=NOT_JSON), READABLE, headers=ORIGIN),
    get("An invalid limit, 422", "/articles?limit=0", error(422, limit=INVALID), READABLE, headers=ORIGIN),
)
