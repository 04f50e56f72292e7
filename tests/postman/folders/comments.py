"""Comments."""

from actions import ABSENT_ARTICLE, AMY, BOB, CLEO, DRAGON, malformed_bodies
from checks import comment, comments, error, no_content, some_error
from collection import delete, folder, get, post
from contract import BLANK, FORBIDDEN, INVALID, NOT_FOUND

BODIES = ["I <b>agree</b>.", "Thank you, Bob.", "Great article!"]  # newest first
COMMENTS_PATH = f"{DRAGON}/comments"
NO_ARTICLE = error(404, article=NOT_FOUND)
NO_COMMENT = error(404, comment=NOT_FOUND)


def send_comment(name, body, *checks, **options):
    return post(name, COMMENTS_PATH, body, *checks, **{"by": "bob", **options})


def add_comment(username, body):
    first_name = username.split("-")[0]
    return send_comment(
        f"{first_name} comments",
        {"comment": {"body": body}},
        comment(201, body=body, author={"username": username, "following": False}),
        by=first_name.lower(),
        save={f"{first_name.lower()}Comment": "comment.id"},
    )


def invalid_comment(name, value, check):
    return send_comment(name, {"comment": {"body": value}}, check)


def delete_comment(name, comment_id, check, by):
    return delete(name, f"{COMMENTS_PATH}/{comment_id}", check, by=by)


COMMENTS = folder(
    "Comments",
    "Newest first. A comment is deleted by its author only.",
    get("A new article has no comments", COMMENTS_PATH, comments([])),
    add_comment(BOB, BODIES[2]),
    add_comment(AMY, BODIES[1]),
    add_comment(CLEO, BODIES[0]),
    get(
        "An anonymous reader sees the comments",
        COMMENTS_PATH,
        comments(BODIES, id=["{{cleoComment}}", "{{amyComment}}", "{{bobComment}}"], following=[False] * 3),
    ),
    get(
        "Bob sees which of the authors he follows",
        COMMENTS_PATH,
        comments(BODIES, following=[False, True, False]),
        by="bob",
    ),
    post(
        "A long comment is accepted",
        "/articles/{{violetSlug}}/comments",
        {"comment": {"body": "{{body}}", "id": 1}},
        comment(201, body="{{body}}"),
        by="cleo",
        local={"body": "'word '.repeat(5000) + 'end'"},
        save={"violetComment": "comment.id"},
    ),
    send_comment("Comment without a body", {"comment": {}}, error(422, body=BLANK)),
    invalid_comment("Comment with an empty text", "", error(422, body=BLANK)),
    invalid_comment("Comment with white space only", " \n\t ", error(422, body=BLANK)),
    invalid_comment("Comment with null", None, error(422, body=BLANK)),
    invalid_comment("Comment with a number", 5, error(422, body=INVALID)),
    invalid_comment("Comment with a NUL in the text", "a\0b", some_error()),
    malformed_bodies("Comment", "comment", send_comment, {"body": "Never stored"}),
    send_comment(
        "Comment with a duplicate field", '{"comment": {"body": "one", "body": "two"}}', error(422, body=INVALID)
    ),
    post(
        "Comment on an unknown article",
        f"{ABSENT_ARTICLE}/comments",
        {"comment": {"body": "Hello?"}},
        NO_ARTICLE,
        by="bob",
    ),
    get("Read the comments of an unknown article", f"{ABSENT_ARTICLE}/comments", NO_ARTICLE),
    delete_comment("Bob cannot delete the comment of Cleo", "{{cleoComment}}", error(403, comment=FORBIDDEN), by="bob"),
    delete_comment(
        "The author of the article cannot delete the comment of Cleo",
        "{{cleoComment}}",
        error(403, comment=FORBIDDEN),
        by="amy",
    ),
    delete_comment("A comment of another article is not found", "{{violetComment}}", NO_COMMENT, by="cleo"),
    delete_comment(
        "A comment of another article is not found by other users", "{{violetComment}}", NO_COMMENT, by="bob"
    ),
    delete_comment("An unknown comment id", "9007199254740991", NO_COMMENT, by="bob"),
    delete_comment("A comment id that is a word", "first", NO_COMMENT, by="bob"),
    delete_comment("A comment id that is a fraction", "1.5", NO_COMMENT, by="bob"),
    delete_comment("A negative comment id", "-1", NO_COMMENT, by="bob"),
    delete_comment("A comment id beyond any integer type", "99999999999999999999", NO_COMMENT, by="bob"),
    delete("Delete a comment of an unknown article", ABSENT_ARTICLE + "/comments/{{bobComment}}", NO_ARTICLE, by="bob"),
    delete(
        "An unknown article takes precedence over an unknown comment",
        f"{ABSENT_ARTICLE}/comments/first",
        NO_ARTICLE,
        by="bob",
    ),
    get("Rejected requests have changed nothing", COMMENTS_PATH, comments(BODIES)),
    delete_comment("Bob deletes his comment", "{{bobComment}}", no_content(), by="bob"),
    delete_comment("The deleted comment is not found", "{{bobComment}}", NO_COMMENT, by="bob"),
    get("The other comments remain", COMMENTS_PATH, comments(BODIES[:2]), by="bob"),
)
