//! A client with a role, and what it is answered.

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::document;

/// Somebody who asks: anonymous, or a user with a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// The user's name; empty for the anonymous.
    pub name: String,
    /// The user's token.
    pub token: Option<String>,
}

impl Client {
    /// Nobody in particular.
    pub fn anonymous(base: &str) -> Self {
        Self { http: reqwest::Client::new(), base: base.to_owned(), name: String::new(), token: None }
    }

    /// The same client with this token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Registers a user of this name, with an e-mail and a password made of it, and becomes it.
    pub async fn register(&self, name: &str) -> Self {
        let reply = self.register_as(name, &password_of(name)).await.status(201);
        Self { name: name.to_owned(), ..self.with_token(&reply.text_at("/user/token")) }
    }

    /// Asks to be registered under this name with this password.
    pub async fn register_as(&self, name: &str, password: &str) -> Reply {
        let user = json!({"username": name, "email": format!("{name}@example.com"), "password": password});
        self.post("/api/users", json!({ "user": user })).await
    }

    /// Asks without a body.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// Asks without a body.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Asks with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body.to_string().into_bytes())).await
    }

    /// Asks with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body.to_string().into_bytes())).await
    }

    /// Asks with any method and any bytes.
    pub async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Token {token}"));
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        Reply::of(request).await
    }

    /// A request to be finished by the test.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Publishes an article of this title without tags, and gives its slug. Its body is "Body of TITLE".
    pub async fn publishes(&self, title: &str) -> String {
        self.publishes_tagged(title, &[]).await
    }

    /// Publishes an article of this title with these tags, and gives its slug.
    pub async fn publishes_tagged(&self, title: &str, tags: &[&str]) -> String {
        let article = json!({"article": {
            "title": title, "description": format!("About {title}"), "body": format!("Body of {title}"), "tagList": tags,
        }});
        let reply = self.post("/api/articles", article).await.status(201);
        reply.text_at("/article/slug")
    }

    /// Comments on an article, and gives the comment's id.
    pub async fn comments(&self, slug: &str, body: &str) -> i64 {
        let reply = self.post(&format!("/api/articles/{slug}/comments"), json!({"comment": {"body": body}})).await;
        reply.status(201).at("/comment/id").as_i64().expect("an id")
    }

    /// Makes an article a favorite.
    pub async fn favorites(&self, slug: &str) {
        self.post(&format!("/api/articles/{slug}/favorite"), json!({})).await.status(200);
    }

    /// Follows a user.
    pub async fn follows(&self, name: &str) {
        self.post(&format!("/api/profiles/{name}/follow"), json!({})).await.status(200);
    }
}

/// The password that [`Client::register`] gives a user.
pub fn password_of(name: &str) -> String {
    format!("{name}'s password")
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// What was asked, for messages.
    pub asked: String,
    /// The status.
    pub code: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The bytes of the body.
    pub bytes: Vec<u8>,
}

#[allow(clippy::wrong_self_convention, reason = "assertions chain, and read as sentences: the reply is ...")]
impl Reply {
    /// Sends a request and takes the answer in, which must be as the API's document says.
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.expect("a request");
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = client.execute(request).await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (code, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap_or_else(|error| panic!("{asked}: {error:?}")).to_vec();
        let reply = Self { asked, code, headers, bytes };
        document::hold_to_it(&reply);
        reply
    }

    /// Asserts the status.
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(self.code.as_u16(), status, "{}: {}", self.asked, self.text());
        self
    }

    /// Asserts the status and the whole body.
    #[track_caller]
    pub fn is(self, status: u16, body: Value) -> Self {
        let reply = self.status(status);
        assert_eq!(reply.json(), body, "{}", reply.asked);
        reply
    }

    /// Asserts an error of the contract with one key.
    #[track_caller]
    pub fn is_error(self, status: u16, key: &str, message: &str) -> Self {
        self.is(status, json!({"errors": {key: [message]}}))
    }

    /// Asserts a part of the body, by its JSON pointer (RFC 6901).
    #[track_caller]
    pub fn has(self, pointer: &str, value: impl Into<Value>) -> Self {
        assert_eq!(self.at(pointer), value.into(), "{pointer} of {}", self.asked);
        self
    }

    /// A part of the body.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        let body = self.json();
        body.pointer(pointer).unwrap_or_else(|| panic!("{} has no {pointer}: {body}", self.asked)).clone()
    }

    /// A text in the body.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{pointer} of {} is no text", self.asked)).to_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.asked, self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The titles of a list of articles.
    #[track_caller]
    pub fn titles(&self) -> Vec<String> {
        let articles = self.at("/articles");
        let articles = articles.as_array().expect("a list of articles");
        articles.iter().map(|article| article["title"].as_str().expect("a title").to_owned()).collect()
    }
}
