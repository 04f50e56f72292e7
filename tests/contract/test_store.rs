//! The repositories of an engine, on a database of their own, and the steps that many stories begin with.

use std::sync::Arc;

use conduit::{
    adapters::persistence::{
        maintenance::{bulk::SqlBulkStore, migrate::Target},
        postgres,
        repositories::{
            articles::Articles, comments::Comments, idempotency_keys::IdempotencyKeys, profiles::Profiles,
            store::Database as DatabaseStore, users::Users,
        },
        sql::executor::Executor,
        sqlite,
    },
    domain::model::{
        article::{Article, ArticleChanges, ArticleFilter, ArticlePage, NewArticle},
        user::{Account, Identity, UserUpdate},
        values::{ArticleId, CommentId, Page, SessionId, Slug},
    },
    ports::{
        bulk::BulkStore,
        idempotency::IdempotencyRepository,
        repositories::{ArticleRepository, CommentRepository, ProfileRepository, Store, UserRepository},
        unit_of_work::{UnitOfWork, Verdict},
    },
};

use crate::{
    story::{a_comment, a_session_of, a_user, at, email, hash, page, slug, tags},
    support::{Database, Engine},
};

/// Everything that the ports offer.
pub struct TestStore {
    pub users: Arc<dyn UserRepository>,
    pub profiles: Arc<dyn ProfileRepository>,
    pub articles: Arc<dyn ArticleRepository>,
    pub comments: Arc<dyn CommentRepository>,
    pub answers: Arc<dyn IdempotencyRepository>,
    pub health: Arc<dyn Store>,
    pub units: Arc<dyn UnitOfWork>,
    pub bulk: Arc<dyn BulkStore>,
    pub database: Database,
}

impl TestStore {
    /// Those of an engine, on an empty database.
    pub async fn on(engine: Engine) -> Self {
        Self::of(Database::create(engine).await)
    }

    /// Those of this database's engine.
    pub fn of(database: Database) -> Self {
        match database.target() {
            Target::Sqlite(settings) => Self::around(&sqlite::open(&settings).expect("pools"), database),
            Target::Postgres(settings) => Self::around(&postgres::open(&settings).expect("a pool"), database),
        }
    }

    fn around<S: Executor + UnitOfWork>(session: &S, database: Database) -> Self {
        Self {
            users: Arc::new(Users::from(session.clone())),
            profiles: Arc::new(Profiles::from(session.clone())),
            articles: Arc::new(Articles::from(session.clone())),
            comments: Arc::new(Comments::from(session.clone())),
            answers: Arc::new(IdempotencyKeys::from(session.clone())),
            health: Arc::new(DatabaseStore::from(session.clone())),
            units: Arc::new(session.clone()),
            bulk: Arc::new(SqlBulkStore::from(session.clone())),
            database,
        }
    }

    /// A new user, logged in.
    pub async fn user(&self, name: &str) -> Identity {
        a_session_of(&self.users.insert(a_user(name)).await.expect("a new user"))
    }

    /// New users, logged in.
    pub async fn people<const N: usize>(&self, names: [&str; N]) -> [Identity; N] {
        let mut people = Vec::new();
        for name in names {
            people.push(self.user(name).await);
        }
        people.try_into().expect("one for each name")
    }

    /// Another session of a user.
    pub async fn log_in(&self, name: &str) -> Identity {
        let credentials = self.users.credentials(&email(&format!("{name}@example.com")).key()).await;
        let (account, _) = credentials.expect("an answer").expect("a user of this name");
        a_session_of(&account)
    }

    /// Changes the password in this session.
    pub async fn change_password(&self, session: &Identity) -> Account {
        let password_hash = Some(hash("hash of another password"));
        let update = UserUpdate { password_hash, ..UserUpdate::default() };
        self.users.update(session, update, at(0)).await.expect("a new password")
    }

    /// Ends a session as it happens in life: the user changes the password in another.
    pub async fn end(&self, session: &Identity) {
        let other = SessionId::new(session.session.get() + 1_000_000);
        self.change_password(&Identity { session: other, ..*session }).await;
    }

    /// Publishes an article.
    pub async fn publish(&self, article: NewArticle) -> Slug {
        let slug = article.slug.clone();
        self.articles.insert(article).await.expect("a new article");
        slug
    }

    /// Gives an article of this author other tags.
    pub async fn retag(&self, article: &str, author: &Identity, names: &[&str]) {
        let changes = ArticleChanges { tags: Some(tags(names)), ..ArticleChanges::default() };
        let id = self.id_of(article, author).await;
        self.articles.update(id, None, changes, at(1), author).await.expect("an answer").expect("the article");
    }

    /// The id of an article of this author.
    pub async fn id_of(&self, name: &str, author: &Identity) -> ArticleId {
        self.articles.head(&slug(name), author).await.expect("an answer").expect("an article with this slug").id
    }

    /// The article with this slug, as anybody sees it.
    pub async fn article(&self, name: &str) -> Option<Article> {
        self.articles.find(&slug(name), None).await.expect("an answer")
    }

    /// The first hundred articles that match, as anybody sees them.
    pub async fn list(&self, filter: ArticleFilter) -> ArticlePage {
        self.list_page(&filter, page(100, 0)).await
    }

    /// A page of the articles that match, as anybody sees them.
    pub async fn list_page(&self, filter: &ArticleFilter, page: Page) -> ArticlePage {
        self.articles.page(filter, None, page).await.expect("a page")
    }

    /// Makes articles favorites of a user.
    pub async fn favorite(&self, fan: &Identity, names: &[&str]) {
        for name in names {
            self.articles.favorite(&slug(name), fan).await.expect("an answer").expect("an article with this slug");
        }
    }

    /// Makes a user follow others.
    pub async fn follow(&self, follower: &Identity, followed: &[Identity]) {
        for followed in followed {
            self.profiles.follow(follower.user, followed.user).await.expect("an answer");
        }
    }

    /// Comments on an article.
    pub async fn comment(&self, author: &Identity, article: &str, body: &str) -> CommentId {
        let stored = self.comments.insert(&slug(article), a_comment(body, author)).await;
        stored.expect("an answer").expect("an article with this slug")
    }

    /// Does work in a unit, to end with this verdict, which must be carried out.
    pub async fn in_a_unit(&self, verdict: Verdict, work: impl AsyncFnOnce()) {
        let unit = async {
            work().await;
            verdict
        };
        self.units.run(Box::pin(unit)).await.expect("the verdict is carried out");
    }
}
