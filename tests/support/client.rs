//! HTTP client, anonymous or logged in as a user.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Response;
use super::fixtures::new_article;

#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
    /// Username; empty for an anonymous client.
    pub name: String,
    /// Token that is sent with each request.
    pub token: Option<String>,
}

impl Client {
    /// Client without a token, for `http://HOST:PORT`.
    pub fn anonymous(base_url: &str) -> Self {
        Self { http: reqwest::Client::new(), base_url: base_url.to_owned(), name: String::new(), token: None }
    }

    /// Same client with this token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub fn token(&self) -> &str {
        self.token.as_deref().expect("a logged-in client")
    }

    /// Registers a user with the e-mail address `NAME@example.com` and the password
    /// [`password_of`].
    pub async fn register(&self, name: &str) -> Self {
        let response = self.register_with_password(name, &password_of(name)).await.assert_status(201);
        Self { name: name.to_owned(), ..self.with_token(&response.text_at("/user/token")) }
    }

    /// Sends a registration with the e-mail address `NAME@example.com`.
    pub async fn register_with_password(&self, name: &str, password: &str) -> Response {
        let user = json!({"username": name, "email": format!("{name}@example.com"), "password": password});
        self.post("/api/users", json!({ "user": user })).await
    }

    pub async fn log_in(&self, email: &str, password: &str) -> Response {
        self.post("/api/users/login", json!({"user": {"email": email, "password": password}})).await
    }

    /// Opens another session of this user.
    pub async fn new_session(&self, password: &str) -> Self {
        let response = self.log_in(&format!("{}@example.com", self.name), password).await.assert_status(200);
        self.with_token(&response.text_at("/user/token"))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Response {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, Some(body.to_string().into_bytes())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Response {
        self.send(Method::PUT, path, Some(body.to_string().into_bytes())).await
    }

    /// Sends a request to an endpoint such as `PUT /api/user`, with these bytes as body.
    pub async fn call(&self, endpoint: &str, body: impl Into<Vec<u8>>) -> Response {
        let (method, path) = endpoint.split_once(' ').expect("a method and a path");
        self.send(method.parse().expect("a method"), path, Some(body.into())).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Response {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        Response::fetch(request).await
    }

    /// Starts a request, with the client's token. [`Response::fetch`] sends it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base_url));
        match &self.token {
            Some(token) => request.header("Authorization", format!("Token {token}")),
            None => request,
        }
    }

    /// Publishes an article without tags and returns its slug. Its body is `Body of TITLE`.
    pub async fn publish(&self, title: &str) -> String {
        self.publish_tagged(title, &[]).await
    }

    /// Publishes an article with tags and returns its slug.
    pub async fn publish_tagged(&self, title: &str, tags: &[&str]) -> String {
        let (description, body) = (format!("About {title}"), format!("Body of {title}"));
        let fields = json!({"title": title, "description": description, "body": body, "tagList": tags});
        self.post("/api/articles", new_article(fields)).await.assert_status(201).text_at("/article/slug")
    }

    pub async fn comment(&self, slug: &str, body: &str) -> i64 {
        let comment = json!({"comment": {"body": body}});
        let response = self.post(&format!("/api/articles/{slug}/comments"), comment).await.assert_status(201);
        response.at("/comment/id").as_i64().expect("an id")
    }

    pub async fn favorite(&self, slug: &str) {
        self.post(&format!("/api/articles/{slug}/favorite"), json!({})).await.assert_status(200);
    }

    pub async fn follow(&self, name: &str) {
        self.post(&format!("/api/profiles/{name}/follow"), json!({})).await.assert_status(200);
    }
}

/// Password of a user whom [`Client::register`] made.
pub fn password_of(name: &str) -> String {
    format!("{name}'s password")
}
