"""Shapes of the response bodies, limits, error messages and routes of the API, each stated once.

A shape maps each field to the kind of its value; the kinds are predicates in shared/test.js. A list
of one shape stands for any number of such values.
"""

# Optional texts that every user and profile has, with their maximum lengths in characters. A line
# here adds a field to all shapes and to the requests that test its limit.
OPTIONAL_TEXTS = {
    "bio": 4096,
    "image": 2048,
}
UNSET_TEXTS = dict.fromkeys(OPTIONAL_TEXTS)

_texts = dict.fromkeys(OPTIONAL_TEXTS, "textOrNull")
PROFILE = {"username": "text", **_texts, "following": "boolean"}
USER = {"username": "text", "email": "text", **_texts, "token": "text"}
COMMENT = {"id": "id", "body": "text", "createdAt": "time", "updatedAt": "time", "author": PROFILE}
LISTED_ARTICLE = {
    "slug": "slug",
    "title": "text",
    "description": "text",
    "tagList": "sortedTexts",
    "createdAt": "time",
    "updatedAt": "time",
    "favorited": "boolean",
    "favoritesCount": "count",
    "author": PROFILE,
}
ARTICLE = {**LISTED_ARTICLE, "body": "text"}

RESPONSES = {
    "user": {"user": USER},
    "profile": {"profile": PROFILE},
    "article": {"article": ARTICLE},
    "articles": {"articles": [LISTED_ARTICLE], "articlesCount": "count"},
    "comment": {"comment": COMMENT},
    "comments": {"comments": [COMMENT]},
    "tags": {"tags": ["text"]},
}

BLANK = "can't be blank"
NULL = "can't be null"
INVALID = "is invalid"
TAKEN = "has already been taken"
NOT_JSON = "is not valid JSON"
NOT_FOUND = "not found"
FORBIDDEN = "forbidden"
MISSING = "is missing"
TOO_LARGE = "is too large"
NOT_ALLOWED = "not allowed"


def too_short(minimum: int) -> str:
    return f"is too short (minimum is {minimum} characters)"


def too_long(maximum: int) -> str:
    return f"is too long (maximum is {maximum} characters)"


# Methods of each route, in the order of the Allow header's tests.
ROUTES = {
    "/users": ["POST"],
    "/users/login": ["POST"],
    "/user": ["GET", "PUT"],
    "/profiles/{username}": ["GET"],
    "/profiles/{username}/follow": ["POST", "DELETE"],
    "/articles": ["GET", "POST"],
    "/articles/feed": ["GET"],
    "/articles/{slug}": ["GET", "PUT", "DELETE"],
    "/articles/{slug}/comments": ["GET", "POST"],
    "/articles/{slug}/comments/{id}": ["DELETE"],
    "/articles/{slug}/favorite": ["POST", "DELETE"],
    "/tags": ["GET"],
}
