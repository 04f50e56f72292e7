"""Deletion of an article."""

from actions import create_article
from checks import article, articles, comment, comments, equal, error, no_content, tags
from collection import delete, folder, get, post, put
from contract import FORBIDDEN, NOT_FOUND

DOOMED = "/articles/{{doomedSlug}}"
IS_ABSENT = error(404, article=NOT_FOUND)

DELETE = folder(
    "Delete an article",
    "Comments, favorites and tag links are deleted with the article.",
    create_article(
        "Create an article to delete",
        {"title": "Doomed {{run}}", "tagList": ["doomed-{{run}}"]},
        article(201, slug="doomed-{{run}}"),
        save={"doomedSlug": "article.slug"},
    ),
    post(
        "Bob comments on the article",
        f"{DOOMED}/comments",
        {"comment": {"body": "Why?"}},
        comment(201, body="Why?"),
        by="bob",
        save={"doomedComment": "comment.id"},
    ),
    post(
        "Bob favorites the article",
        f"{DOOMED}/favorite",
        None,
        article(200, favorited=True, favoritesCount=1),
        by="bob",
    ),
    delete("Bob cannot delete the article of Amy", DOOMED, error(403, article=FORBIDDEN), by="bob"),
    delete("Amy deletes the article", DOOMED, no_content(), by="amy", body="a body is ignored here"),
    get("The deleted article is not found", DOOMED, IS_ABSENT),
    delete("Delete the article again", DOOMED, IS_ABSENT, by="amy"),
    put("Update the deleted article", DOOMED, {"article": {"body": "Come back"}}, IS_ABSENT, by="amy"),
    get("Read the comments of the deleted article", f"{DOOMED}/comments", IS_ABSENT),
    delete("Delete a comment of the deleted article", DOOMED + "/comments/{{doomedComment}}", IS_ABSENT, by="bob"),
    get(
        "The deleted article is not among the favorites",
        "/articles?favorited=Bob-{{run}}&tag=doomed-{{run}}",
        articles([], 0),
    ),
    get("The deleted article is not in the list of its tag", "/articles?tag=doomed-{{run}}", articles([], 0)),
    get(
        "A tag without articles is not listed",
        "/tags",
        tags(),
        equal("the tag of the deleted article is absent", "body.tags.includes('doomed-' + run)", False),
    ),
    create_article(
        "A new article may reuse the title and the slug",
        {"title": "Doomed {{run}}"},
        article(201, slug="doomed-{{run}}", tagList=[], favoritesCount=0),
    ),
    get("The new article has no comments", "/articles/doomed-{{run}}/comments", comments([]), by="bob"),
    get(
        "The new article is not a favorite of Bob",
        "/articles/doomed-{{run}}",
        article(200, favorited=False, favoritesCount=0),
        by="bob",
    ),
)
