//! HTTP response, with assertions that chain.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};

use super::document;

/// A response whose body was read to its end.
#[derive(Debug)]
pub struct Response {
    /// `METHOD PATH`, for messages.
    pub request: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Response {
    /// Sends a request and reads the response, which must conform to the OpenAPI document.
    pub async fn fetch(request: RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let built = request.expect("a request");
        let request = format!("{} {}", built.method(), built.url().path());
        let response = client.execute(built).await.unwrap_or_else(|error| panic!("{request}: {error:?}"));
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap_or_else(|error| panic!("{request}: {error:?}")).to_vec();
        let response = Self { request, status, headers, bytes };
        document::assert_conforms(&response);
        response
    }

    #[track_caller]
    pub fn assert_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.request, self.text());
        self
    }

    #[track_caller]
    pub fn assert(self, status: u16, body: Value) -> Self {
        let response = self.assert_status(status);
        assert_eq!(response.json(), body, "{}", response.request);
        response
    }

    /// Asserts the status and every byte of the body.
    #[track_caller]
    pub fn assert_text(self, status: u16, text: &str) -> Self {
        let response = self.assert_status(status);
        assert_eq!(response.text(), text, "{}", response.request);
        response
    }

    /// Asserts an error with one key and one message.
    #[track_caller]
    pub fn assert_error(self, status: u16, key: &str, message: &str) -> Self {
        self.assert(status, json!({"errors": {key: [message]}}))
    }

    /// Asserts an error with one message for each key.
    #[track_caller]
    pub fn assert_errors(self, status: u16, errors: &[(&str, &str)]) -> Self {
        let errors: Map<String, Value> = errors.iter().map(|(key, text)| ((*key).to_owned(), json!([text]))).collect();
        self.assert(status, json!({"errors": errors}))
    }

    /// Asserts the shape that all errors have, whatever the messages.
    #[track_caller]
    pub fn assert_error_shape(self, status: u16) -> Self {
        let response = self.assert_status(status);
        let body = response.json();
        let is_text = |list: &Vec<Value>| !list.is_empty() && list.iter().all(Value::is_string);
        let are_texts = |errors: &Map<_, Value>| errors.values().all(|list| list.as_array().is_some_and(is_text));
        let has_shape = body["errors"].as_object().is_some_and(|errors| !errors.is_empty() && are_texts(errors));
        assert!(has_shape && body.as_object().map(Map::len) == Some(1), "{}: {body}", response.request);
        assert_eq!(response.header("Content-Type"), "application/json; charset=utf-8", "{}", response.request);
        response
    }

    /// Asserts one page of articles: its titles in order, and the total of all pages.
    #[track_caller]
    pub fn assert_articles(self, titles: &[&str], total: u64) -> Self {
        let response = self.assert_status(200);
        assert_eq!(response.titles(), titles, "{}", response.request);
        response.assert_at("/articlesCount", total)
    }

    /// Asserts a value in the body, by its JSON pointer (RFC 6901).
    #[track_caller]
    pub fn assert_at(self, pointer: &str, value: impl Into<Value>) -> Self {
        assert_eq!(self.at(pointer), value.into(), "{pointer} of {}", self.request);
        self
    }

    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        let body = self.json();
        body.pointer(pointer).unwrap_or_else(|| panic!("{} has no {pointer}: {body}", self.request)).clone()
    }

    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{pointer} of {} is not a string", self.request)).to_owned()
    }

    #[track_caller]
    pub fn list_at(&self, pointer: &str) -> Vec<Value> {
        let Value::Array(items) = self.at(pointer) else { panic!("{pointer} of {} is not an array", self.request) };
        items
    }

    /// Date in the body, in the API's format (docs/api.md). Such strings sort by time.
    #[track_caller]
    pub fn date_at(&self, pointer: &str) -> String {
        let date = self.text_at(pointer);
        let form: String = date.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(form, "0000-00-00T00:00:00.000Z", "{pointer} of {}: {date}", self.request);
        date
    }

    #[track_caller]
    pub fn titles(&self) -> Vec<String> {
        let articles = self.list_at("/articles");
        articles.iter().map(|article| article["title"].as_str().expect("a title").to_owned()).collect()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        let json = serde_json::from_slice(&self.bytes);
        json.unwrap_or_else(|_| panic!("{} returned no JSON: {}", self.request, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Value of a header; empty if the header is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
