//! Atomicity and durability of the unit of work around routes, on both engines.

mod support;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, Path};
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::DateTime;
use conduit::adapters::http::middleware::catch_panics;
use conduit::adapters::http::middleware::unit_of_work::unit_of_work;
use conduit::adapters::persistence::maintenance::migrate::Target;
use conduit::adapters::persistence::repositories::articles::Articles;
use conduit::adapters::persistence::repositories::users::Users;
use conduit::adapters::persistence::{postgres, sqlite};
use conduit::domain::model::article::{ArticleDraft, NewArticle};
use conduit::domain::model::user::{NewUser, PasswordHash};
use conduit::domain::model::values::{ArticleBody, Description, Email, Slug, TagList, Title, UserId, Username};
use conduit::ports::repositories::{ArticleRepository, UserRepository};
use conduit::ports::unit_of_work::UnitOfWork;
use futures_util::FutureExt;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use support::Engine::*;
use support::{Client, Database, Engine, Lock, TestApp};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// Makes commits fail after every statement has succeeded, by a deferred constraint.
async fn fail_commits(database: &Database) {
    let statements = match database {
        Database::Sqlite(_) => {
            "create table deferred_check (id integer references users deferrable initially deferred);
             create trigger fail_commit after update on articles begin insert into deferred_check values (-1); end;"
        }
        Database::Postgres(_) => {
            "create table deferred_check (id bigint references users deferrable initially deferred);
             create function fail_commit() returns trigger language plpgsql as
             $$ begin insert into deferred_check values (-1); return null; end $$;
             create trigger fail_commit after update on articles for each row execute function fail_commit();"
        }
    };
    database.execute(statements).await;
}

#[rstest]
#[actix_web::test]
async fn failed_commit_is_a_500(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publish("Dragons").await);
    fail_commits(&app.database).await;

    let change = json!({"article": {"body": "changed"}});
    amy.put(&path, change.clone()).await.assert_error(500, "server", "internal error");
    amy.get(&path).await.assert_at("/article/body", "Body of Dragons");

    app.database.execute(&drop_trigger(engine)).await;
    amy.put(&path, change).await.assert_status(200).assert_at("/article/body", "changed");
}

fn drop_trigger(engine: Engine) -> String {
    match engine {
        Sqlite => "drop trigger fail_commit".into(),
        Postgres => "drop trigger fail_commit on articles".into(),
    }
}

/// A server with faulty handlers, each in a unit of work.
struct FaultyServer {
    handle: ServerHandle,
    client: Client,
    database: Database,
    articles: Arc<dyn ArticleRepository>,
}

