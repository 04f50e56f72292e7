//! The container: shaku wires services to ports and ports to adapters, and nothing outside this file knows it.
//!
//! The engine is chosen at run time: each has a module of its own that implements [`Persistence`], and the container
//! takes one of them. Ports become shaku's interfaces here, and components are built here, so that domain, ports and
//! adapters stay free of it.
//!
//! A component of a submodule cannot be overridden through the container's builder: shaku ignores that silently. Tests
//! that want a mock hand it to the service itself.

use std::sync::Arc;

use shaku::{Component, HasComponent, Interface, Module, ModuleBuildContext, module};

use crate::{
    adapters::{
        http::routes::Services,
        persistence::{postgres::PostgresExecutor, repositories, sqlite::SqliteExecutor},
        security::{argon2::Argon2Hasher, jwt::JsonWebTokens, rate_limiter::AttemptLimiter},
        system::{SystemClock, SystemRandomness},
        telemetry::metrics::events::EventCounters,
    },
    domain::services::{Articles, Comments, Idempotency, Profiles, Users},
    ports::{
        business_events::BusinessEvents,
        clock::{Clock, Randomness},
        idempotency::{IdempotencyRepository, IdempotencyService},
        rate_limiter::RateLimiter,
        repositories::{ArticleRepository, CommentRepository, ProfileRepository, Store, UserRepository},
        security::{PasswordHasher, Tokens},
        services::{ArticleService, CommentService, ProfileService, UserService},
        unit_of_work::UnitOfWork,
    },
};

macro_rules! interfaces {
    ($($port:ident),+ $(,)?) => { $(impl Interface for dyn $port {})+ };
}
interfaces!(
    ArticleRepository,
    ArticleService,
    Clock,
    CommentRepository,
    CommentService,
    BusinessEvents,
    IdempotencyRepository,
    IdempotencyService,
    PasswordHasher,
    ProfileRepository,
    ProfileService,
    Randomness,
    Store,
    RateLimiter,
    Tokens,
    UnitOfWork,
    UserRepository,
    UserService,
);

/// What an engine brings.
pub trait Persistence:
    HasComponent<dyn UserRepository>
    + HasComponent<dyn ProfileRepository>
    + HasComponent<dyn ArticleRepository>
    + HasComponent<dyn CommentRepository>
    + HasComponent<dyn IdempotencyRepository>
    + HasComponent<dyn Store>
    + HasComponent<dyn UnitOfWork>
{
}

/// A parameter that the functions below always give; shaku asks for a default all the same.
#[expect(clippy::expect_used, reason = "a container that is built without its parameters is a defect of this file")]
fn given<T>(parameter: Option<T>) -> T {
    parameter.expect("the container is built with all its parameters")
}

/// A repository around a session.
macro_rules! repository {
    ($session:ty, $repository:ty => $port:ident) => {
        impl<M: Module> Component<M> for $repository {
            type Interface = dyn $port;
            type Parameters = Option<$session>;

            fn build(_: &mut ModuleBuildContext<M>, session: Option<$session>) -> Box<dyn $port> {
                let repository: $repository = given(session).into();
                Box::new(repository)
            }
        }
    };
}

/// An engine: its session, and the repositories around it.
macro_rules! engine {
    ($module:ident, $persistence:ident, $session:ty) => {
        repository!($session, repositories::users::Users<$session> => UserRepository);
        repository!($session, repositories::profiles::Profiles<$session> => ProfileRepository);
        repository!($session, repositories::articles::Articles<$session> => ArticleRepository);
        repository!($session, repositories::comments::Comments<$session> => CommentRepository);
        repository!($session, repositories::idempotency_keys::IdempotencyKeys<$session> => IdempotencyRepository);
        repository!($session, repositories::store::Database<$session> => Store);

        impl<M: Module> Component<M> for $session {
            type Interface = dyn UnitOfWork;
            type Parameters = Option<Self>;

            fn build(_: &mut ModuleBuildContext<M>, session: Option<Self>) -> Box<dyn UnitOfWork> {
                Box::new(given(session))
            }
        }

        module! {
            $module: Persistence {
                components = [
                    repositories::users::Users<$session>,
                    repositories::profiles::Profiles<$session>,
                    repositories::articles::Articles<$session>,
                    repositories::comments::Comments<$session>,
                    repositories::idempotency_keys::IdempotencyKeys<$session>,
                    repositories::store::Database<$session>,
                    $session
                ],
                providers = []
            }
        }

        /// The persistence of this engine.
        pub fn $persistence(session: &$session) -> Arc<dyn Persistence> {
            let session = || Some(session.clone());
            let module = $module::builder()
                .with_component_parameters::<repositories::users::Users<$session>>(session())
                .with_component_parameters::<repositories::profiles::Profiles<$session>>(session())
                .with_component_parameters::<repositories::articles::Articles<$session>>(session())
                .with_component_parameters::<repositories::comments::Comments<$session>>(session())
                .with_component_parameters::<repositories::idempotency_keys::IdempotencyKeys<$session>>(session())
                .with_component_parameters::<repositories::store::Database<$session>>(session())
                .with_component_parameters::<$session>(session());
            Arc::new(module.build())
        }
    };
}

