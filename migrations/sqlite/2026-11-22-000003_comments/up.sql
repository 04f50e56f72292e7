-- Comments on articles.

create table comments (
    -- Autoincrement: the id of a deleted comment is not used again.
    id         integer primary key autoincrement,
    article_id integer not null references articles on delete cascade,
    author_id  integer not null references users on delete cascade,
    created_at integer not null,
    body       text not null
) strict;

-- The comments on an article, most recent first.
create index comments_by_article on comments (article_id, id desc);
create index comments_by_author on comments (author_id);
