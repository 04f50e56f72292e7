drop table favorites;
drop table article_tags;
drop table tags;
drop table articles;
drop table article_totals;
update users set articles_count = 0, favorites_count = 0;
