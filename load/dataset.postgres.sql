-- The standard data set for PostgreSQL. dataset.py replaces :users and the other sizes by numbers.
-- The names of users, articles and tags are numbers from :names on.
begin;
set local session_replication_role = replica; -- disables triggers

update users set bio = 'I am user 1', image = 'https://example.com/1.png' where id = 1;
insert into users (username, username_key, email, email_key, password_hash, bio, image, created_at, updated_at)
select :names + n, :names + n, 'user' || n || '@example.com', 'user' || n || '@example.com', one.password_hash,
    'I am user ' || n, 'https://example.com/' || n || '.png', '2026-01-01', '2026-01-01'
from generate_series(2, :users) n cross join (select password_hash from users where id = 1) one
order by n;

-- One article per 100 ms. The step between an article's three tags keeps them distinct.
insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
select (ms << 20) | n, :names + n, 'Article ' || n, 'What article ' || n || ' is about',
    array(select (:names + (n * 7 + k * (1 + n % 66)) % 200)::text from generate_series(0, 2) k order by 1),
    1 + n * 7919 % :users, to_timestamp(ms / 1000.0), to_timestamp(ms / 1000.0), repeat('Some words of a body. ', 55)
from (select n, 1767225600000 + n * 100 as ms from generate_series(1, :articles::bigint) n) article
order by n;
select setval('article_ids', :articles);

insert into comments (article_id, author_id, created_at, body)
select id, 1 + (n * 31 + k * 101) % :users, created_at, 'A comment, number ' || k || ', with some more words to read.'
from (select id, created_at, id & 1048575 as n from articles) article cross join generate_series(1, :comments / :articles) k
order by id, k;

insert into favorites (user_id, article_id)
select 1 + (n * 13 + k * 977) % :users, id
from (select id, id & 1048575 as n from articles) article cross join generate_series(1, :favorites / :articles) k;

insert into follows (follower_id, followed_id)
select n, 1 + (n + k * 37) % :users from generate_series(1, :users) n cross join generate_series(1, :follows / :users) k;

commit;
vacuum (analyze);
