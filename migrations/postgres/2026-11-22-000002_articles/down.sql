drop table favorites;
drop table article_tags;
drop table tags;
drop table articles;
drop table article_totals;
drop sequence article_ids;
drop function articles_inserted, articles_deleting, articles_deleted, articles_retagged,
    article_tags_inserted, article_tags_deleted, favorites_inserted, favorites_deleted;
update users set articles_count = 0, favorites_count = 0;