engine!(SqlitePersistence, sqlite, SqliteExecutor);
engine!(PostgresPersistence, postgres, PostgresExecutor);

/// A component without dependencies or parameters, or one that is made beforehand.
macro_rules! component {
    ($component:ident => $port:ident) => {
        impl<M: Module> Component<M> for $component {
            type Interface = dyn $port;
            type Parameters = ();

            fn build(_: &mut ModuleBuildContext<M>, (): ()) -> Box<dyn $port> {
                Box::new($component)
            }
        }
    };
    ($component:ident made => $port:ident) => {
        impl<M: Module> Component<M> for $component {
            type Interface = dyn $port;
            type Parameters = Option<$component>;

            fn build(_: &mut ModuleBuildContext<M>, made: Option<$component>) -> Box<dyn $port> {
                Box::new(given(made))
            }
        }
    };
}

component!(SystemClock => Clock);
component!(SystemRandomness => Randomness);
component!(Argon2Hasher made => PasswordHasher);
component!(JsonWebTokens made => Tokens);
component!(AttemptLimiter made => RateLimiter);
component!(EventCounters made => BusinessEvents);

/// A service, and the ports that it is made of, in the order of its constructor.
macro_rules! service {
    ($service:ident($($port:ident),+) => $interface:ident) => {
        impl<M: Module $(+ HasComponent<dyn $port>)+> Component<M> for $service {
            type Interface = dyn $interface;
            type Parameters = ();

            fn build(context: &mut ModuleBuildContext<M>, (): ()) -> Box<dyn $interface> {
                Box::new($service::new($(<M as HasComponent<dyn $port>>::build_component(context)),+))
            }
        }
    };
}

service!(Users(UserRepository, PasswordHasher, Tokens, Clock, Randomness, RateLimiter, BusinessEvents) => UserService);
service!(Profiles(ProfileRepository, BusinessEvents) => ProfileService);
service!(Articles(ArticleRepository, Clock, Randomness, BusinessEvents) => ArticleService);
service!(Comments(CommentRepository, Clock, BusinessEvents) => CommentService);
service!(Idempotency(IdempotencyRepository, UnitOfWork, Clock) => IdempotencyService);

module! {
    Container {
        components = [
            Users, Profiles, Articles, Comments, Idempotency,
            SystemClock, SystemRandomness, Argon2Hasher, JsonWebTokens, AttemptLimiter, EventCounters
        ],
        providers = [],
        use dyn Persistence {
            components = [
                dyn UserRepository, dyn ProfileRepository, dyn ArticleRepository, dyn CommentRepository,
                dyn IdempotencyRepository, dyn Store, dyn UnitOfWork
            ],
            providers = []
        }
    }
}

/// The services around an engine.
pub fn services(
    persistence: Arc<dyn Persistence>,
    hasher: Argon2Hasher,
    tokens: JsonWebTokens,
    rate_limiter: AttemptLimiter,
) -> Services {
    let container = Container::builder(persistence)
        .with_component_parameters::<Argon2Hasher>(Some(hasher))
        .with_component_parameters::<JsonWebTokens>(Some(tokens))
        .with_component_parameters::<AttemptLimiter>(Some(rate_limiter))
        .with_component_parameters::<EventCounters>(Some(EventCounters::new()))
        .build();
    Services {
        users: container.resolve(),
        profiles: container.resolve(),
        articles: container.resolve(),
        comments: container.resolve(),
        idempotency: container.resolve(),
        unit_of_work: container.resolve(),
        store: container.resolve(),
        randomness: container.resolve(),
    }
}
