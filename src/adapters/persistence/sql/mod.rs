//! What both engines share: statements, row types, transactions, errors.

pub mod article_lists;
pub mod columns;
pub mod dialect;
pub mod error;
pub mod execution;
pub mod executor;
pub mod migrations;
pub mod retry;
pub mod row_type;
pub mod rows;
pub mod statement;
pub mod types;
pub mod unit_of_work;
