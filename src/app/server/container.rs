//! The container: shaku wires services to ports and ports to adapters. No other file knows shaku.
//!
//! The engine is chosen at run time: each has a module that implements [`Persistence`].
//!
//! shaku silently ignores an override of a submodule's component. Tests pass mocks to the services
//! instead.

use std::convert::identity;
use std::sync::Arc;

use shaku::{Component, HasComponent, Interface, Module, ModuleBuildContext, module};

use crate::adapters::http::routes::Services;
use crate::adapters::persistence::postgres::PostgresExecutor;
use crate::adapters::persistence::repositories;
use crate::adapters::persistence::sqlite::SqliteExecutor;
use crate::adapters::security::argon2::Argon2Hasher;
use crate::adapters::security::jwt::JsonWebTokens;
use crate::adapters::security::rate_limiter::AttemptLimiter;
use crate::adapters::system::{SystemClock, SystemRandomness};
use crate::adapters::telemetry::metrics::events::EventCounters;
use crate::domain::services::{Articles, Comments, Idempotency, Profiles, Users};
use crate::ports::business_events::BusinessEvents;
use crate::ports::clock::{Clock, Randomness};
use crate::ports::idempotency::{IdempotencyRepository, IdempotencyService};
use crate::ports::rate_limiter::RateLimiter;
use crate::ports::repositories::{ArticleRepository, CommentRepository, ProfileRepository, Store, UserRepository};
use crate::ports::security::{PasswordHasher, Tokens};
use crate::ports::services::{ArticleService, CommentService, ProfileService, UserService};
use crate::ports::unit_of_work::UnitOfWork;

macro_rules! interfaces {
    ($($port:ident),+) => {
        $(impl Interface for dyn $port {})+
    };
}

interfaces! {
    UserRepository, ProfileRepository, ArticleRepository, CommentRepository, IdempotencyRepository, Store, UnitOfWork,
    UserService, ProfileService, ArticleService, CommentService, IdempotencyService,
    PasswordHasher, Tokens, RateLimiter, Clock, Randomness, BusinessEvents
}

/// shaku requires a default for each parameter: `None`, which the functions below always replace.
#[expect(clippy::expect_used, reason = "a container that is built without its parameters is a defect of this file")]
fn required<T>(parameter: Option<T>) -> T {
    parameter.expect("the container is built with all its parameters")
}

/// Declares components that a function makes from a value.
macro_rules! components {
    ($($component:ty, $make:path: $value:ty => $port:ident;)+) => {
        $(impl<M: Module> Component<M> for $component {
            type Interface = dyn $port;
            type Parameters = Option<$value>;

            fn build(_: &mut ModuleBuildContext<M>, value: Option<$value>) -> Box<dyn $port> {
                Box::new($make(required(value)))
            }
        })+
    };
}

components! {
    SystemClock, identity: SystemClock => Clock;
    SystemRandomness, identity: SystemRandomness => Randomness;
    Argon2Hasher, identity: Argon2Hasher => PasswordHasher;
    JsonWebTokens, identity: JsonWebTokens => Tokens;
    AttemptLimiter, identity: AttemptLimiter => RateLimiter;
    EventCounters, identity: EventCounters => BusinessEvents;
}

/// Declares the module of an engine and the function that builds it. Its components are the
/// executor, which is the unit of work, and the repositories on the executor.
macro_rules! engine {
    ($module:ident, $build:ident, $executor:ident) => {
        engine!($module, $build, $executor: [
            users::Users => UserRepository,
            profiles::Profiles => ProfileRepository,
            articles::Articles => ArticleRepository,
            comments::Comments => CommentRepository,
            idempotency_keys::IdempotencyKeys => IdempotencyRepository,
            store::Database => Store,
        ]);
    };
    ($module:ident, $build:ident, $executor:ident: [$($file:ident::$repository:ident => $port:ident,)+]) => {
        components! {
            $executor, identity: $executor => UnitOfWork;
            $(repositories::$file::$repository<$executor>, repositories::$file::$repository: $executor => $port;)+
        }

        module! {
            $module: Persistence {
                components = [$executor $(, repositories::$file::$repository<$executor>)+],
                providers = []
            }
        }

        pub fn $build(executor: &$executor) -> Arc<dyn Persistence> {
            let module = $module::builder()
                .with_component_parameters::<$executor>(Some(executor.clone()))
                $(.with_component_parameters::<repositories::$file::$repository<$executor>>(Some(executor.clone())))+;
            Arc::new(module.build())
        }
    };
}

engine!(SqlitePersistence, sqlite, SqliteExecutor);
engine!(PostgresPersistence, postgres, PostgresExecutor);

/// Declares services with the ports that they depend on, by field.
macro_rules! services {
    ($($service:ident { $($field:ident: $port:ident),+ $(; $state:ident)? } => $interface:ident;)+) => {
        $(impl<M: Module $(+ HasComponent<dyn $port>)+> Component<M> for $service {
            type Interface = dyn $interface;
            type Parameters = ();

            fn build(context: &mut ModuleBuildContext<M>, (): ()) -> Box<dyn $interface> {
                Box::new($service {
                    $($field: <M as HasComponent<dyn $port>>::build_component(context),)+
                    $($state: Default::default(),)?
                })
            }
        })+
    };
}

services! {
    Users {
        users: UserRepository, hasher: PasswordHasher, tokens: Tokens, clock: Clock, randomness: Randomness,
        rate_limiter: RateLimiter, events: BusinessEvents
    } => UserService;
    Profiles { profiles: ProfileRepository, events: BusinessEvents } => ProfileService;
    Articles { articles: ArticleRepository, clock: Clock, randomness: Randomness, events: BusinessEvents } => ArticleService;
    Comments { comments: CommentRepository, clock: Clock, events: BusinessEvents } => CommentService;
    Idempotency { responses: IdempotencyRepository, unit_of_work: UnitOfWork, clock: Clock; in_flight } => IdempotencyService;
}

/// Declares the container with the ports that an engine provides.
macro_rules! container {
    ($($port:ident),+) => {
        pub trait Persistence: $(HasComponent<dyn $port> +)+ {}

        module! {
            Container {
                components = [
                    Users, Profiles, Articles, Comments, Idempotency,
                    SystemClock, SystemRandomness, Argon2Hasher, JsonWebTokens, AttemptLimiter, EventCounters
                ],
                providers = [],
                use dyn Persistence { components = [$(dyn $port),+], providers = [] } } } };
}

container! {
    UserRepository, ProfileRepository, ArticleRepository, CommentRepository, IdempotencyRepository, Store, UnitOfWork
}

pub fn services(
    persistence: Arc<dyn Persistence>,
    hasher: Argon2Hasher,
    tokens: JsonWebTokens,
    rate_limiter: AttemptLimiter,
) -> Services {
    let container = Container::builder(persistence)
        .with_component_parameters::<SystemClock>(Some(SystemClock))
        .with_component_parameters::<SystemRandomness>(Some(SystemRandomness))
        .with_component_parameters::<Argon2Hasher>(Some(hasher))
        .with_component_parameters::<JsonWebTokens>(Some(tokens))
        .with_component_parameters::<AttemptLimiter>(Some(rate_limiter))
        .with_component_parameters::<EventCounters>(Some(EventCounters::register()))
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
