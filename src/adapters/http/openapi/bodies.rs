//! What handlers take from a request's body, as [`Body`] does.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, Ref, RefOr, Schema, schema::Type},
};

use crate::{
    adapters::http::dto::body::{Body, Payload},
    domain::model::{
        article::{ArticleChanges, ArticleDraft},
        user::{AccountChanges, Credentials, Registration},
        values::CommentBody,
    },
};

// The names that the attributes of handlers take: they cannot name a generic type.

/// `{"user": NewUser}`
pub type NewUserRequest = Body<Registration>;
/// `{"user": LoginUser}`
pub type LoginUserRequest = Body<Credentials>;
/// `{"user": UpdateUser}`
pub type UpdateUserRequest = Body<AccountChanges>;
/// `{"article": NewArticle}`
pub type NewArticleRequest = Body<ArticleDraft>;
/// `{"article": UpdateArticle}`
pub type UpdateArticleRequest = Body<ArticleChanges>;
/// `{"comment": NewComment}`
pub type NewCommentRequest = Body<CommentBody>;

type Named = (String, RefOr<Schema>);

impl<T> PartialSchema for Body<T>
where
    T: Payload,
    T::Fields: PartialSchema,
{
    fn schema() -> RefOr<Schema> {
        let fields = Ref::from_schema_name(T::NAME);
        ObjectBuilder::new().schema_type(Type::Object).property(T::KEY, fields).required(T::KEY).into()
    }
}

impl<T> ToSchema for Body<T>
where
    T: Payload,
    T::Fields: PartialSchema,
{
    fn name() -> Cow<'static, str> {
        format!("{}Request", T::NAME).into()
    }

    fn schemas(schemas: &mut Vec<Named>) {
        let mut fields = T::Fields::schema();
        if let RefOr::T(Schema::Object(object)) = &mut fields {
            object.required = T::REQUIRED.iter().map(ToString::to_string).collect();
        }
        schemas.push((T::NAME.to_owned(), fields));
    }
}
