//! The container: shaku wires services to ports and ports to adapters. No other file knows shaku.
//!
//! The engine is chosen at run time: each has a module that implements [`Persistence`].
//!
//! shaku silently ignores an override of a submodule's component. Tests pass mocks to the services
//! instead.

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

/// Declares what an engine provides.
macro_rules! persistence {
    ($($port:ident),+) => {
        pub trait Persistence: $(HasComponent<dyn $port> +)+ {}

        $(impl Interface for dyn $port {})+
    };
}

persistence!(
    UserRepository,
    ProfileRepository,
    ArticleRepository,
    CommentRepository,
    IdempotencyRepository,
    Store,
    UnitOfWork
);

/// shaku requires a default for each parameter: `None`, which the functions below always replace.
#[expect(clippy::expect_used, reason = "a container that is built without its parameters is a defect of this file")]
fn required<T>(parameter: Option<T>) -> T {
    parameter.expect("the container is built with all its parameters")
}

/// Declares the module of an engine and the function that builds it. Its components are the
/// executor, which is the unit of work, and the repositories on the executor.
macro_rules! engine {
    ($module:ident, $build:ident, $executor:ty) => {
        engine!($module, $build, $executor: [
            users::Users => UserRepository,
            profiles::Profiles => ProfileRepository,
            articles::Articles => ArticleRepository,
            comments::Comments => CommentRepository,
            idempotency_keys::IdempotencyKeys => IdempotencyRepository,
            store::Database => Store,
        ]);
    };
    ($module:ident, $build:ident, $executor:ty: [$($file:ident::$repository:ident => $port:ident,)+]) => {
        $(impl<M: Module> Component<M> for repositories::$file::$repository<$executor> {
            type Interface = dyn $port;
            type Parameters = Option<$executor>;

            fn build(_: &mut ModuleBuildContext<M>, executor: Option<$executor>) -> Box<dyn $port> {
                Box::new(Self(required(executor)))
            }
        })+

        impl<M: Module> Component<M> for $executor {
            type Interface = dyn UnitOfWork;
            type Parameters = Option<Self>;

            fn build(_: &mut ModuleBuildContext<M>, executor: Option<Self>) -> Box<dyn UnitOfWork> {
                Box::new(required(executor))
            }
        }

        module! {
            $module: Persistence {
                components = [$(repositories::$file::$repository<$executor>,)+ $executor],
                providers = []
            }
        }

        pub fn $build(executor: &$executor) -> Arc<dyn Persistence> {
            let module = $module::builder()
                $(.with_component_parameters::<repositories::$file::$repository<$executor>>(Some(executor.clone())))+
                .with_component_parameters::<$executor>(Some(executor.clone()));
            Arc::new(module.build())
        }
    };
}

engine!(SqlitePersistence, sqlite, SqliteExecutor);
engine!(PostgresPersistence, postgres, PostgresExecutor);

/// Declares a component without dependencies: a unit struct, or a value that is built before.
macro_rules! component {
    ($component:ident => $port:ident) => {
        impl Interface for dyn $port {}

        impl<M: Module> Component<M> for $component {
            type Interface = dyn $port;
            type Parameters = ();

            fn build(_: &mut ModuleBuildContext<M>, (): ()) -> Box<dyn $port> {
                Box::new($component)
            }
        }
    };
    ($component:ident value => $port:ident) => {
        impl Interface for dyn $port {}

        impl<M: Module> Component<M> for $component {
            type Interface = dyn $port;
            type Parameters = Option<$component>;

            fn build(_: &mut ModuleBuildContext<M>, value: Option<$component>) -> Box<dyn $port> {
                Box::new(required(value))
            }
        }
    };
}

component!(SystemClock => Clock);
component!(SystemRandomness => Randomness);
component!(Argon2Hasher value => PasswordHasher);
component!(JsonWebTokens value => Tokens);
component!(AttemptLimiter value => RateLimiter);
component!(EventCounters value => BusinessEvents);

/// Declares a service with the ports that it depends on, in the order of its constructor.
macro_rules! service {
    ($service:ident($($port:ident),+) => $interface:ident) => {
        impl Interface for dyn $interface {}

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
