//! Value types: input is parsed once, so that the rest of the program can rely on the rules.
//!
//! `parse` is the only way to make a value of input, and keeps the text as given. It returns a
//! [`Violation`], to which [`FieldErrors::check`] adds the field's name. The limits are those of
//! `docs/api.md`.

mod caseless_key;
mod client;
mod email;
mod field_error;
mod idempotency_key;
mod ids;
mod invisible;
mod page;
mod password;
mod slug;
#[cfg(test)]
mod strategies;
mod tag;
mod tag_list;
mod text;
mod texts;
mod username;

pub use caseless_key::{EmailKey, UsernameKey};
pub use client::Client;
pub use email::Email;
pub use field_error::{FieldError, FieldErrors, Violation};
pub use idempotency_key::IdempotencyKey;
pub use ids::{ArticleId, CommentId, CredentialVersion, SessionId, UserId};
pub use invisible::is_invisible;
pub use page::Page;
pub use password::Password;
pub use slug::Slug;
pub use tag::Tag;
pub use tag_list::TagList;
pub use texts::{ArticleBody, Bio, CommentBody, Description, ImageUrl, Title};
pub use username::Username;
