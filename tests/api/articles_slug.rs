//! `/api/articles/{slug}`

use rstest::rstest;
use serde_json::json;

use crate::support::{Engine, Engine::*, TestApp};

#[rstest]
#[actix_web::test]
async fn only_the_author_updates_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes("Dragons").await;

    bob.put(&format!("/api/articles/{slug}"), json!({"article": {"body": "mine"}}))
        .await
        .is_error(403, "article", "forbidden");
    app.anon().get(&format!("/api/articles/{slug}")).await.has("/article/body", "Body of Dragons");
}
