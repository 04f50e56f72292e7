//! Articles in JSON, and the list of tags.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::payload::{Field, Fields, Payload};
use super::profiles::ProfileJson;
use super::schemas::{not_blank, text};
use super::{profiles, timestamp};
use crate::domain::model::article::{Article, ArticleChanges, ArticleDraft, ArticlePage, ArticleSummary};
use crate::domain::model::values::{ArticleBody, Description, Tag, TagList, Title};

#[derive(Debug, Serialize, ToSchema)]
pub struct SingleArticleResponse<'a> {
    article: ArticleJson<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MultipleArticlesResponse<'a> {
    #[schema(value_type = Vec<ListedArticle>)]
    articles: Vec<ArticleJson<'a>>,
    /// The number of articles on all pages.
    articles_count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TagsResponse<'a> {
    #[schema(examples(example_tags))]
    tags: Vec<&'a str>,
}

/// An article; lists omit the body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Article, examples(example))]
#[serde(rename_all = "camelCase")]
struct ArticleJson<'a> {
    slug: &'a str,
    title: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required, nullable = false)]
    body: Option<&'a str>,
    tag_list: Vec<&'a str>,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp::serialize")]
    updated_at: DateTime<Utc>,
    favorited: bool,
    favorites_count: u64,
    author: ProfileJson<'a>,
}

/// The schema of an article in a list.
struct ListedArticle;

impl ToSchema for ListedArticle {}

impl PartialSchema for ListedArticle {
    fn schema() -> RefOr<Schema> {
        let mut article = ArticleJson::schema();
        if let RefOr::T(Schema::Object(object)) = &mut article {
            object.description = Some("An article without its body".into());
            object.properties.shift_remove("body");
            object.required.retain(|field| field != "body");
            for example in object.examples.iter_mut().filter_map(Value::as_object_mut) {
                example.remove("body");
            }
        }
        article
    }
}

fn example() -> Value {
    json!({
        "slug": "how-to-train-your-dragon",
        "title": EXAMPLE_TITLE,
        "description": EXAMPLE_DESCRIPTION,
        "body": EXAMPLE_BODY,
        "tagList": example_tags(),
        "createdAt": "2026-02-18T03:22:56.637Z",
        "updatedAt": "2026-02-18T03:48:35.824Z",
        "favorited": false,
        "favoritesCount": 1,
        "author": profiles::example(),
    })
}

fn example_tags() -> Value {
    json!([EXAMPLE_TAG, "training"])
}

const EXAMPLE_TITLE: &str = "How to train your dragon";
const EXAMPLE_DESCRIPTION: &str = "Ever wonder how?";
const EXAMPLE_BODY: &str = "Very carefully.";
const EXAMPLE_TAG: &str = "dragons";

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

const TITLE: Field = Field::text("title", || not_blank(EXAMPLE_TITLE).max_length(Some(Title::MAX_CHARS)).into());

const DESCRIPTION: Field =
    Field::text("description", || not_blank(EXAMPLE_DESCRIPTION).max_length(Some(Description::MAX_CHARS)).into());

const BODY: Field = Field::text("body", || not_blank(EXAMPLE_BODY).into());

const TAG_LIST: Field = Field::text_list("tagList", || {
    ArrayBuilder::new()
        .items(text(EXAMPLE_TAG).max_length(Some(Tag::MAX_CHARS)))
        .max_items(Some(TagList::MAX_TAGS))
        .description(Some("Trimmed; blank tags and duplicates are dropped"))
        .into()
});

impl Payload for ArticleDraft {
    const KEY: &'static str = "article";
    const SCHEMA: &'static str = "NewArticle";
    const REQUIRED: &'static [Field] = &[TITLE, DESCRIPTION, BODY];
    const OPTIONAL: &'static [Field] = &[TAG_LIST];

    fn parse(fields: &mut Fields) -> Option<Self> {
        let title = fields.required(TITLE, Title::parse);
        let description = fields.required(DESCRIPTION, Description::parse);
        let body = fields.required(BODY, ArticleBody::parse);
        let tags = fields.optional_list(TAG_LIST, TagList::parse).unwrap_or_default();
        Some(Self { title: title?, description: description?, body: body?, tags })
    }
}

impl Payload for ArticleChanges {
    const KEY: &'static str = "article";
    const SCHEMA: &'static str = "UpdateArticle";
    const OPTIONAL: &'static [Field] = &[TITLE, DESCRIPTION, BODY, TAG_LIST];

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            title: fields.optional(TITLE, Title::parse),
            description: fields.optional(DESCRIPTION, Description::parse),
            body: fields.optional(BODY, ArticleBody::parse),
            tags: fields.optional_list(TAG_LIST, TagList::parse),
        })
    }
}
