//! Failover between the two servers in `DATABASE_URL`. After the primary is killed, frozen or made
//! read-only and the standby is promoted, the application finds the new primary without a restart,
//! and keeps every acknowledged write.

mod support;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use conduit::adapters::persistence::maintenance::migrate::Step;
use conduit::app::database;
use futures_util::future::{join, join_all};
use serde_json::json;
use support::app::{Instance, configuration};
use support::database::connect;
use support::fixtures::new_article;
use support::script::Script;
use support::{Client, Response};
use tokio::time::{Instant, sleep, timeout};

/// Maximum time from the promotion to the next successful write.
const MAX_OUTAGE: Duration = Duration::from_secs(10);

/// A primary and a synchronous standby.
struct Cluster(Script);

impl Cluster {
    fn start() -> Self {
        Self(Script::postgres_with_standby(&["synchronous_standby_names=*", "synchronous_commit=on"]))
    }

    /// `DATABASE_URL` with both servers.
    fn url(&self) -> String {
        let primary = self.0.line(0).strip_suffix("/postgres").expect("the name of a database");
        let (_, standby) = self.0.line(1).rsplit_once('@').expect("a role");
        format!("{primary},{standby}")
    }

    async fn primary(&self) -> Server {
        let connection = connect(self.0.line(0)).await;
        let backend: i32 = connection.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        Server { process: output("ps", &["-o", "ppid=", "-p", &backend.to_string()]) }
    }

    async fn make_primary_read_only(&self) {
        let primary = connect(self.0.line(0)).await;
        primary.execute("alter system set default_transaction_read_only = on", &[]).await.unwrap();
        primary.execute("select pg_reload_conf()", &[]).await.unwrap();
        while primary.query_one("show transaction_read_only", &[]).await.unwrap().get::<_, &str>(0) == "off" {
            sleep(Duration::from_millis(10)).await;
        }
    }

    async fn promote_standby(&self) {
        let standby = connect(self.0.line(1)).await;
        assert!(standby.query_one("select pg_promote()", &[]).await.unwrap().get::<_, bool>(0));
    }
}

/// The main process of a PostgreSQL server, by its id.
struct Server {
    process: String,
}

impl Server {
    fn kill(&self) {
        output("kill", &["-KILL", &self.process]);
    }

    /// Suspends all processes of the server. The kernel still accepts connections and data for
    /// them.
    fn freeze(self) -> Frozen {
        let children = output("pgrep", &["-P", &self.process]);
        let processes: Vec<String> = [self.process].into_iter().chain(children.lines().map(str::to_owned)).collect();
        processes.iter().for_each(|process| drop(output("kill", &["-STOP", process])));
        Frozen(processes)
    }
}

/// Suspended processes. They resume with the end of this value, or the server could not be stopped.
struct Frozen(Vec<String>);

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            let _ = Command::new("kill").args(["-CONT", process]).output();
        }
    }
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect(program);
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// Starts an instance on both servers.
async fn start(cluster: &Cluster) -> Instance {
    let url = cluster.url();
    let config = configuration(&[
        ("DATABASE_URL", &url),
        ("DATABASE_CONNECT_TIMEOUT", "1s"),
        ("DATABASE_STATEMENT_TIMEOUT", "2s"),
        ("DATABASE_POOL_WAIT", "500ms"),
    ]);
    database::migrate(&config.database, Step::Apply).await.expect("migrations");
    Instance::start(&config).await
}

/// Publishes an article. The response is a 201, or a 503 with `Retry-After`.
async fn publish(author: &Client, title: &str) -> Response {
    let article = new_article(json!({"title": title, "tagList": ["tea"]}));
    let response = author.post("/api/articles", article).await;
    if response.status == 201 {
        return response;
    }
    let response = response.assert_error(503, "service", "is unavailable");
    assert!(response.header("Retry-After").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{:?}", response.headers);
    response
}

/// Publishes articles until `is_over`, and returns the slugs of those that were acknowledged.
async fn publish_until(author: &Client, is_over: &Cell<bool>) -> Vec<String> {
    let mut slugs = Vec::new();
    for number in 0.. {
        if is_over.get() {
            break;
        }
        let response = publish(author, &format!("Article {number} of {}", author.name)).await;
        match response.status.as_u16() {
            201 => slugs.push(response.text_at("/article/slug")),
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
    slugs
}

/// Waits until an article can be published.
async fn wait_for_writes(author: &Client) {
    let published = async { while publish(author, "Back").await.status != 201 {} };
    timeout(MAX_OUTAGE, published).await.expect("writes succeed again");
}

async fn assert_exist(reader: &Client, slugs: impl IntoIterator<Item = &String>) {
    for slug in slugs {
        reader.get(&format!("/api/articles/{slug}")).await.assert_status(200);
    }
}

#[actix_web::test]
async fn acknowledged_writes_survive_a_killed_primary() {
    let cluster = Cluster::start();
    let app = start(&cluster).await;
    let anonymous = app.anonymous();
    let authors = join_all(["amy", "bob", "cleo", "dan"].map(|name| anonymous.register(name))).await;
    let is_over = Cell::new(false);

    let failover = async {
        sleep(Duration::from_secs(1)).await;
        cluster.primary().await.kill();
        sleep(Duration::from_millis(300)).await;
        cluster.promote_standby().await;
        wait_for_writes(&authors[0]).await;
        sleep(Duration::from_secs(1)).await;
        is_over.set(true);
    };
    let ((), slugs) = join(failover, join_all(authors.iter().map(|author| publish_until(author, &is_over)))).await;

    let slugs: BTreeSet<String> = slugs.into_iter().flatten().collect();
    assert!(slugs.len() > 20, "{slugs:?}");
    assert_exist(&authors[0], &slugs).await;
}

#[actix_web::test]
async fn connections_to_a_read_only_primary_are_dropped() {
    let cluster = Cluster::start();
    let app = start(&cluster).await;
    let amy = app.anonymous().register("amy").await;
    publish(&amy, "Before").await.assert_status(201);

    cluster.make_primary_read_only().await;
    publish(&amy, "Meanwhile").await.assert_status(503);
    cluster.promote_standby().await;
    wait_for_writes(&amy).await;

    let standby = connect(cluster.0.line(1)).await;
    let titles = "select string_agg(title, ' ' order by id) from articles";
    assert_eq!(standby.query_one(titles, &[]).await.unwrap().get::<_, &str>(0), "Before Back");
}

#[actix_web::test]
async fn frozen_primary_is_abandoned() {
    let cluster = Cluster::start();
    let app = start(&cluster).await;
    let amy = app.anonymous().register("amy").await;
    publish(&amy, "Before").await.assert_status(201);

    let _frozen = cluster.primary().await.freeze();
    let start = Instant::now();
    publish(&amy, "Meanwhile").await.assert_status(503);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    cluster.promote_standby().await;
    wait_for_writes(&amy).await;

    assert_exist(&amy, &["before".to_owned(), "back".to_owned()]).await;
}
