//! Routes that require a token, and routes that do not.

/// Requests that require a token and are wrong in every other way: malformed JSON, for an unknown
/// resource.
pub const PROTECTED: &[(&str, &str)] = &[
    ("GET /api/user", ""),
    ("PUT /api/user", "rubbish"),
    ("POST /api/profiles/unknown/follow", "rubbish"),
    ("DELETE /api/profiles/unknown/follow", "rubbish"),
    ("POST /api/articles", "rubbish"),
    ("GET /api/articles/feed", ""),
    ("GET /api/articles/feed?limit=0&offset=abc", ""),
    ("PUT /api/articles/nothing", "rubbish"),
    ("DELETE /api/articles/nothing", "rubbish"),
    ("POST /api/articles/nothing/favorite", "rubbish"),
    ("DELETE /api/articles/nothing/favorite", "rubbish"),
    ("POST /api/articles/nothing/comments", "rubbish"),
    ("DELETE /api/articles/nothing/comments/abc", "rubbish"),
];

/// Paths that need no token. Amy has published `dragons`.
pub const PUBLIC: &[&str] = &[
    "/api/articles",
    "/api/articles?tag=fire",
    "/api/articles?author=amy&favorited=bob",
    "/api/articles/dragons",
    "/api/articles/dragons/comments",
    "/api/profiles/amy",
    "/api/tags",
    "/readyz",
];
