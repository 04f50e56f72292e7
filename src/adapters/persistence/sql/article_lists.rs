//! The texts of the lists of articles: one per combination of filters, for a plan of its own each.
//!
//! A text with `$1 is null or ...` would have to serve every combination with one generic plan, which reads whole
//! tables.
//!
//! Which articles there are is said here, in words that both engines read; how a page of them is put together each engine
//! says for itself.

use super::statement::Statement;
use crate::domain::model::{
    article::ArticleFilter,
    user::Identity,
    values::{Page, Tag, UsernameKey},
};

/// The texts of every list but the feed, by their filters.
pub type Texts = [String; 8];

/// What a list is put together of. The first three parameters are the reader's identity.
#[derive(Clone, Copy, Debug)]
pub struct List<'t> {
    /// How many articles there are: a select of one number, or of nothing for none.
    pub total: &'t str,
    /// A select of the ids of all its articles.
    pub ids: &'t str,
    /// Who wrote them.
    pub authors: Authors<'t>,
    /// The number of the parameter that is the page's offset; the one after it is the page's limit.
    pub offset: u8,
}

/// What is known of the authors before the articles are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authors<'t> {
    /// Nothing.
    Any,
    /// It is the one with this id.
    One(&'t str),
    /// The reader follows them all.
    Followed,
}

/// Puts a list together.
///
/// Of the rows one at least has the total and the reader, if the session lives; those that have an article give its id first,
/// then what `SummarySql` says.
pub type PutTogether = fn(List<'_>) -> String;

/// How many entries of an index are looked at in less time than it takes to write down a page.
const MAX_INLINE_ENTRIES: i64 = 1000;

/// The texts of an engine.
pub fn texts(put_together: PutTogether) -> Texts {
    std::array::from_fn(|number| ArticleList::numbered(number).text(put_together))
}

/// How many authors one may follow for the feed to be a brief question, where the page ends after so many articles: of each
/// author as many are looked at.
pub fn max_followed_inline(end: i64) -> i64 {
    MAX_INLINE_ENTRIES / end.max(1)
}

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
    pub fn question<ST>(
        self,
        texts: &'static Texts,
        filter: &ArticleFilter,
        reader: Option<&Identity>,
        page: Page,
    ) -> Statement<ST> {
        let text = texts.get(self.number()).map_or("", String::as_str);
        let mut question = Statement::read("articles.page", text).identity(reader);
        let names = [
            filter.author.as_ref().map(UsernameKey::as_str),
            filter.favorited_by.as_ref().map(UsernameKey::as_str),
            filter.tag.as_ref().map(Tag::as_str),
        ];
        for name in names.into_iter().flatten() {
            question = question.text(name);
        }
        let is_cheap = self.has_a_counter() && page.offset() <= MAX_INLINE_ENTRIES;
        question.number(page.offset()).number(page.limit()).cheap_if(is_cheap)
    }

    /// Whether its total is a counter: that of a combination of filters is counted.
    fn has_a_counter(self) -> bool {
        [self.tag, self.author, self.fan].into_iter().filter(|has| *has).count() <= 1
    }

    /// Its text. Parameters: the reader, the author, fan and tag that it has, offset and limit.
    ///
    /// Where several filters meet, SQLite goes through the articles of the first: one author has fewer than one tag may have,
    /// and it knows no better.
    fn text(self, put_together: PutTogether) -> String {
        let mut parts = Parts::default();
        if self.author {
            // Served by users_username_key and articles_by_author.
            let author = parts.parameter();
            let id = format!("(select id from users where username_key = {author})");
            parts.table("articles a", "a.id", &format!("a.author_id = {id}"));
            parts.author = Some(id);
            parts.total = format!("select articles_count from users where username_key = {author}");
        }
        if self.fan {
            // Served by users_username_key and favorites_pkey.
            let fan = parts.parameter();
            let id = format!("(select id from users where username_key = {fan})");
            parts.table("favorites y", "y.article_id", &format!("y.user_id = {id}"));
            parts.total = format!("select favorites_count from users where username_key = {fan}");
        }
        if self.tag {
            // Served by article_tags_pkey and tags_pkey.
            let tag = parts.parameter();
            parts.table("article_tags x", "x.article_id", &format!("x.tag = {tag}"));
            parts.total = format!("select articles_count from tags where name = {tag}");
        }
        if parts.tables.is_empty() {
            // Served by articles_pkey.
            parts.table("articles a", "a.id", "true");
            parts.total = String::from("select sum(articles) from article_totals");
        }
        if parts.tables.len() > 1 {
            // There is no counter for combinations: the rows are counted.
            parts.total = format!("select count(*) from {} where {}", parts.source(), parts.condition());
        }
        let ids = format!("select {} as id from {} where {}", parts.id(), parts.source(), parts.condition());
        put_together(List {
            total: &parts.total,
            ids: &ids,
            authors: parts.author.as_deref().map_or(Authors::Any, Authors::One),
            offset: parts.parameters + 4,
        })
    }
}

