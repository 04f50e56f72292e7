//! SQL of the article lists: one text per combination of filters, so that each has a plan of its
//! own.
//!
//! A single text with `$1 is null or ...` would force one generic plan on every combination, and
//! that plan reads whole tables. The articles that match are selected here, in SQL that both
//! engines read; how a page is put around them differs per engine.

use super::row_type::RowType;
use super::statement::Statement;
use crate::domain::model::article::ArticleFilter;
use crate::domain::model::user::Identity;
use crate::domain::model::values::{Page, Tag, UsernameKey};

pub struct ListSql([String; 8]);

/// The parts of a list's SQL. The first three parameters are the reader's identity.
#[derive(Clone, Copy, Debug)]
pub struct ListParts<'t> {
    /// A select of the number of articles that match, or of no row if there are none.
    pub total: &'t str,
    pub ids: &'t str,
    pub authors: Authors<'t>,
    /// Number of the parameter that holds the page's offset; the next one holds its limit.
    pub offset: u8,
}

/// What is known about the authors before the articles are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authors<'t> {
    Any,
    /// All articles are by the author with this id.
    One(&'t str),
    /// The reader follows every author.
    Followed,
}

/// Index entries that are read in less time than a page takes to serialize.
const MAX_INLINE_ENTRIES: i64 = 1000;

/// Returns the number of followed authors up to which a feed is cheap, for a page that ends at this
/// article: of each author as many articles are read.
pub fn max_followed_inline(page_end: i64) -> i64 {
    MAX_INLINE_ENTRIES / page_end.max(1)
}

