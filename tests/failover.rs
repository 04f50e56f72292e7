//! A primary and a standby that follows it, in one `DATABASE_URL`: when the primary is gone, frozen or no longer takes
//! writes and the standby is promoted, the application finds it without a restart, and no acknowledged write is lost.

mod support;

use std::{cell::Cell, collections::BTreeSet, process::Command, time::Duration};

use actix_web::dev::ServerHandle;
use conduit::{
    adapters::persistence::maintenance::migrate::Step,
    app::{database, server::application::Application},
};
use futures_util::future::{join, join_all};
use serde_json::json;
use support::{Client, Reply, app::configuration, database::connect, script::Script};
use tokio::time::{Instant, sleep, timeout};

/// How soon after the promotion writes must succeed again.
const BACK: Duration = Duration::from_secs(10);

/// Two servers, the second of which follows the first and must have what the first acknowledges.
struct Cluster(Script);

impl Cluster {
    fn start() -> Self {
        Self(Script::postgres_with_standby(&["synchronous_standby_names=*", "synchronous_commit=on"]))
    }

    /// As `DATABASE_URL` names both.
    fn url(&self) -> String {
        let primary = self.0.line(0).strip_suffix("/postgres").expect("the name of a database");
        let (_, standby) = self.0.line(1).rsplit_once('@').expect("a role");
        format!("{primary},{standby}")
    }

    async fn primary(&self) -> Server {
        let connection = connect(self.0.line(0)).await;
        let session: i32 = connection.query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
        Server { process: output("ps", &["-o", "ppid=", "-p", &session.to_string()]) }
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

/// The first process of a PostgreSQL server.
struct Server {
    process: String,
}

impl Server {
    fn kill(&self) {
        output("kill", &["-KILL", &self.process]);
    }

    /// Stops all its processes where they are. The kernel goes on taking what is sent to them.
    fn freeze(self) -> Frozen {
        let children = output("pgrep", &["-P", &self.process]);
        let processes: Vec<String> = [self.process].into_iter().chain(children.lines().map(str::to_owned)).collect();
        processes.iter().for_each(|process| drop(output("kill", &["-STOP", process])));
        Frozen(processes)
    }
}

/// Goes on at the end of the test, or it could not be stopped.
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

/// The application on the two servers.
struct Site {
    handle: ServerHandle,
    anon: Client,
}

impl Site {
    #[expect(clippy::disallowed_methods, reason = "the server runs beside the test")]
    async fn start(cluster: &Cluster) -> Self {
        let url = cluster.url();
        let config = configuration(&[
            ("DATABASE_URL", &url),
            ("DATABASE_CONNECT_TIMEOUT", "1s"),
            ("DATABASE_STATEMENT_TIMEOUT", "2s"),
            ("DATABASE_POOL_WAIT", "500ms"),
        ]);
        database::migrate(&config.database, Step::Apply).await.expect("migrations");
        let application = Application::build(&config).await.expect("the application starts");
        let anon = Client::anonymous(&format!("http://{}", application.address()));
        let handle = application.handle();
        actix_web::rt::spawn(application.run_until_stopped());
        Self { handle, anon }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn publish(author: &Client, title: &str) -> Reply {
    let article = json!({"article": {"title": title, "description": "d", "body": "b", "tagList": ["tea"]}});
    let reply = author.post("/api/articles", article).await;
    if reply.code == 201 {
        return reply;
    }
    let reply = reply.is_error(503, "service", "is unavailable");
    assert!(reply.header("Retry-After").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{:?}", reply.headers);
    reply
}

/// Publishes one article after the other until told to stop, and gives the slugs of those that were acknowledged.
async fn publish_until(author: &Client, is_over: &Cell<bool>) -> Vec<String> {
    let mut slugs = Vec::new();
    for number in 0.. {
        if is_over.get() {
            break;
        }
        let reply = publish(author, &format!("Article {number} of {}", author.name)).await;
        match reply.code.as_u16() {
            201 => slugs.push(reply.text_at("/article/slug")),
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
    slugs
}

/// Waits until an article can be published.
async fn writes_are_back(author: &Client) {
    let back = async { while publish(author, "Back").await.code != 201 {} };
    timeout(BACK, back).await.expect("writes are back in time");
}

async fn exist(reader: &Client, slugs: impl IntoIterator<Item = &String>) {
    for slug in slugs {
        reader.get(&format!("/api/articles/{slug}")).await.status(200);
    }
}

#[actix_web::test]
async fn when_the_primary_is_killed_and_the_standby_promoted_no_acknowledged_write_is_lost() {
    let cluster = Cluster::start();
    let site = Site::start(&cluster).await;
    let authors = join_all(["amy", "bob", "cleo", "dan"].map(|name| site.anon.register(name))).await;
    let is_over = Cell::new(false);

    let story = async {
        sleep(Duration::from_secs(1)).await;
        cluster.primary().await.kill();
        sleep(Duration::from_millis(300)).await;
        cluster.promote_standby().await;
        writes_are_back(&authors[0]).await;
        sleep(Duration::from_secs(1)).await;
        is_over.set(true);
    };
    let ((), slugs) = join(story, join_all(authors.iter().map(|author| publish_until(author, &is_over)))).await;

    let slugs: BTreeSet<String> = slugs.into_iter().flatten().collect();
    assert!(slugs.len() > 20, "{slugs:?}");
    exist(&authors[0], &slugs).await;
}

#[actix_web::test]
async fn connections_to_a_primary_that_takes_no_writes_any_more_are_dropped() {
    let cluster = Cluster::start();
    let site = Site::start(&cluster).await;
    let amy = site.anon.register("amy").await;
    publish(&amy, "Before").await.status(201);

    cluster.make_primary_read_only().await;
    publish(&amy, "Meanwhile").await.status(503);
    cluster.promote_standby().await;
    writes_are_back(&amy).await;

    let standby = connect(cluster.0.line(1)).await;
    let titles = "select string_agg(title, ' ' order by id) from articles";
    assert_eq!(standby.query_one(titles, &[]).await.unwrap().get::<_, &str>(0), "Before Back");
}

#[actix_web::test]
async fn a_frozen_primary_is_given_up() {
    let cluster = Cluster::start();
    let site = Site::start(&cluster).await;
    let amy = site.anon.register("amy").await;
    publish(&amy, "Before").await.status(201);

    let _frozen = cluster.primary().await.freeze();
    let asked = Instant::now();
    publish(&amy, "Meanwhile").await.status(503);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    cluster.promote_standby().await;
    writes_are_back(&amy).await;

    exist(&amy, &["before".to_owned(), "back".to_owned()]).await;
}
