//! The schemas of the domain's values, with the bounds that the domain itself checks.
//!
//! A schema is what a value must be at least; the value's `parse` has the last word. Patterns are in the dialect of
//! ECMA-262 and match anywhere.

use utoipa::openapi::{
    KnownFormat, Object, ObjectBuilder, SchemaFormat,
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::domain::model::values::{Bio, Description, Email, ImageUrl, Password, Tag, TagList, Title, Username};

/// Something that is not white space.
const NOT_BLANK: &str = r"\S";

fn text(example: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).examples([example])
}

fn clearable(maximum: usize, example: &str) -> Object {
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    text(example).schema_type(kinds).max_length(Some(maximum)).description(Some("`null` and `\"\"` clear it")).build()
}

/// The name of a user.
pub fn username() -> Object {
    let about = "Unique whatever its case and form in Unicode; without `/ ? # %` and what is not seen";
    text("jake")
        .max_length(Some(Username::MAX_CHARS))
        .pattern(Some(r"^[^/?#%]*[^/?#%\s][^/?#%]*$"))
        .description(Some(about))
        .build()
}

/// An e-mail address.
pub fn email() -> Object {
    text("jake@example.com").max_length(Some(Email::MAX_CHARS)).pattern(Some(r"^[^@\s]+@[^@\s]+$")).build()
}

/// What somebody takes for an e-mail address.
pub fn any_email() -> Object {
    text("jake@example.com").pattern(Some(NOT_BLANK)).build()
}

/// A password to be set.
pub fn password() -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::Password);
    text("jakejake")
        .format(Some(format))
        .min_length(Some(Password::MIN_CHARS))
        .max_length(Some(Password::MAX_CHARS))
        .pattern(Some(NOT_BLANK))
        .build()
}

/// A password to be tried.
pub fn any_password() -> Object {
    let format = SchemaFormat::KnownFormat(KnownFormat::Password);
    text("jakejake").format(Some(format)).pattern(Some(NOT_BLANK)).build()
}

/// What a user says about itself.
pub fn bio() -> Object {
    clearable(Bio::MAX_CHARS, "I work at statefarm")
}

/// A picture.
pub fn image() -> Object {
    clearable(ImageUrl::MAX_CHARS, "https://example.com/jake.jpg")
}

/// The title of an article.
pub fn title() -> Object {
    text("How to train your dragon").max_length(Some(Title::MAX_CHARS)).pattern(Some(NOT_BLANK)).build()
}

/// What an article is about.
pub fn description() -> Object {
    text("Ever wonder how?").max_length(Some(Description::MAX_CHARS)).pattern(Some(NOT_BLANK)).build()
}

/// The text of an article.
pub fn article_body() -> Object {
    text("Very carefully.").pattern(Some(NOT_BLANK)).build()
}

/// The text of a comment.
pub fn comment_body() -> Object {
    text("With two hands!").pattern(Some(NOT_BLANK)).build()
}

/// The tags of an article.
pub fn tag_list() -> utoipa::openapi::schema::Array {
    let tag = text("dragons").max_length(Some(Tag::MAX_CHARS));
    ArrayBuilder::new()
        .items(tag)
        .max_items(Some(TagList::MAX_TAGS))
        .description(Some("Trimmed; blank ones and duplicates are dropped"))
        .build()
}
