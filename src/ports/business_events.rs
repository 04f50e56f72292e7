//! What happened, for whoever keeps count.

/// Something that has happened: it is stored, or it was refused for good. In a unit of work it is told when the statement has
/// succeeded, and stays told if the unit is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessEvent {
    /// Somebody has an account now.
    Registered,
    /// Somebody began a session with a password.
    LoggedIn,
    /// Somebody tried to.
    LogInFailed(LogInFailure),
    /// An article is there to be read.
    ArticlePublished,
    /// A comment is.
    CommentAdded,
    /// An article became somebody's favorite, and was not before.
    FavoriteAdded,
    /// Somebody follows somebody, and did not before.
    FollowAdded,
}

/// Why a log-in failed: for operators, never for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInFailure {
    /// Nobody has this e-mail.
    UnknownEmail,
    /// Its owner has another password.
    WrongPassword,
    /// There were too many tries.
    RateLimited,
    /// Too many passwords wait to be checked.
    Overloaded,
}

/// Is told what happened.
#[cfg_attr(test, mockall::automock)]
pub trait BusinessEvents: Send + Sync + 'static {
    /// Takes note. MUST neither fail nor wait, and MUST take the same time for one reason as for another: the time that
    /// log-in takes does not tell who is registered.
    fn record(&self, event: BusinessEvent);
}
