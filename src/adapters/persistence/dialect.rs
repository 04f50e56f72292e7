//! The few texts in which the engines differ.

use std::sync::LazyLock;

/// One text per question, for one engine.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Stores an article unless its slug is taken.
    ///
    /// `$1` milliseconds of its creation, `$2` slug, `$3` title, `$4` description, `$5` tags, `$6` author, `$7`
    /// creation, `$8` body.
    pub insert_article: &'static str,

    /// Changes an article if the session lives; a null keeps what is there.
    ///
    /// `$1` slug, `$2` title, `$3` description, `$4` tags, `$5` body, `$6` now, `$7` id, and from `$8` the identity.
    pub update_article: &'static str,

    /// The reader's feed; see [`article_lists::feed`](super::article_lists::feed).
    pub feed: &'static LazyLock<String>,

    /// A table `c (article_id, tag)` of the tags that articles carry, for a `from` clause.
    pub carried_tags: &'static str,

    /// Statements that keep other writers out until the end of a unit of work.
    pub keep_writers_out: &'static [&'static str],
}
