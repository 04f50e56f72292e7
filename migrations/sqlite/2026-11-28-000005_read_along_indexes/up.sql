-- Covering indexes.

-- Tags in the order of their list, the most used first: sorting them takes longer than reading
-- them.
create index tags_by_use on tags (articles_count desc, name);

-- The columns that lists return of an author's articles, stored together: the articles themselves
-- are scattered across the file. The index is several times as large as articles_by_author, which
-- remains for the feed, because the feed reads many more entries than it returns.
create index articles_listed_by_author on articles (
    author_id, id desc, slug, title, description, tag_list, created_at, updated_at, favorites_count
);
