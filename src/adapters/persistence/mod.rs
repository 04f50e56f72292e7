//! Database adapters: one set of repositories on two engines.
//!
//! A repository runs [`Statement`](sql::statement::Statement)s on an
//! [`Executor`](sql::executor::Executor) and maps the rows to domain values. The engines differ in
//! how an executor reaches its database and in the SQL of their [`Dialect`](sql::dialect::Dialect).
//!
//! Imports run one way: `sql` ← `pool` ← `postgres`, `sqlite` ← `repositories`, `maintenance`.

pub mod maintenance;
pub mod pool;
pub mod postgres;
pub mod repositories;
pub mod sql;
pub mod sqlite;
