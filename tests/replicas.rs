//! A replica that follows by real streaming replication answers readers whom nobody knows, as long as it is not too far
//! behind; everybody else is answered by the primary.

mod support;

use std::{collections::BTreeSet, time::Duration};

use actix_web::dev::ServerHandle;
use conduit::{
    adapters::persistence::maintenance::migrate::Step,
    app::{database, server::application::Application},
};
use futures_util::future::{join, join_all};
use serde_json::json;
use support::{Client, app::configuration, database::connect, script::Script};
use tokio::time::{sleep, timeout};

/// How long anything may take that is to happen by itself.
const SOON: Duration = Duration::from_secs(20);

/// The application on a primary and its replica.
struct Site {
    handle: ServerHandle,
    servers: Script,
    anon: Client,
    amy: Client,
}

impl Site {
    /// A site on which amy has published `One`, and the replica answers.
    async fn start(max_lag: &str) -> Self {
        Self::start_with(max_lag, "1h").await
    }

    /// The same where a statement may take so long.
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    async fn start_with(max_lag: &str, statement_timeout: &str) -> Self {
        let servers = Script::postgres_with_standby(&[]);
        let config = configuration(&[
            ("DATABASE_URL", servers.line(0)),
            ("DATABASE_REPLICA_URL", servers.line(1)),
            ("DATABASE_REPLICA_MAX_LAG", max_lag),
            // A question that takes long is left to the primary, which a busy machine must not cause.
            ("DATABASE_STATEMENT_TIMEOUT", statement_timeout),
        ]);
        database::migrate(&config.database, Step::Apply).await.expect("migrations");
        let application = Application::build(&config).await.expect("the application starts");
        let anon = Client::anonymous(&format!("http://{}", application.address()));
        let handle = application.handle();
        actix_web::rt::spawn(application.run_until_stopped());
        let amy = anon.register("amy").await;
        publish(&amy, "One").await;
        let site = Self { handle, servers, anon, amy };
        soon(async || {
            titles(&site.anon).await;
            site.is_asked().await
        })
        .await;
        soon(async || titles(&site.anon).await == ["One"]).await;
        site
    }

    async fn on_replica(&self, statement: &str) {
        connect(self.servers.line(1)).await.batch_execute(statement).await.expect("a statement on the replica");
    }

    /// Whether the application has asked the replica for articles.
    async fn is_asked(&self) -> bool {
        let sessions =
            "select count(*) from pg_stat_activity where application_name = 'conduit' and query ilike '%articles%'";
        connect(self.servers.line(1)).await.query_one(sessions, &[]).await.unwrap().get::<_, i64>(0) > 0
    }

    /// The replica's sessions with the application.
    async fn sessions(&self) -> BTreeSet<i32> {
        let sessions = "select pid from pg_stat_activity where application_name = 'conduit'";
        let rows = connect(self.servers.line(1)).await.query(sessions, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn kill_replica(&self) {
        let replica = connect(self.servers.line(1)).await;
        let session: i32 = replica.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        let parent =
            std::process::Command::new("ps").args(["-o", "ppid=", "-p", &session.to_string()]).output().unwrap();
        let server = String::from_utf8(parent.stdout).unwrap();
        assert!(std::process::Command::new("kill").args(["-KILL", server.trim()]).status().unwrap().success());
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn soon(happens: impl AsyncFn() -> bool) {
    let record = async {
        while !happens().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(SOON, record).await.expect("in time");
}

async fn publish(author: &Client, title: &str) {
    let article =
        json!({"article": {"title": title, "description": "d", "body": "b", "tagList": [title.to_lowercase()]}});
    author.post("/api/articles", article).await.status(201);
}

/// The titles of all articles that a reader sees in the list, the oldest first.
async fn titles(reader: &Client) -> Vec<String> {
    let list = reader.get("/api/articles").await.status(200).json();
    let mut titles: Vec<String> = list["articles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|article| article["title"].as_str().unwrap().to_owned())
        .collect();
    titles.reverse();
    assert_eq!(list["articlesCount"], titles.len());
    titles
}

/// Whether a reader sees the second article in the list, alone, with its comments and by its tag.
async fn sees_two(reader: &Client) -> [bool; 4] {
    let tags = reader.get("/api/tags").await.status(200).json();
    [
        titles(reader).await.len() == 2,
        reader.get("/api/articles/two").await.code == 200,
        reader.get("/api/articles/two/comments").await.code == 200,
        tags["tags"].as_array().unwrap().len() == 2,
    ]
}

#[actix_web::test]
async fn who_is_not_known_reads_from_a_replica_and_everybody_else_from_the_primary() {
    let site = Site::start("1h").await;
    site.on_replica("select pg_wal_replay_pause()").await;
    publish(&site.amy, "Two").await;

    assert_eq!(sees_two(&site.anon).await, [false; 4], "the replica does not know it yet");
    assert_eq!(sees_two(&site.amy).await, [true; 4], "and nobody misses what they wrote");
    let bob = site.anon.register("bob").await;
    assert_eq!(sees_two(&bob).await, [true; 4]);
    // One who registers and logs in at once is known, whatever the replica knows.
    bob.get("/api/user").await.status(200);

    site.on_replica("select pg_wal_replay_resume()").await;
    soon(async || sees_two(&site.anon).await == [true; 4]).await;
}

#[actix_web::test]
async fn a_replica_that_is_too_far_behind_is_not_asked() {
    let site = Site::start("300ms").await;
    site.on_replica("select pg_wal_replay_pause()").await;
    publish(&site.amy, "Two").await;
    soon(async || sees_two(&site.anon).await == [true; 4]).await;
    // Not by chance, and not for a moment.
    for _ in 0..20 {
        assert_eq!(sees_two(&site.anon).await, [true; 4]);
        sleep(Duration::from_millis(20)).await;
    }
}

/// A slow replica is not one that is gone: a storm of new connections would make it slower.
#[actix_web::test]
async fn a_replica_that_takes_long_keeps_its_connections() {
    let site = Site::start_with("1h", "2s").await;
    // Each on a connection of its own: what two filters say is counted.
    join_all((0..8).map(|_| site.anon.get("/api/articles?tag=one&author=amy"))).await;
    let before = site.sessions().await;
    // What is locked on the primary is locked on the replica too, when it has heard of it; it hears of it at once if the log is
    // written.
    let primary = connect(site.servers.line(0)).await;
    primary.batch_execute("begin; lock table tags in access exclusive mode; select pg_switch_wal()").await.unwrap();
    let replica = connect(site.servers.line(1)).await;
    let locks = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'tags'::regclass";
    soon(async || replica.query_one(locks, &[]).await.unwrap().get::<_, i64>(0) > 0).await;

    let let_go = async {
        sleep(Duration::from_millis(500)).await;
        primary.batch_execute("rollback").await.unwrap();
    };
    join(site.anon.get("/api/tags"), let_go).await.0.status(200);

    let after = site.sessions().await;
    assert!(before.len() > 2, "{before:?}");
    assert!(before.difference(&after).count() <= 1, "{before:?} {after:?}");
}

#[actix_web::test]
async fn a_replica_that_is_gone_is_not_missed() {
    let site = Site::start("10s").await;
    site.kill_replica().await;
    for _ in 0..50 {
        assert_eq!(titles(&site.anon).await, ["One"]);
    }
    publish(&site.amy, "Two").await;
    soon(async || sees_two(&site.anon).await == [true; 4]).await;
}
