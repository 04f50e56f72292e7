"""Favorites."""

from actions import ABSENT_ARTICLE, CLEO, DRAGON
from checks import article, articles, error
from collection import delete, folder, get, post, put
from contract import NOT_FOUND

FAVORITE = f"{DRAGON}/favorite"


def dragon(favorited, count):
    return article(200, slug="{{dragonSlug}}", favorited=favorited, favoritesCount=count)


FAVORITES = folder(
    "Favorites",
    "`favorited` is relative to the reader, `favoritesCount` is the same for all readers.",
    post("Cleo favorites the article", FAVORITE, None, dragon(True, 1), by="cleo"),
    post("A second favorite has no further effect", FAVORITE, None, dragon(True, 1), by="cleo"),
    post("Bob favorites the article", FAVORITE, "a body is ignored here", dragon(True, 2), by="bob"),
    post("Amy favorites her own article", FAVORITE, None, dragon(True, 3), by="amy"),
    get("Cleo sees the article as a favorite", DRAGON, dragon(True, 3), by="cleo"),
    get("An anonymous reader has no favorites", DRAGON, dragon(False, 3)),
    put(
        "An update of the article keeps its favorites",
        DRAGON,
        {"article": {"body": "It takes friends."}},
        dragon(True, 3),
        by="amy",
    ),
    delete("Amy unfavorites the article", FAVORITE, dragon(False, 2), by="amy"),
    delete("A second unfavorite has no further effect", FAVORITE, dragon(False, 2), by="amy"),
    get(
        "The list of Cleo's favorites contains the article",
        f"/articles?favorited={CLEO}",
        articles(["Dragons, Revisited {{run}}"], 1, favorited=[True], favoritesCount=[2]),
        by="cleo",
    ),
    delete("Cleo unfavorites the article", FAVORITE, dragon(False, 1), by="cleo"),
    get("The list of Cleo's favorites is empty", f"/articles?favorited={CLEO}", articles([], 0), by="cleo"),
    post("Favorite an unknown article", f"{ABSENT_ARTICLE}/favorite", None, error(404, article=NOT_FOUND), by="cleo"),
    delete("Unfavorite an unknown article", f"{ABSENT_ARTICLE}/favorite", error(404, article=NOT_FOUND), by="cleo"),
)
