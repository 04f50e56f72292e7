//! All or nothing, and no write acknowledged that is not stored: the unit of work around routes, on both engines.

mod support;

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{self, Data, Path},
};
use chrono::DateTime;
use conduit::{
    adapters::{
        http::middleware::{catch_panics, unit_of_work::unit_of_work},
        persistence::{
            maintenance::migrate::Target,
            postgres,
            repositories::{articles::Articles, users::Users},
            sqlite,
        },
    },
    domain::model::{
        article::{ArticleDraft, NewArticle},
        user::{NewUser, PasswordHash},
        values::{ArticleBody, Description, Email, Slug, TagList, Title, UserId, Username},
    },
    ports::{
        repositories::{ArticleRepository, UserRepository},
        unit_of_work::UnitOfWork,
    },
};
use futures_util::FutureExt;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use support::{Client, Database, Engine, Engine::*, Lock, TestApp};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Lets a commit fail after every statement has succeeded: a constraint that is checked at the end.
async fn let_commits_fail(database: &Database) {
    let statements = match database {
        Database::Sqlite(_) => {
            "create table checked_late (id integer references users deferrable initially deferred);
             create trigger late after update on articles begin insert into checked_late values (-1); end;"
        }
        Database::Postgres(_) => {
            "create table checked_late (id bigint references users deferrable initially deferred);
             create function late() returns trigger language plpgsql as
             $$ begin insert into checked_late values (-1); return null; end $$;
             create trigger late after update on articles for each row execute function late();"
        }
    };
    database.execute(statements).await;
}

#[rstest]
#[actix_web::test]
async fn a_commit_that_fails_is_the_answer(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publishes("Dragons").await);
    let_commits_fail(&app.database).await;

    let change = json!({"article": {"body": "changed"}});
    amy.put(&path, change.clone()).await.is_error(500, "server", "internal error");
    amy.get(&path).await.has("/article/body", "Body of Dragons");

    app.database.execute(&drop_trigger(engine)).await;
    amy.put(&path, change).await.status(200).has("/article/body", "changed");
}

fn drop_trigger(engine: Engine) -> String {
    match engine {
        Sqlite => "drop trigger late".into(),
        Postgres => "drop trigger late on articles".into(),
    }
}

/// Routes that do what a careless handler would, each in a unit of work.
struct Careless {
    handle: ServerHandle,
    client: Client,
    _database: Database,
    articles: Arc<dyn ArticleRepository>,
}

impl Careless {
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    async fn start(engine: Engine) -> Self {
        let database = Database::create(engine).await;
        let (units, users, articles) = open(&database);
        let author = users.insert(somebody()).await.unwrap().id;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = Client::anonymous(&format!("http://{}", listener.local_addr().unwrap()));
        let (shared_units, shared) = (units.clone(), articles.clone());
        let server = HttpServer::new(move || {
            let in_a_unit = |route: actix_web::Route| route.wrap(from_fn(unit_of_work));
            App::new()
                .app_data(Data::from(shared_units.clone()))
                .app_data(Data::from(shared.clone()))
                .app_data(Data::new(author))
                .route("/created/{slug}", in_a_unit(web::post().to(write_and_answer_201)))
                .route("/refused/{slug}", in_a_unit(web::post().to(write_and_answer_422)))
                .route("/ignored/{slug}", in_a_unit(web::post().to(write_and_ignore_a_failure)))
                .route("/given-up/{slug}", in_a_unit(web::post().to(write_and_give_up)))
                .route("/endless/{slug}", in_a_unit(web::post().to(write_and_never_answer)))
                .route(
                    "/panics/{slug}",
                    in_a_unit(web::post().to(write_and_panic)).wrap(from_fn(catch_panics::catch_panics)),
                )
        });
        let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { handle, client, _database: database, articles }
    }

    async fn post(&self, route: &str, slug: &str) -> u16 {
        self.client.send(Method::POST, &format!("/{route}/{slug}"), None).await.code.as_u16()
    }

    async fn holds(&self, slug: &str) -> bool {
        self.articles.find(&Slug::parse(slug).unwrap(), None).await.unwrap().is_some()
    }
}