impl FaultyServer {
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    async fn start(engine: Engine) -> Self {
        let database = Database::create(engine).await;
        let (units, users, articles) = open(&database);
        let author = users.insert(new_user()).await.unwrap().id;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::anonymous(&format!("http://{}", listener.local_addr().unwrap()));
        let (shared_units, shared) = (units.clone(), articles.clone());
        let server = HttpServer::new(move || {
            let in_unit = |route: actix_web::Route| route.wrap(from_fn(unit_of_work));
            App::new()
                .app_data(Data::from(shared_units.clone()))
                .app_data(Data::from(shared.clone()))
                .app_data(Data::new(author))
                .route("/created/{slug}", in_unit(web::post().to(write_and_return_201)))
                .route("/rejected/{slug}", in_unit(web::post().to(write_and_return_422)))
                .route("/ignored/{slug}", in_unit(web::post().to(write_and_ignore_a_failure)))
                .route("/continued/{slug}", in_unit(web::post().to(write_after_a_failure)))
                .route("/abandoned/{slug}", in_unit(web::post().to(write_and_abandon_a_statement)))
                .route("/endless/{slug}", in_unit(web::post().to(write_and_never_return)))
                .route(
                    "/panics/{slug}",
                    in_unit(web::post().to(write_and_panic)).wrap(from_fn(catch_panics::catch_panics)),
                )
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { handle, client, database, articles }
    }

    async fn post(&self, route: &str, slug: &str) -> u16 {
        self.client.send(Method::POST, &format!("/{route}/{slug}"), None).await.status.as_u16()
    }

    async fn has(&self, slug: &str) -> bool {
        self.articles.find(&Slug::parse(slug).unwrap(), None).await.unwrap().is_some()
    }
}

impl Drop for FaultyServer {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Opened = (Arc<dyn UnitOfWork>, Arc<dyn UserRepository>, Arc<dyn ArticleRepository>);

fn open(database: &Database) -> Opened {
    match database.target() {
        Target::Sqlite(settings) => {
            let executor = sqlite::open(&settings).unwrap();
            (Arc::new(executor.clone()), Arc::new(Users(executor.clone())), Arc::new(Articles(executor)))
        }
        Target::Postgres(settings) => {
            let executor = postgres::open(&settings).unwrap();
            (Arc::new(executor.clone()), Arc::new(Users(executor.clone())), Arc::new(Articles(executor)))
        }
    }
}

fn new_user() -> NewUser {
    NewUser {
        username: Username::parse("amy").unwrap(),
        email: Email::parse("amy@example.com").unwrap(),
        password_hash: PasswordHash::new("none".into()),
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn new_article(slug: &str, author: UserId) -> NewArticle {
    let draft = ArticleDraft {
        title: Title::parse("Title").unwrap(),
        description: Description::parse("Description").unwrap(),
        body: ArticleBody::parse("Body").unwrap(),
        tags: TagList::default(),
    };
    NewArticle { slug: Slug::parse(slug).unwrap(), draft, author, created_at: DateTime::UNIX_EPOCH }
}

type Repository = Data<dyn ArticleRepository>;

async fn write_and_return_201(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    HttpResponse::Created().finish()
}

async fn write_and_return_422(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    HttpResponse::UnprocessableEntity().finish()
}

async fn write_and_ignore_a_failure(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    let without_author = new_article("without-author", UserId::new(-1));
    assert!(articles.insert(without_author).await.is_err());
    HttpResponse::Created().finish()
}

async fn write_after_a_failure(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    articles.insert(new_article("without-author", UserId::new(-1))).await.unwrap_err();
    articles.insert(new_article("afterwards", **author)).await.unwrap_err();
    HttpResponse::Created().finish()
}

async fn write_and_abandon_a_statement(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    let another = articles.insert(new_article("abandoned", **author)).now_or_never();
    assert!(another.is_none(), "the statement has not finished yet");
    HttpResponse::Created().finish()
}

async fn write_and_never_return(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    std::future::pending().await
}

async fn write_and_panic(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(new_article(&slug, **author)).await.unwrap();
    panic!("with an open transaction")
}

#[rstest]
#[actix_web::test]
async fn success_is_committed(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    assert_eq!(server.post("created", "one").await, 201);
    assert!(server.has("one").await);
}

#[rstest]
#[actix_web::test]
async fn client_error_rolls_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    assert_eq!(server.post("rejected", "one").await, 422);
    assert!(!server.has("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn ignored_failure_of_a_statement_is_a_500(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    assert_eq!(server.post("ignored", "one").await, 500);
    assert!(!server.has("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn statement_after_a_failed_one_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    if engine == Sqlite {
        // Ends the transaction, as SQLite itself does when the disk is full.
        let fail = "create trigger fail before insert on articles when new.slug = 'without-author'
                    begin select raise(rollback, 'the disk is full'); end";
        server.database.execute(fail).await;
    }
    assert_eq!(server.post("continued", "one").await, 500);
    for slug in ["one", "afterwards"] {
        assert!(!server.has(slug).await, "{slug}");
    }
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn abandoned_statement_is_a_500(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    if engine == Sqlite {
        // Otherwise the writer's thread may finish the statement before the handler looks at it.
        let slow_down = "create trigger slow before insert on articles when new.slug = 'abandoned'
                         begin select (with recursive numbers(n) as (select 1 union all select n + 1 from numbers limit 3000000)
                         select count(*) from numbers); end";
        server.database.execute(slow_down).await;
    }
    assert_eq!(server.post("abandoned", "one").await, 500);
    assert!(!server.has("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn panic_rolls_back_and_releases_its_locks(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    // More often than the pool has connections: none may be lost.
    for _ in 0..12 {
        assert_eq!(server.post("panics", "one").await, 500);
    }
    assert_eq!(server.post("created", "one").await, 201);
}

/// Sends a request, waits until it has reached its statement, and resets the connection. A reset
/// makes actix-web drop the handler's future; a close does not, because the client may still read.
async fn send_and_reset(client: &Client, method: Method, path: &str, body: &str, statement_runs: impl Future) {
    let request = client.request(method, path).build().unwrap();
    let url = request.url();
    let address = (url.host_str().unwrap(), url.port().unwrap());
    let head = format!(
        "{} {} HTTP/1.1\r\nHost: conduit\r\nAuthorization: Token {}\r\nContent-Length: {}\r\n\r\n{body}",
        request.method(),
        url.path(),
        client.token.as_deref().unwrap_or_default(),
        body.len(),
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    statement_runs.await;
    stream.set_zero_linger().unwrap();
}

#[rstest]
#[actix_web::test]
async fn cancelled_request_rolls_back_and_releases_its_locks(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = FaultyServer::start(engine).await;
    // More often than the pool has connections: none may be lost.
    for _ in 0..12 {
        send_and_reset(&server.client, Method::POST, "/endless/one", "", async {}).await;
    }
    // An insert of the same slug would wait for a lock that was not released, and fail.
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn request_cancelled_during_its_statement_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publish("Dragons").await);
    let change = json!({"article": {"body": "changed"}});

    let lock = Lock::acquire(&app.database).await;
    for _ in 0..4 {
        send_and_reset(&amy, Method::PUT, &path, &change.to_string(), lock.wait_for_contender()).await;
    }
    lock.release().await;

    amy.get(&path).await.assert_at("/article/body", "Body of Dragons");
    amy.put(&path, change).await.assert_status(200).assert_at("/article/body", "changed");
}

#[rstest]
#[actix_web::test]
async fn unit_without_statements_needs_no_connection(#[values(Sqlite, Postgres)] engine: Engine) {
    let (units, ..) = open(&Database::create(engine).await);
    // The database is already deleted: a unit that needs a connection would fail.
    use conduit::ports::unit_of_work::TxOutcome;
    units.run(Box::pin(async { TxOutcome::Commit })).await.unwrap();
}
