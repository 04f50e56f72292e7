-- The standard data set for SQLite, with the same rows as dataset.postgres.sql.
begin immediate;

update users set bio = 'I am user 1', image = 'https://example.com/1.png' where id = 1;
with recursive number(n) as (select 2 union all select n + 1 from number where n < :users)
insert into users (id, username, username_key, email, email_key, password_hash, bio, image, created_at, updated_at)
select n, :names + n, :names + n, 'user' || n || '@example.com', 'user' || n || '@example.com', one.password_hash,
    'I am user ' || n, 'https://example.com/' || n || '.png', 1767225600000, 1767225600000
from number cross join (select password_hash from users where id = 1) one;

with recursive number(n) as (select 1 union all select n + 1 from number where n < :articles)
insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
select (ms << 20) | n, :names + n, 'Article ' || n, 'What article ' || n || ' is about',
    (select json_group_array(tag) from (
        select cast(:names + (n * 7 + k * (1 + n % 66)) % 200 as text) as tag
        from (select 0 as k union all select 1 union all select 2) order by tag)),
    1 + n * 7919 % :users, ms, ms, replace(hex(zeroblob(55)), '00', 'Some words of a body. ')
from (select n, 1767225600000 + n * 100 as ms from number);

with recursive number(k) as (select 1 union all select k + 1 from number where k < :comments / :articles)
insert into comments (article_id, author_id, created_at, body)
select id, 1 + (n * 31 + k * 101) % :users, created_at, 'A comment, number ' || k || ', with some more words to read.'
from (select id, created_at, id & 1048575 as n from articles) cross join number
order by id, k;

with recursive number(k) as (select 1 union all select k + 1 from number where k < :favorites / :articles)
insert into favorites (user_id, article_id)
select 1 + (n * 13 + k * 977) % :users, id
from (select id, id & 1048575 as n from articles) cross join number;

with recursive number(n) as (select 1 union all select n + 1 from number where n < :users),
    step(k) as (select 1 union all select k + 1 from step where k < :follows / :users)
insert into follows (follower_id, followed_id)
select n, 1 + (n + k * 37) % :users from number cross join step;

commit;
vacuum;
pragma wal_checkpoint(truncate);
