//! Values: text and numbers from outside, parsed once, so that the rest of the program can take
//! their rules for granted instead of checking them again.
//!
//! `parse` is the only way to a value that has rules, and keeps the form that was given. Which
//! field a value came from is the caller's business: a parser says only what is wrong ([`Violation`]),
//! and [`FieldErrors::check`] puts the field's name to it. Every limit is the API contract's.

mod article_body;
mod bio;
mod caseless_key;
mod client;
mod comment_body;
mod description;
mod email;
mod field_error;
mod idempotency_key;
mod ids;
mod image_url;
mod page;
mod password;
mod slug;
#[cfg(test)]
mod strategies;
mod tag;
mod tag_list;
mod text;
mod title;
mod unseen;
mod username;

pub use article_body::ArticleBody;
pub use bio::Bio;
pub use client::Client;
pub use comment_body::CommentBody;
pub use description::Description;
pub use email::{Email, EmailKey};
pub use field_error::{FieldError, FieldErrors, Violation};
pub use idempotency_key::IdempotencyKey;
pub use ids::{ArticleId, CommentId, SessionId, UserId};
pub use image_url::ImageUrl;
pub use page::Page;
pub use password::Password;
pub use slug::Slug;
pub use tag::Tag;
pub use tag_list::TagList;
pub use title::Title;
pub use unseen::is_unseen;
pub use username::{Username, UsernameKey};
