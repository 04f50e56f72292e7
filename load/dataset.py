"""The standard data set: its sizes, and how it comes into an empty, migrated database."""

from pathlib import Path

SIZES = {"users": 2_000, "articles": 20_000, "comments": 60_000, "favorites": 100_000, "follows": 40_000}
TAGS = 200
# User n is called 10,000,000 + n, so are article n's slug and tag n: pgbench draws numbers and cannot put words around them.
NAMES = 10_000_000
READERS = 200  # users 1 to 200 read with a token
PASSWORD = "correct horse battery staple"
SENTENCE = "Some words of a body. "
BODY = SENTENCE * 55  # 1.2 KB


def grown(articles):
    """The sizes of a data set with so many articles, the rest in proportion."""
    return {name: size * articles // SIZES["articles"] for name, size in SIZES.items()}


def script(engine, sizes):
    """The SQL for an engine. User 1 must have registered through the API: the others get a copy of that password's hash.

    Facts alone are written, past the triggers, which are made for one row at a time: `conduit doctor --repair` derives the rest.
    """
    text = (Path(__file__).parent / f"dataset.{engine}.sql").read_text()
    for name, size in {**sizes, "names": NAMES}.items():
        text = text.replace(f":{name}", str(size))
    return text


# One column per table of SIZES, in that order, to see that the data set is what it says.
COUNTS = "select " + ", ".join(f"(select count(*) from {table})" for table in SIZES)
