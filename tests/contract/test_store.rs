//! The repositories on a database of their own, with steps that many tests share.

use std::sync::Arc;

use conduit::adapters::persistence::maintenance::bulk::SqlBulkStore;
use conduit::adapters::persistence::maintenance::migrate::Target;
use conduit::adapters::persistence::repositories::articles::Articles;
use conduit::adapters::persistence::repositories::comments::Comments;
use conduit::adapters::persistence::repositories::idempotency_keys::IdempotencyKeys;
use conduit::adapters::persistence::repositories::profiles::Profiles;
use conduit::adapters::persistence::repositories::store::Database as DatabaseStore;
use conduit::adapters::persistence::repositories::users::Users;
use conduit::adapters::persistence::sql::executor::Executor;
use conduit::adapters::persistence::{postgres, sqlite};
use conduit::domain::model::article::{Article, ArticleChanges, ArticleFilter, ArticlePage, NewArticle};
use conduit::domain::model::user::{Account, Identity, UserUpdate};
use conduit::domain::model::values::{ArticleId, CommentId, Page, SessionId, Slug};
use conduit::ports::bulk::BulkStore;
use conduit::ports::idempotency::IdempotencyRepository;
use conduit::ports::repositories::{ArticleRepository, CommentRepository, ProfileRepository, Store, UserRepository};
use conduit::ports::unit_of_work::{TxOutcome, UnitOfWork};

use crate::scenario::{email, new_comment, new_session, new_user, page, password_hash, slug, tag_list, time_at};
use crate::support::{Database, Engine};

pub struct TestStore {
    pub users: Arc<dyn UserRepository>,
    pub profiles: Arc<dyn ProfileRepository>,
    pub articles: Arc<dyn ArticleRepository>,
    pub comments: Arc<dyn CommentRepository>,
    pub idempotency: Arc<dyn IdempotencyRepository>,
    pub health: Arc<dyn Store>,
    pub unit_of_work: Arc<dyn UnitOfWork>,
    pub bulk: Arc<dyn BulkStore>,
    pub database: Database,
}

impl TestStore {
    pub async fn create(engine: Engine) -> Self {
        Self::open(Database::create(engine).await)
    }

    pub fn open(database: Database) -> Self {
        match database.target() {
            Target::Sqlite(settings) => Self::new(&sqlite::open(&settings).expect("pools"), database),
            Target::Postgres(settings) => Self::new(&postgres::open(&settings).expect("a pool"), database),
        }
    }

    fn new<E: Executor + UnitOfWork>(executor: &E, database: Database) -> Self {
        Self {
            users: Arc::new(Users(executor.clone())),
            profiles: Arc::new(Profiles(executor.clone())),
            articles: Arc::new(Articles(executor.clone())),
            comments: Arc::new(Comments(executor.clone())),
            idempotency: Arc::new(IdempotencyKeys(executor.clone())),
            health: Arc::new(DatabaseStore(executor.clone())),
            unit_of_work: Arc::new(executor.clone()),
            bulk: Arc::new(SqlBulkStore(executor.clone())),
            database,
        }
    }

    /// Inserts a user and returns a session.
    pub async fn new_user(&self, name: &str) -> Identity {
        new_session(&self.users.insert(new_user(name)).await.expect("a new user"))
    }

    /// Inserts users and returns a session of each.
    pub async fn new_users<const N: usize>(&self, names: [&str; N]) -> [Identity; N] {
        let mut sessions = Vec::new();
        for name in names {
            sessions.push(self.new_user(name).await);
        }
        sessions.try_into().expect("a session for each name")
    }

    pub async fn log_in(&self, name: &str) -> Identity {
        let credentials = self.users.credentials(&email(&format!("{name}@example.com")).key()).await;
        let (account, _) = credentials.expect("a result").expect("a user with this name");
        new_session(&account)
    }

    pub async fn change_password(&self, session: &Identity) -> Account {
        let new_hash = Some(password_hash("hash of another password"));
        let update = UserUpdate { password_hash: new_hash, ..UserUpdate::default() };
        self.users.update(session, update, time_at(0)).await.expect("a new password")
    }

    /// Ends a session by a password change in another session of its user.
    pub async fn end_session(&self, session: &Identity) {
        let other = SessionId::new(session.session.get() + 1_000_000);
        self.change_password(&Identity { session: other, ..*session }).await;
    }

    pub async fn publish(&self, article: NewArticle) -> Slug {
        let slug = article.slug.clone();
        self.articles.insert(article).await.expect("a new article");
        slug
    }

    pub async fn set_tags(&self, article: &str, author: &Identity, tags: &[&str]) {
        let changes = ArticleChanges { tags: Some(tag_list(tags)), ..ArticleChanges::default() };
        let id = self.article_id(article, author).await;
        self.articles.update(id, None, changes, time_at(1), author).await.expect("a result").expect("the article");
    }

    pub async fn article_id(&self, name: &str, reader: &Identity) -> ArticleId {
        self.articles.authorship(&slug(name), reader).await.expect("a result").expect("an article with this slug").id
    }

    /// Returns an article as an anonymous reader sees it.
    pub async fn article(&self, name: &str) -> Option<Article> {
        self.articles.find(&slug(name), None).await.expect("a result")
    }

    /// Returns the largest page of the articles that match, as an anonymous reader sees them.
    pub async fn list(&self, filter: ArticleFilter) -> ArticlePage {
        self.list_page(&filter, page(100, 0)).await
    }

    /// Returns a page of the articles that match, as an anonymous reader sees them.
    pub async fn list_page(&self, filter: &ArticleFilter, page: Page) -> ArticlePage {
        self.articles.page(filter, None, page).await.expect("a page")
    }

    pub async fn favorite(&self, user: &Identity, articles: &[&str]) {
        for article in articles {
            self.articles.favorite(&slug(article), user).await.expect("a result").expect("an article with this slug");
        }
    }

    pub async fn follow(&self, follower: &Identity, followed: &[Identity]) {
        for followed in followed {
            self.profiles.follow(follower.user, followed.user).await.expect("a follow");
        }
    }

    pub async fn comment(&self, author: &Identity, article: &str, body: &str) -> CommentId {
        let stored = self.comments.insert(&slug(article), new_comment(body, author)).await;
        stored.expect("a result").expect("an article with this slug")
    }

    /// Runs `work` in a unit of work that commits.
    pub async fn run_and_commit(&self, work: impl AsyncFnOnce()) {
        self.run_unit(TxOutcome::Commit, work).await;
    }

    /// Runs `work` in a unit of work that rolls back.
    pub async fn run_and_rollback(&self, work: impl AsyncFnOnce()) {
        self.run_unit(TxOutcome::Rollback, work).await;
    }

    async fn run_unit(&self, verdict: TxOutcome, work: impl AsyncFnOnce()) {
        let unit = async {
            work().await;
            verdict
        };
        self.unit_of_work.run(Box::pin(unit)).await.expect("the unit of work ends as requested");
    }

    pub async fn assert_counters_match(&self) {
        self.database.assert_counters_match_the_rows().await;
    }
}
