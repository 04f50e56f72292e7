//! Which routes need a token, and which do without.

/// Routes that need one, each asked in the worst way: a body that is no JSON, for something that does not exist.
pub const PROTECTED: [(&str, &str); 13] = [
    ("GET /api/user", ""),
    ("PUT /api/user", "rubbish"),
    ("POST /api/profiles/nobody/follow", "rubbish"),
    ("DELETE /api/profiles/nobody/follow", "rubbish"),
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

/// Routes that do without, where amy has published dragons.
pub const PUBLIC: [&str; 8] = [
    "/api/articles",
    "/api/articles?tag=fire",
    "/api/articles?author=amy&favorited=bob",
    "/api/articles/dragons",
    "/api/articles/dragons/comments",
    "/api/profiles/amy",
    "/api/tags",
    "/readyz",
];
