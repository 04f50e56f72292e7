-- Articles, tags and favorites, with the derived data that reads need.
--
-- The application writes facts: articles with their tags, and favorites. The triggers below
-- maintain the derived data (links to tags, counters) in the same transaction, for every writer.
-- The author of an article and both columns of a favorite never change, and no trigger handles such
-- a change. All triggers lock in one order, so that writers wait but never deadlock: the article,
-- then tags by name, then users by id, then the total.

-- The low 20 bits of article ids.
create sequence article_ids;

create table articles (
    -- Time-ordered: milliseconds since 1970 in the high bits, article_ids in the low 20. The order
    -- by id is therefore the order by creation time, and an index that ends in the id lists the
    -- newest articles first without a column for the time.
    id              bigint primary key,
    slug            text collate "C" not null constraint articles_slug unique,
    title           text not null,
    description     text not null,
    tag_list        text[] not null,
    author_id       bigint not null references users on delete cascade,
    -- Maintained by triggers.
    favorites_count bigint not null default 0,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    body            text not null,
    constraint articles_id_tells_created_at check (id >> 20 = (extract(epoch from created_at) * 1000)::bigint)
);

create index articles_by_author on articles (author_id, id desc);

-- The articles with a tag, newest first. Derived from articles.tag_list.
create table article_tags (
    tag        text collate "C" not null,
    article_id bigint not null references articles on delete cascade,
    primary key (tag, article_id)
);

create index article_tags_by_article on article_tags (article_id);

-- The number of articles with a tag. Rows with zero are not removed.
create table tags (
    name           text collate "C" primary key,
    articles_count bigint not null
);

-- The favorites of a user, newest article first.
create table favorites (
    user_id    bigint not null references users on delete cascade,
    article_id bigint not null references articles on delete cascade,
    primary key (user_id, article_id)
);

create index favorites_by_article on favorites (article_id);

-- The number of all articles is the sum of these rows. With a single row, each author would wait
-- until the commit of another is on disk. A writer uses the slot of its connection, so that two
-- writers conflict only if more than 32 write concurrently.
create table article_totals (
    slot     smallint primary key,
    articles bigint not null
);

insert into article_totals select slot, 0 from generate_series(0, 31) slot;

create function articles_inserted() returns trigger language plpgsql as $$
begin
    insert into article_tags (tag, article_id)
    select tag, added.id from added cross join unnest(added.tag_list) tag;

    perform 1 from users where id in (select author_id from added) order by id for no key update;
    update users set articles_count = articles_count + author.articles
    from (select author_id, count(*) as articles from added group by author_id) author
    where users.id = author.author_id;

    update article_totals set articles = articles + (select count(*) from added)
    where slot = pg_backend_pid() % 32 and exists (select from added);
    return null;
end $$;

create trigger articles_inserted after insert on articles
    referencing new table as added for each statement execute function articles_inserted();

create function articles_deleting() returns trigger language plpgsql as $$
begin
    -- The cascades that follow touch these in an order of their own: lock them in ours first.
    perform 1 from tags where name = any (old.tag_list) order by name for no key update;
    perform 1 from users
    where id = old.author_id or id in (select user_id from favorites where article_id = old.id)
    order by id for no key update;
    return old;
end $$;

create trigger articles_deleting before delete on articles
    for each row execute function articles_deleting();

create function articles_deleted() returns trigger language plpgsql as $$
begin
    update users set articles_count = articles_count - author.articles
    from (select author_id, count(*) as articles from gone group by author_id) author
    where users.id = author.author_id;

    update article_totals set articles = articles - (select count(*) from gone)
    where slot = pg_backend_pid() % 32 and exists (select from gone);
    return null;
end $$;

create trigger articles_deleted after delete on articles
    referencing old table as gone for each statement execute function articles_deleted();

create function articles_retagged() returns trigger language plpgsql as $$
begin
    -- Lock the tags of both lists in one pass, making those that are new.
    insert into tags (name, articles_count)
    select tag, 0 from unnest(old.tag_list || new.tag_list) tag group by tag order by tag
    on conflict (name) do update set articles_count = tags.articles_count;

    delete from article_tags where article_id = new.id and tag <> all (new.tag_list);
    insert into article_tags (tag, article_id) select tag, new.id from unnest(new.tag_list) tag on conflict do nothing;
    return null;
end $$;

create trigger articles_retagged after update of tag_list on articles
    for each row when (old.tag_list is distinct from new.tag_list) execute function articles_retagged();

create function article_tags_inserted() returns trigger language plpgsql as $$
begin
    insert into tags (name, articles_count)
    select tag, count(*) from linked group by tag order by tag
    on conflict (name) do update set articles_count = tags.articles_count + excluded.articles_count;
    return null;
end $$;

create trigger article_tags_inserted after insert on article_tags
    referencing new table as linked for each statement execute function article_tags_inserted();

create function article_tags_deleted() returns trigger language plpgsql as $$
begin
    perform 1 from tags where name in (select tag from unlinked) order by name for no key update;
    update tags set articles_count = articles_count - link.articles
    from (select tag, count(*) as articles from unlinked group by tag) link
    where tags.name = link.tag;
    return null;
end $$;

create trigger article_tags_deleted after delete on article_tags
    referencing old table as unlinked for each statement execute function article_tags_deleted();

create function favorites_inserted() returns trigger language plpgsql as $$
begin
    update articles set favorites_count = favorites_count + favorite.fans
    from (select article_id, count(*) as fans from added group by article_id) favorite
    where articles.id = favorite.article_id;

    update users set favorites_count = favorites_count + fan.favorites
    from (select user_id, count(*) as favorites from added group by user_id) fan
    where users.id = fan.user_id;
    return null;
end $$;

create trigger favorites_inserted after insert on favorites
    referencing new table as added for each statement execute function favorites_inserted();

create function favorites_deleted() returns trigger language plpgsql as $$
begin
    update articles set favorites_count = favorites_count - favorite.fans
    from (select article_id, count(*) as fans from gone group by article_id) favorite
    where articles.id = favorite.article_id;

    update users set favorites_count = favorites_count - fan.favorites
    from (select user_id, count(*) as favorites from gone group by user_id) fan
    where users.id = fan.user_id;
    return null;
end $$;

create trigger favorites_deleted after delete on favorites
    referencing old table as gone for each statement execute function favorites_deleted();