/// What a list is put together of.
#[derive(Default)]
struct Parts {
    parameters: u8,
    /// Tables that hold the articles' ids, each with the name of that column.
    tables: Vec<(&'static str, &'static str)>,
    conditions: Vec<String>,
    author: Option<String>,
    total: String,
}

impl Parts {
    /// The next parameter after those of the reader.
    fn parameter(&mut self) -> String {
        self.parameters += 1;
        format!("${}", self.parameters + 3)
    }

    fn table(&mut self, table: &'static str, id: &'static str, condition: &str) {
        self.tables.push((table, id));
        self.conditions.push(condition.to_owned());
    }

    fn id(&self) -> &'static str {
        self.tables.first().map_or("", |(_, id)| id)
    }

    fn source(&self) -> String {
        let tables: Vec<&str> = self.tables.iter().map(|(table, _)| *table).collect();
        tables.join(" cross join ")
    }

    fn condition(&self) -> String {
        let others = self.tables.iter().skip(1).map(|(_, id)| format!("{id} = {}", self.id()));
        self.conditions.iter().cloned().chain(others).collect::<Vec<_>>().join(" and ")
    }
}

/// How many articles the followed authors have, for the reader `$1`.
pub const FEED_TOTAL: &str = "
    select sum(b.articles_count) from follows f join users b on b.id = f.followed_id where f.follower_id = $1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_along_an_index_is_brief_unless_much_is_skipped_or_counted() {
        let (tag, author) = (Some(Tag::for_lookup("dragons")), Some(UsernameKey::for_lookup("amy")));
        let by_tag = ArticleFilter { tag, ..ArticleFilter::default() };
        let by_both = ArticleFilter { author, ..by_tag.clone() };
        static TEXTS: Texts = [const { String::new() }; 8];
        let is_cheap = |filter: &ArticleFilter, offset: &str| {
            let page = Page::parse(None, Some(offset)).unwrap();
            ArticleList::of(filter).question::<()>(&TEXTS, filter, None, page).is_cheap()
        };
        assert!(is_cheap(&ArticleFilter::default(), "0") && is_cheap(&by_tag, "1000"));
        assert!(!is_cheap(&by_tag, "1001") && !is_cheap(&by_both, "0"));
    }

    #[test]
    fn where_filters_meet_the_articles_of_an_author_are_gone_through() {
        let of_all = |list: List<'_>| format!("{} | {}", list.total, list.ids);
        let source = "from articles a cross join favorites y cross join article_tags x where";
        assert_eq!(texts(of_all)[7].matches(source).count(), 2, "{}", texts(of_all)[7]);
    }

    #[test]
    fn every_combination_has_its_number() {
        for number in 0..8 {
            assert_eq!(ArticleList::numbered(number).number(), number);
        }
    }
}
