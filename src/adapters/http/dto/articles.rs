//! Articles in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    body::Payload,
    field::{Field, from_object},
    instant,
    profiles::ProfileJson,
};
use crate::{
    adapters::http::openapi::{examples, values},
    domain::model::{
        article::{Article, ArticleChanges, ArticleDraft, ArticlePage, ArticleSummary},
        values::{ArticleBody, Description, FieldErrors, Tag, TagList, Title},
    },
};

/// `{"article": {...}}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SingleArticleResponse<'a> {
    article: ArticleJson<'a>,
}

/// `{"articles": [...], "articlesCount": n}`, without the bodies.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultipleArticlesResponse<'a> {
    #[schema(value_type = Vec<ListedArticle>)]
    articles: Vec<ArticleJson<'a>>,
    /// How many there are on all pages.
    articles_count: u64,
}

/// `{"tags": [...]}`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagsResponse<'a> {
    #[schema(examples(examples::tags))]
    tags: Vec<&'a str>,
}

/// An article; in a list without its body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Article, examples(examples::article))]
#[serde(rename_all = "camelCase")]
struct ArticleJson<'a> {
    slug: &'a str,
    title: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false)]
    body: Option<&'a str>,
    tag_list: Vec<&'a str>,
    #[serde(serialize_with = "instant::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant::serialize")]
    updated_at: DateTime<Utc>,
    favorited: bool,
    favorites_count: u64,
    author: ProfileJson<'a>,
}

impl<'a> From<&'a ArticleSummary> for ArticleJson<'a> {
    fn from(summary: &'a ArticleSummary) -> Self {
        Self {
            slug: summary.slug.as_str(),
            title: summary.title.as_str(),
            description: summary.description.as_str(),
            body: None,
            tag_list: summary.tags.iter().map(Tag::as_str).collect(),
            created_at: summary.created_at,
            updated_at: summary.updated_at,
            favorited: summary.favorited,
            favorites_count: summary.favorites_count,
            author: (&summary.author).into(),
        }
    }
}

impl<'a> From<&'a Article> for SingleArticleResponse<'a> {
    fn from(article: &'a Article) -> Self {
        let summary = ArticleJson::from(&article.summary);
        Self { article: ArticleJson { body: Some(article.body.as_str()), ..summary } }
    }
}

impl<'a> From<&'a ArticlePage> for MultipleArticlesResponse<'a> {
    fn from(page: &'a ArticlePage) -> Self {
        Self { articles: page.articles.iter().map(Into::into).collect(), articles_count: page.total }
    }
}

impl<'a> From<&'a [Tag]> for TagsResponse<'a> {
    fn from(tags: &'a [Tag]) -> Self {
        Self { tags: tags.iter().map(Tag::as_str).collect() }
    }
}

/// An article as lists show it: all but the body.
struct ListedArticle;

impl ToSchema for ListedArticle {}

impl PartialSchema for ListedArticle {
    fn schema() -> RefOr<Schema> {
        let mut article = ArticleJson::schema();
        if let RefOr::T(Schema::Object(object)) = &mut article {
            object.description = Some("An article without its body".into());
            object.examples = vec![examples::listed_article()];
            object.properties.shift_remove("body");
            object.required.retain(|field| field != "body");
        }
        article
    }
}

/// The fields of an article, new or changed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ArticleFields {
    #[schema(schema_with = values::title)]
    title: Field<String>,
    #[schema(schema_with = values::description)]
    description: Field<String>,
    #[schema(schema_with = values::article_body)]
    body: Field<String>,
    #[serde(rename = "tagList")]
    #[schema(schema_with = values::tag_list)]
    tag_list: Field<Vec<String>>,
}

from_object!(ArticleFields);

impl Payload for ArticleDraft {
    const KEY: &'static str = "article";
    const NAME: &'static str = "NewArticle";
    const REQUIRED: &'static [&'static str] = &["title", "description", "body"];
    type Fields = ArticleFields;

    fn parse(fields: ArticleFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let title = fields.title.required("title", |text| Title::parse(&text), &mut errors);
        let description = fields.description.required("description", |text| Description::parse(&text), &mut errors);
        let body = fields.body.required("body", |text| ArticleBody::parse(&text), &mut errors);
        let tags = fields.tag_list.optional("tagList", TagList::parse, &mut errors);
        match (title, description, body) {
            (Some(title), Some(description), Some(body)) if errors.is_empty() => {
                Ok(Self { title, description, body, tags: tags.unwrap_or_default() })
            }
            _ => Err(errors),
        }
    }
}

impl Payload for ArticleChanges {
    const KEY: &'static str = "article";
    const NAME: &'static str = "UpdateArticle";
    const REQUIRED: &'static [&'static str] = &[];
    type Fields = ArticleFields;

    fn parse(fields: ArticleFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let changes = Self {
            title: fields.title.optional("title", |text| Title::parse(&text), &mut errors),
            description: fields.description.optional("description", |text| Description::parse(&text), &mut errors),
            body: fields.body.optional("body", |text| ArticleBody::parse(&text), &mut errors),
            tags: fields.tag_list.optional("tagList", TagList::parse, &mut errors),
        };
        if errors.is_empty() { Ok(changes) } else { Err(errors) }
    }
}
