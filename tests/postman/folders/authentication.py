"""Authentication, and the order in which errors take precedence."""

from actions import ABSENT, ABSENT_ARTICLE, AMY, DRAGON, NEW_ARTICLE, NOT_A_TOKEN
from checks import article, articles, comments, error, profile, tags
from collection import delete, folder, get, post, put, request
from contract import BLANK, FORBIDDEN, INVALID, MISSING, NOT_FOUND, NOT_JSON

TOKEN_MISSING = error(401, token=MISSING)
TOKEN_INVALID = error(401, token=INVALID)
TRUNCATED = '{"article": {'

PROTECTED = [
    ("Read the current user", "GET", "/user", None),
    ("Update the user", "PUT", "/user", {"user": {"bio": "x"}}),
    ("Follow", "POST", f"/profiles/{AMY}/follow", None),
    ("Unfollow", "DELETE", f"/profiles/{AMY}/follow", None),
    ("Read the feed", "GET", "/articles/feed", None),
    ("Create an article", "POST", "/articles", {"article": NEW_ARTICLE}),
    ("Update an article", "PUT", DRAGON, {"article": {"body": "x"}}),
    ("Delete an article", "DELETE", DRAGON, None),
    ("Favorite", "POST", f"{DRAGON}/favorite", None),
    ("Unfavorite", "DELETE", f"{DRAGON}/favorite", None),
    ("Comment", "POST", f"{DRAGON}/comments", {"comment": {"body": "x"}}),
    ("Delete a comment", "DELETE", DRAGON + "/comments/{{cleoComment}}", None),
]


def protected(suffix, check, **options):
    return [
        request(method, f"{name} {suffix}", path, check, body=body, **options) for name, method, path, body in PROTECTED
    ]


def with_header(name, path, value, *checks, **options):
    return get(name, path, *checks, headers={"Authorization": value}, **options)


def forged(name, parts, token):
    """A token made from `head`, `claims` and `signature` of Amy's token."""
    before = f"const [head, claims, signature] = saved('amyToken').split('.');\n{parts}".strip()
    return with_header(name, "/user", "Token {{forged}}", TOKEN_INVALID, before=before, local={"forged": token})


AUTHENTICATION = folder(
    "Authentication",
    "Routes that require a token, invalid tokens, and invalid tokens on public routes.",
    folder(
        "Without a token",
        "Every protected route reports the missing token.",
        protected("without a token", TOKEN_MISSING),
    ),
    folder(
        "With an invalid token",
        "Every protected route reports the invalid token.",
        protected("with an invalid token", TOKEN_INVALID, headers=NOT_A_TOKEN),
    ),
    folder(
        "Invalid tokens",
        "Malformed, unsigned and wrongly signed tokens.",
        with_header("A scheme without a token", "/user", "Token", TOKEN_INVALID),
        with_header("A token without a scheme", "/user", "{{amyToken}}", TOKEN_INVALID),
        with_header("An unknown scheme", "/user", "Basic YW15OmNvcnJlY3QgaG9yc2U=", TOKEN_INVALID),
        with_header("Two tokens in one header", "/user", "Token {{amyToken}} {{bobToken}}", TOKEN_INVALID),
        forged("A token without its signature", "", "`${head}.${claims}.`"),
        forged(
            'A token with the algorithm "none"',
            """const none = btoa('{"alg":"none","typ":"JWT"}').replace(/=+$/, '');""",
            "`${none}.${claims}.`",
        ),
        forged("A token with a wrong signature", "", "[head, claims, [...signature].reverse().join('')].join('.')"),
        forged(
            "The claims of Amy with the signature of Bob",
            "",
            "[head, claims, saved('bobToken').split('.')[2]].join('.')",
        ),
    ),
    folder(
        "Invalid tokens on public routes",
        "The reader is anonymous.",
        get("Read an article", DRAGON, article(200, favorited=False, author={"following": False}), headers=NOT_A_TOKEN),
        with_header(
            "List articles",
            "/articles?tag=colour-{{run}}",
            "Bearer not.a.token",
            articles(["Violet", "Blue", "Green", "Red"], 4, favorited=[False] * 4, following=[False] * 4),
        ),
        with_header(
            "Read comments", f"{DRAGON}/comments", "not even a scheme", comments(["I <b>agree</b>.", "Thank you, Bob."])
        ),
        with_header(
            "Read a profile",
            f"/profiles/{AMY}",
            "Token",
            profile(200, username=AMY, bio="I train dragons", image=None, following=False),
        ),
        get("List tags", "/tags", tags(), headers=NOT_A_TOKEN),
    ),
)

PRECEDENCE = folder(
    "Precedence of errors",
    "Authentication (401), then validation (422), then existence (404), then permission (403).",
    post("A missing token before malformed JSON", "/articles", TRUNCATED, TOKEN_MISSING),
    post("An invalid token before malformed JSON", "/articles", TRUNCATED, TOKEN_INVALID, headers=NOT_A_TOKEN),
    put("A missing token before blank fields", "/user", {"user": {"username": ""}}, TOKEN_MISSING),
    get("A missing token before an invalid limit", "/articles/feed?limit=0", TOKEN_MISSING),
    delete("A missing token before an unknown article", ABSENT_ARTICLE, TOKEN_MISSING),
    post("A missing token before an unknown profile", f"/profiles/{ABSENT}/follow", None, TOKEN_MISSING),
    delete("A missing token before an invalid comment id", f"{DRAGON}/comments/first", TOKEN_MISSING),
    put("Malformed JSON before an unknown article", ABSENT_ARTICLE, TRUNCATED, error(422, body=NOT_JSON), by="amy"),
    put(
        "A blank field before an unknown article",
        ABSENT_ARTICLE,
        {"article": {"title": ""}},
        error(422, title=BLANK),
        by="amy",
    ),
    put(
        "A blank field before missing permission", DRAGON, {"article": {"title": ""}}, error(422, title=BLANK), by="bob"
    ),
    put(
        "A valid update of an unknown article",
        ABSENT_ARTICLE,
        {"article": {"title": "Mine"}},
        error(404, article=NOT_FOUND),
        by="bob",
    ),
    put(
        "A valid update of another user's article",
        DRAGON,
        {"article": {"title": "Mine"}},
        error(403, article=FORBIDDEN),
        by="bob",
    ),
    delete("Delete another user's article", DRAGON, error(403, article=FORBIDDEN), by="bob"),
)
