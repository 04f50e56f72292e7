//! Reads of anonymous clients from a streaming replica, while its lag is within the limit. All
//! other statements run on the primary.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use conduit::adapters::persistence::maintenance::migrate::Step;
use conduit::app::database;
use futures_util::future::{join, join_all};
use support::Client;
use support::app::{Instance, configuration};
use support::database::connect;
use support::script::Script;
use tokio::time::{sleep, timeout};

/// Limit for conditions that become true on their own.
const LIMIT: Duration = Duration::from_secs(20);

/// An instance with a primary and a replica.
struct Site {
    _instance: Instance,
    servers: Script,
    anonymous: Client,
    amy: Client,
}

impl Site {
    /// Starts a site on which amy has published `One`, and waits until reads use the replica.
    async fn start(max_lag: &str) -> Self {
        Self::start_with(max_lag, "1h").await
    }

    /// Same with a statement timeout.
    async fn start_with(max_lag: &str, statement_timeout: &str) -> Self {
        let servers = Script::postgres_with_standby(&[]);
        let config = configuration(&[
            ("DATABASE_URL", servers.line(0)),
            ("DATABASE_REPLICA_URL", servers.line(1)),
            ("DATABASE_REPLICA_MAX_LAG", max_lag),
            // A statement that times out on the replica runs on the primary, which a busy machine
            // must not cause.
            ("DATABASE_STATEMENT_TIMEOUT", statement_timeout),
        ]);
        database::migrate(&config.database, Step::Apply).await.expect("migrations");
        let instance = Instance::start(&config).await;
        let anonymous = instance.anonymous();
        let amy = anonymous.register("amy").await;
        amy.publish_tagged("One", &["one"]).await;
        let site = Self { _instance: instance, servers, anonymous, amy };
        wait_until(async || {
            titles(&site.anonymous).await;
            site.replica_is_used().await
        })
        .await;
        wait_until(async || titles(&site.anonymous).await == ["One"]).await;
        site
    }

    async fn execute_on_replica(&self, statement: &str) {
        connect(self.servers.line(1)).await.batch_execute(statement).await.expect("a statement on the replica");
    }

    /// Whether the application has read articles from the replica.
    async fn replica_is_used(&self) -> bool {
        let connections =
            "select count(*) from pg_stat_activity where application_name = 'conduit' and query ilike '%articles%'";
        connect(self.servers.line(1)).await.query_one(connections, &[]).await.unwrap().get::<_, i64>(0) > 0
    }

    /// Process ids of the application's connections to the replica.
    async fn connections(&self) -> BTreeSet<i32> {
        let connections = "select pid from pg_stat_activity where application_name = 'conduit'";
        let rows = connect(self.servers.line(1)).await.query(connections, &[]).await.unwrap();
        rows.iter().map(|row| row.get("pid")).collect()
    }

    async fn kill_replica(&self) {
        let replica = connect(self.servers.line(1)).await;
        let backend: i32 = replica.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        let parent =
            std::process::Command::new("ps").args(["-o", "ppid=", "-p", &backend.to_string()]).output().unwrap();
        let server = String::from_utf8(parent.stdout).unwrap();
        assert!(std::process::Command::new("kill").args(["-KILL", server.trim()]).status().unwrap().success());
    }
}

async fn wait_until(condition: impl AsyncFn() -> bool) {
    let holds = async {
        while !condition().await {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(LIMIT, holds).await.expect("the condition holds in time");
}

/// Titles of the articles in the list, oldest first.
async fn titles(reader: &Client) -> Vec<String> {
    let list = reader.get("/api/articles").await.assert_status(200);
    let mut titles = list.titles();
    titles.reverse();
    list.assert_at("/articlesCount", titles.len());
    titles
}

/// Whether a reader sees the second article in the list, by its slug, its comments and its tag.
async fn sees_two(reader: &Client) -> [bool; 4] {
    let tags = reader.get("/api/tags").await.assert_status(200).json();
    [
        titles(reader).await.len() == 2,
        reader.get("/api/articles/two").await.status == 200,
        reader.get("/api/articles/two/comments").await.status == 200,
        tags["tags"].as_array().unwrap().len() == 2,
    ]
}

#[actix_web::test]
async fn anonymous_readers_use_the_replica_and_users_the_primary() {
    let site = Site::start("1h").await;
    site.execute_on_replica("select pg_wal_replay_pause()").await;
    site.amy.publish_tagged("Two", &["two"]).await;

    assert_eq!(sees_two(&site.anonymous).await, [false; 4], "the replica does not have it yet");
    assert_eq!(sees_two(&site.amy).await, [true; 4], "amy sees her own writes");
    let bob = site.anonymous.register("bob").await;
    assert_eq!(sees_two(&bob).await, [true; 4]);
    // A new user's token is valid at once, although the replica does not have the user yet.
    bob.get("/api/user").await.assert_status(200);

    site.execute_on_replica("select pg_wal_replay_resume()").await;
    wait_until(async || sees_two(&site.anonymous).await == [true; 4]).await;
}

#[actix_web::test]
async fn lagging_replica_is_not_used() {
    let site = Site::start("300ms").await;
    site.execute_on_replica("select pg_wal_replay_pause()").await;
    site.amy.publish_tagged("Two", &["two"]).await;
    wait_until(async || sees_two(&site.anonymous).await == [true; 4]).await;
    // It stays that way.
    for _ in 0..20 {
        assert_eq!(sees_two(&site.anonymous).await, [true; 4]);
        sleep(Duration::from_millis(20)).await;
    }
}

/// Otherwise a storm of new connections would make a slow replica slower.
#[actix_web::test]
async fn slow_replica_keeps_its_connections() {
    let site = Site::start_with("1h", "2s").await;
    // Each on its own connection: a list with two filters is not cheap, so it is not pipelined.
    join_all((0..8).map(|_| site.anonymous.get("/api/articles?tag=one&author=amy"))).await;
    let before = site.connections().await;
    // The replica replays the lock of the primary. Switching the WAL file sends it at once.
    let primary = connect(site.servers.line(0)).await;
    primary.batch_execute("begin; lock table tags in access exclusive mode; select pg_switch_wal()").await.unwrap();
    let replica = connect(site.servers.line(1)).await;
    let locks = "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'tags'::regclass";
    wait_until(async || replica.query_one(locks, &[]).await.unwrap().get::<_, i64>(0) > 0).await;

    let release = async {
        sleep(Duration::from_millis(500)).await;
        primary.batch_execute("rollback").await.unwrap();
    };
    join(site.anonymous.get("/api/tags"), release).await.0.assert_status(200);

    let after = site.connections().await;
    assert!(before.len() > 2, "{before:?}");
    assert!(before.difference(&after).count() <= 1, "{before:?} {after:?}");
}

#[actix_web::test]
async fn primary_replaces_a_lost_replica() {
    let site = Site::start("10s").await;
    site.kill_replica().await;
    for _ in 0..50 {
        assert_eq!(titles(&site.anonymous).await, ["One"]);
    }
    site.amy.publish_tagged("Two", &["two"]).await;
    wait_until(async || sees_two(&site.anonymous).await == [true; 4]).await;
}
