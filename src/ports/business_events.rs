//! Port for counting business events.

/// A stored change or a failed log-in. Inside a unit of work an event is recorded as soon as its
/// statement succeeds, and stays recorded if the unit is rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BusinessEvent {
    /// A user registered.
    Registered,
    /// A user logged in.
    LoggedIn,
    /// A log-in failed.
    LogInFailed(LogInFailure),
    /// An article was published.
    ArticlePublished,
    /// A comment was added.
    CommentAdded,
    /// An article became a favorite that was not one before.
    FavoriteAdded,
    /// A user followed another whom they did not follow before.
    FollowAdded,
}

/// Why a log-in failed: for operators, never for clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInFailure {
    /// No user has this e-mail.
    UnknownEmail,
    /// The password is wrong.
    WrongPassword,
    /// The rate limit was exceeded.
    RateLimited,
    /// The queue of the password hasher was full.
    Overloaded,
}

/// Records business events.
#[cfg_attr(test, mockall::automock)]
pub trait BusinessEvents: Send + Sync + 'static {
    /// Records an event. MUST neither fail nor wait, and MUST take the same time for every
    /// [`LogInFailure`]: the duration of a log-in must not reveal whether an account exists.
    fn record(&self, event: BusinessEvent);
}
