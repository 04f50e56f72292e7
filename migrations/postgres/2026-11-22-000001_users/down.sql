drop table follows;
drop table users;