impl ListSql {
    /// Builds the SQL of every list. `page` puts a page around the selected articles: at least one
    /// row has the total and, if the session is valid, the reader; rows with an article have its
    /// id, then the columns of an [`article_summary`](super::rows::article_summary).
    pub fn new(page: fn(ListParts<'_>) -> String) -> Self {
        Self(std::array::from_fn(|number| Filters::numbered(number).sql(page)))
    }

    pub fn statement<R: RowType>(
        &'static self,
        filter: &ArticleFilter,
        reader: Option<&Identity>,
        page: Page,
    ) -> Statement<R> {
        let filters = Filters::from(filter);
        let sql = self.0.get(filters.number()).map_or("", String::as_str);
        let mut statement = Statement::read("articles.page", sql).identity(reader);
        let names = [
            filter.author.as_ref().map(UsernameKey::as_str),
            filter.favorited_by.as_ref().map(UsernameKey::as_str),
            filter.tag.as_ref().map(Tag::as_str),
        ];
        for name in names.into_iter().flatten() {
            statement = statement.text(name);
        }
        let is_cheap = filters.have_counter() && page.offset() <= MAX_INLINE_ENTRIES;
        statement.number(page.offset()).number(page.limit()).cheap_if(is_cheap)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Filters {
    tag: bool,
    author: bool,
    favorited_by: bool,
}

impl From<&ArticleFilter> for Filters {
    fn from(filter: &ArticleFilter) -> Self {
        let ArticleFilter { tag, author, favorited_by } = filter;
        Self { tag: tag.is_some(), author: author.is_some(), favorited_by: favorited_by.is_some() }
    }
}

impl Filters {
    fn numbered(number: usize) -> Self {
        Self { tag: number & 1 != 0, author: number & 2 != 0, favorited_by: number & 4 != 0 }
    }

    fn number(self) -> usize {
        usize::from(self.tag) | usize::from(self.author) << 1 | usize::from(self.favorited_by) << 2
    }

    /// Returns whether the total is a stored counter. Combinations of filters have none and are
    /// counted.
    fn have_counter(self) -> bool {
        [self.tag, self.author, self.favorited_by].into_iter().filter(|has| *has).count() <= 1
    }

    /// Returns the list's SQL. Parameters: the identity, the author, the favoriting user and the
    /// tag as far as there are filters for them, offset, limit.
    ///
    /// The author comes first because SQLite walks the articles of the first filter, and one author
    /// has fewer than one tag may have.
    fn sql(self, page: fn(ListParts<'_>) -> String) -> String {
        let mut query = ListQuery::default();
        if self.author {
            // Served by users_username_key and articles_by_author.
            let author = query.next_parameter();
            let id = format!("(select id from users where username_key = {author})");
            query.add_table("articles a", "a.id", &format!("a.author_id = {id}"));
            query.author = Some(id);
            query.total = format!("select articles_count from users where username_key = {author}");
        }
        if self.favorited_by {
            // Served by users_username_key and favorites_pkey.
            let user = query.next_parameter();
            let id = format!("(select id from users where username_key = {user})");
            query.add_table("favorites y", "y.article_id", &format!("y.user_id = {id}"));
            query.total = format!("select favorites_count from users where username_key = {user}");
        }
        if self.tag {
            // Served by article_tags_pkey and tags_pkey.
            let tag = query.next_parameter();
            query.add_table("article_tags x", "x.article_id", &format!("x.tag = {tag}"));
            query.total = format!("select articles_count from tags where name = {tag}");
        }
        if query.tables.is_empty() {
            // Served by articles_pkey.
            query.add_table("articles a", "a.id", "true");
            query.total = String::from("select sum(articles) from article_totals");
        }
        if query.tables.len() > 1 {
            query.total = format!("select count(*) from {} where {}", query.source(), query.condition());
        }
        let ids = format!("select {} as id from {} where {}", query.id(), query.source(), query.condition());
        page(ListParts {
            total: &query.total,
            ids: &ids,
            authors: query.author.as_deref().map_or(Authors::Any, Authors::One),
            offset: query.parameters + 4,
        })
    }
}

#[derive(Default)]
struct ListQuery {
    parameters: u8,
    /// Tables that hold the articles' ids, each with the name of that column.
    tables: Vec<(&'static str, &'static str)>,
    conditions: Vec<String>,
    author: Option<String>,
    total: String,
}

impl ListQuery {
    fn next_parameter(&mut self) -> String {
        self.parameters += 1;
        format!("${}", self.parameters + 3)
    }

    fn add_table(&mut self, table: &'static str, id: &'static str, condition: &str) {
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

/// A select of the number of articles by the authors that the reader `$1` follows.
pub const FEED_TOTAL: &str = "
    select sum(b.articles_count) from follows f join users b on b.id = f.followed_id where f.follower_id = $1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_along_an_index_is_cheap_unless_it_skips_or_counts_many_articles() {
        let (tag, author) = (Some(Tag::for_lookup("dragons")), Some(UsernameKey::for_lookup("amy")));
        let by_tag = ArticleFilter { tag, ..ArticleFilter::default() };
        let by_both = ArticleFilter { author, ..by_tag.clone() };
        static SQL: ListSql = ListSql([const { String::new() }; 8]);
        let is_cheap = |filter: &ArticleFilter, offset: &str| {
            let page = Page::parse(None, Some(offset)).unwrap();
            SQL.statement::<i64>(filter, None, page).is_cheap
        };
        assert!(is_cheap(&ArticleFilter::default(), "0") && is_cheap(&by_tag, "1000"));
        assert!(!is_cheap(&by_tag, "1001") && !is_cheap(&by_both, "0"));
    }

    #[test]
    fn combined_filters_walk_the_articles_of_the_author() {
        let all = ListSql::new(|list| format!("{} | {}", list.total, list.ids));
        let source = "from articles a cross join favorites y cross join article_tags x where";
        assert_eq!(all.0[7].matches(source).count(), 2, "{}", all.0[7]);
    }

    #[test]
    fn every_combination_of_filters_has_a_number_of_its_own() {
        for number in 0..8 {
            assert_eq!(Filters::numbered(number).number(), number);
        }
    }
}
