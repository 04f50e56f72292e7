//! The domain types that rows decode to, and the columns that they are selected from.

use chrono::{DateTime, Utc};

use super::columns::{Columns, columns, row_type};
use super::statement::Statement;
use crate::domain::model::about::{About, AboutChanges};
use crate::domain::model::article::{Article, ArticleSummary};
use crate::domain::model::comment::Comment;
use crate::domain::model::profile::Profile;
use crate::domain::model::user::{Account, CredentialVersion};
use crate::domain::model::values::{
    ArticleBody, Bio, CommentBody, CommentId, Description, Email, ImageUrl, Slug, TagList, Title, UserId, Username,
};

columns!(About { bio: Option<Bio> = "bio", image: Option<ImageUrl> = "image" });

/// Binds two parameters for each column of [`About`]: whether it changes, and its new value. See
/// [`about_assignments`].
pub fn bind_about<R>(statement: Statement<R>, changes: &AboutChanges) -> Statement<R> {
    let AboutChanges { bio, image } = changes;
    statement
        .text_change(bio.as_ref().map(|bio| bio.as_ref().map(Bio::as_str)))
        .text_change(image.as_ref().map(|image| image.as_ref().map(ImageUrl::as_str)))
}

/// Returns the assignments of an update for what [`bind_about`] binds from the parameter `first`
/// on, and the number of the next parameter.
pub fn about_assignments(first: usize) -> (String, usize) {
    let columns = About::columns();
    let next = first + 2 * columns.len();
    let numbered = columns.iter().zip((first..).step_by(2));
    let assignments = numbered.map(|(column, number)| {
        let name = column.name;
        format!("{name} = case when ${number} = 1 then ${} else {name} end", number + 1)
    });
    (assignments.collect::<Vec<_>>().join(",\n        "), next)
}

columns!(Account {
    id: UserId = "id",
    username: Username = "username",
    email: Email = "email",
    about: About = "about",
    credential_version: CredentialVersion = "generation",
});

row_type!(Profile { username: Username, about: About, following: bool });

/// SQL for whether the reader `v` follows `u`. Served by follows_pkey.
pub const FOLLOWING: &str = "exists (select 1 from follows w where w.follower_id = v.id and w.followed_id = u.id)";

/// SQL for whether the reader `v` has favorited `a`. Served by favorites_pkey.
pub const FAVORITED: &str = "exists (select 1 from favorites f where f.user_id = v.id and f.article_id = a.id)";

/// Returns the select list of a [`Profile`] of the user `u`, given the SQL for `following`.
pub fn profile(following: &str) -> String {
    format!("u.username, {}, {following}", About::select_list("u."))
}

/// Returns the select list of an [`ArticleSummary`] of the article `a` by the user `u`, given the
/// SQL for `favorited` and `following`.
pub fn article_summary(favorited: &str, following: &str) -> String {
    let author = profile(following);
    format!(
        "a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.favorites_count, {favorited}, {author}"
    )
}

/// Returns as many `null`s as an [`article_summary`] has columns.
pub fn null_article_summary() -> String {
    let columns = article_summary("favorited", "following").split(", ").count();
    vec!["null"; columns].join(", ")
}

row_type!(ArticleSummary {
    slug: Slug,
    title: Title,
    description: Description,
    tags: TagList,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    favorites: i64,
    favorited: bool,
    author: Profile,
} => {
    let favorites_count = count(favorites);
    ArticleSummary { slug, title, description, tags, created_at, updated_at, favorited, favorites_count, author }
});
row_type!(Article { summary: ArticleSummary, body: ArticleBody });

// Comments do not change.
row_type!(Comment { id: CommentId, created_at: DateTime<Utc>, body: CommentBody, author: Profile } => {
    Comment { id, body, created_at, updated_at: created_at, author }
});

/// Returns a stored count. Counters are never negative; one that is counts as 0.
pub fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
