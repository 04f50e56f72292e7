//! The texts of the lists of articles: one per combination of filters, for a plan of its own each.
//!
//! A text with `$1 is null or ...` would have to serve every combination with one generic plan, which reads whole
//! tables.

use std::sync::LazyLock;

use super::{
    profiles::profile,
    question::{Question, living},
};
use crate::domain::model::{
    article::ArticleFilter,
    user::Identity,
    values::{Page, Tag, UsernameKey},
};

/// The feed. Of each followed author only so many articles are looked at as the page could show: `$4` is the last place
/// on it, from 0. So the cost depends on the page and on how many one follows, not on how much they wrote. Parameters:
/// the reader, the last place, offset and limit. Served by follows_pkey and articles_by_author.
pub static FEED: LazyLock<String> = LazyLock::new(|| {
    list(
        "select coalesce(sum(b.articles_count), 0) from follows f join users b on b.id = f.followed_id where f.follower_id = $1",
        "follows x join articles a on a.author_id = x.followed_id",
        "x.follower_id = $1 and a.id >= coalesce((
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit 1 offset $4
        ), 0)",
        5,
    )
});

/// Every other list, by [`ArticleList::number`].
static LISTS: LazyLock<[String; 8]> =
    LazyLock::new(|| std::array::from_fn(|number| ArticleList::numbered(number).text()));

/// Which filters a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArticleList {
    tag: bool,
    author: bool,
    fan: bool,
}

impl ArticleList {
    /// The list that answers this filter.
    pub fn of(filter: &ArticleFilter) -> Self {
        Self { tag: filter.tag.is_some(), author: filter.author.is_some(), fan: filter.favorited_by.is_some() }
    }

    fn numbered(number: usize) -> Self {
        Self { tag: number & 1 != 0, author: number & 2 != 0, fan: number & 4 != 0 }
    }

    fn number(self) -> usize {
        usize::from(self.tag) | usize::from(self.author) << 1 | usize::from(self.fan) << 2
    }

    /// One page of this list.
    pub fn question<ST>(self, filter: &ArticleFilter, reader: Option<&Identity>, page: Page) -> Question<ST> {
        let text = LISTS.get(self.number()).map_or("", String::as_str);
        let mut question = Question::read(text).identity(reader);
        let names = [
            filter.tag.as_ref().map(Tag::as_str),
            filter.author.as_ref().map(UsernameKey::as_str),
            filter.favorited_by.as_ref().map(UsernameKey::as_str),
        ];
        for name in names.into_iter().flatten() {
            question = question.text(name);
        }
        question.number(page.offset()).number(page.limit())
    }

    /// Its text. Parameters: the reader, the tag, author and fan that it has, offset and limit.
    fn text(self) -> String {
        let mut parameter = 4;
        let mut next = || {
            let placeholder = format!("${parameter}");
            parameter += 1;
            placeholder
        };
        let mut source = String::from("articles a");
        let mut conditions = Vec::new();
        let mut total = String::from("select coalesce(sum(articles), 0) from article_totals");
        if self.tag {
            let tag = next();
            // Served by article_tags_pkey.
            source += " join article_tags x on x.article_id = a.id";
            conditions.push(format!("x.tag = {tag}"));
            total = format!("select articles_count from tags where name = {tag}");
        }
        if self.author {
            let author = next();
            // Served by users_username_key and articles_by_author.
            conditions.push(format!("a.author_id = (select id from users where username_key = {author})"));
            total = format!("select articles_count from users where username_key = {author}");
        }
        if self.fan {
            let fan = next();
            // Served by users_username_key and favorites_pkey.
            source += " join favorites y on y.article_id = a.id";
            conditions.push(format!("y.user_id = (select id from users where username_key = {fan})"));
            total = format!("select favorites_count from users where username_key = {fan}");
        }
        if conditions.len() > 1 {
            // There is no counter for combinations: the rows are counted, along the indexes of the smaller side.
            total = format!("select count(*) from {source} where {}", conditions.join(" and "));
        }
        let condition = if conditions.is_empty() { String::from("true") } else { conditions.join(" and ") };
        list(&total, &source, &condition, parameter)
    }
}

/// A list of the articles `a` in `source` for which `condition` holds: the reader, the total, and the items of the page
/// in the order of `SummarySql`. `$first` and the parameter after it are the page's offset and limit.
///
/// There is always one row, so that an empty page has its total. What depends on the reader is looked up for the rows
/// of the page alone. Served by users_pkey, favorites_pkey and follows_pkey; the order of the page by the indexes of
/// `source`.
///
/// The largest page stands in the text as a number beside the bound limit: PostgreSQL takes a limit that it does not
/// see for a tenth of the table, and reads whole tables to join so many rows.
fn list(total: &str, source: &str, condition: &str, first: u8) -> String {
    format!(
        "
    select v.id, t.total,
        p.slug, p.title, p.description, p.tag_list, p.created_at, p.updated_at, p.favorites_count,
        exists (select 1 from favorites f where f.user_id = v.id and f.article_id = p.id), {profile}
    from (select 1) as always
    left join users v on {living}
    cross join (select cast(coalesce(({total}), 0) as bigint) as total) t
    left join (
        select * from (
            select a.id, a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.favorites_count, a.author_id
            from {source}
            where {condition}
            order by a.id desc limit {max} offset ${offset}
        ) largest
        order by id desc limit ${limit}
    ) p on true
    left join users u on u.id = p.author_id
    order by p.id desc",
        profile = profile!(),
        living = living!(),
        max = Page::MAX_LIMIT,
        offset = first,
        limit = first + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_has_its_number() {
        for number in 0..8 {
            assert_eq!(ArticleList::numbered(number).number(), number);
        }
    }
}