impl Drop for Careless {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Opened = (Arc<dyn UnitOfWork>, Arc<dyn UserRepository>, Arc<dyn ArticleRepository>);

fn open(database: &Database) -> Opened {
    match database.target() {
        Target::Sqlite(settings) => {
            let session = sqlite::open(&settings).unwrap();
            (Arc::new(session.clone()), Arc::new(Users::from(session.clone())), Arc::new(Articles::from(session)))
        }
        Target::Postgres(settings) => {
            let session = postgres::open(&settings).unwrap();
            (Arc::new(session.clone()), Arc::new(Users::from(session.clone())), Arc::new(Articles::from(session)))
        }
    }
}

fn somebody() -> NewUser {
    NewUser {
        username: Username::parse("amy").unwrap(),
        email: Email::parse("amy@example.com").unwrap(),
        password_hash: PasswordHash::new("none".into()),
        created_at: DateTime::UNIX_EPOCH,
    }
}

fn article(slug: &str, author: UserId) -> NewArticle {
    let draft = ArticleDraft {
        title: Title::parse("Title").unwrap(),
        description: Description::parse("Description").unwrap(),
        body: ArticleBody::parse("Body").unwrap(),
        tags: TagList::default(),
    };
    NewArticle { slug: Slug::parse(slug).unwrap(), draft, author, created_at: DateTime::UNIX_EPOCH }
}

type Repository = Data<dyn ArticleRepository>;

async fn write_and_answer_201(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    HttpResponse::Created().finish()
}

async fn write_and_answer_422(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    HttpResponse::UnprocessableEntity().finish()
}

async fn write_and_ignore_a_failure(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    let by_nobody = article("by-nobody", UserId::new(-1));
    assert!(articles.insert(by_nobody).await.is_err());
    HttpResponse::Created().finish()
}

async fn write_and_give_up(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    let another = articles.insert(article("given-up", **author)).now_or_never();
    assert!(another.is_none(), "it takes a while");
    HttpResponse::Created().finish()
}

async fn write_and_never_answer(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    std::future::pending().await
}

async fn write_and_panic(slug: Path<String>, author: Data<UserId>, articles: Repository) -> HttpResponse {
    articles.insert(article(&slug, **author)).await.unwrap();
    panic!("with a transaction open")
}

#[rstest]
#[actix_web::test]
async fn a_success_is_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    assert_eq!(server.post("created", "one").await, 201);
    assert!(server.holds("one").await);
}

#[rstest]
#[actix_web::test]
async fn a_4xx_undoes_what_was_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    assert_eq!(server.post("refused", "one").await, 422);
    assert!(!server.holds("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn a_failed_statement_that_was_ignored_is_no_success(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    assert_eq!(server.post("ignored", "one").await, 500);
    assert!(!server.holds("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn a_statement_that_was_given_up_is_no_success(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    assert_eq!(server.post("given-up", "one").await, 500);
    assert!(!server.holds("one").await);
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn a_panic_undoes_what_was_written_and_frees_its_locks(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    // Once per connection of the pool and more: none of them may be lost.
    for _ in 0..12 {
        assert_eq!(server.post("panics", "one").await, 500);
    }
    assert_eq!(server.post("created", "one").await, 201);
}

/// Sends a request, gives it time to reach its statement, waits until it has where that shows, and breaks the connection. A reset
/// makes actix-web drop the handler's future; a mere close does not, for the client may only have ended its half.
async fn send_and_break_off(client: &Client, method: Method, path: &str, body: &str, has_come: impl Future) {
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
    has_come.await;
    stream.set_zero_linger().unwrap();
}

#[rstest]
#[actix_web::test]
async fn a_cancelled_request_undoes_what_was_written_and_frees_its_locks(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = Careless::start(engine).await;
    // Once per connection of the pool and more: none of them may be lost.
    for _ in 0..12 {
        send_and_break_off(&server.client, Method::POST, "/endless/one", "", async {}).await;
    }
    // The same slug again: it waits for whoever holds it still, and fails if nobody lets go.
    assert_eq!(server.post("created", "one").await, 201);
}

#[rstest]
#[actix_web::test]
async fn a_request_cancelled_while_its_statement_runs_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let path = format!("/api/articles/{}", amy.publishes("Dragons").await);
    let change = json!({"article": {"body": "changed"}});

    let lock = Lock::take(&app.database).await;
    for _ in 0..4 {
        send_and_break_off(&amy, Method::PUT, &path, &change.to_string(), lock.is_waited_for()).await;
    }
    lock.release().await;

    amy.get(&path).await.has("/article/body", "Body of Dragons");
    amy.put(&path, change).await.status(200).has("/article/body", "changed");
}

#[rstest]
#[actix_web::test]
async fn a_unit_without_statements_asks_for_no_connection(#[values(Sqlite, Postgres)] engine: Engine) {
    let (units, ..) = open(&Database::create(engine).await);
    // The database is gone by now: a unit that wanted a connection would fail.
    use conduit::ports::unit_of_work::TxOutcome;
    units.run(Box::pin(async { TxOutcome::Commit })).await.unwrap();
}
