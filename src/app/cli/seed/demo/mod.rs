//! The demo: a few users with a public password, and articles written by hand.

/// Password of every user in `USERS`.
pub const PASSWORD: &str = "password123";

/// Names and bios. The e-mail is `NAME@example.com`.
pub const USERS: &[(&str, &str)] = &[
    ("johndoe", "I write about APIs, and about the coffee that goes into them."),
    ("janedoe", "Databases, mountains, and long walks between the two."),
    ("samlee", "Front ends. If it has a loading state, I have seen it."),
];

pub struct Article {
    /// Index in [`USERS`].
    pub author: u32,
    pub title: &'static str,
    pub description: &'static str,
    pub tags: &'static [&'static str],
    pub body: &'static str,
    /// Authors, as indices in [`USERS`], and texts.
    pub comments: &'static [(u32, &'static str)],
}

const JOHN: u32 = 0;
const JANE: u32 = 1;
const SAM: u32 = 2;

/// In the order of their publication.
pub const ARTICLES: &[Article] = &[
    Article {
        author: JOHN,
        title: "Welcome to Conduit",
        description: "What this place is, and what you can do here",
        tags: &["welcome", "conduit"],
        body: include_str!("welcome.md"),
        comments: &[
            (JANE, "Thank you for having us!"),
            (SAM, "Logged in as `johndoe` and deleted everything. It is a demo, after all."),
            (JOHN, "`conduit reset` and `conduit seed --demo` bring it back, Sam."),
        ],
    },
    Article {
        author: JANE,
        title: "A database is a list of promises",
        description: "Constraints are what you may rely on when nobody is looking",
        tags: &["databases", "sql"],
        body: include_str!("promises.md"),
        comments: &[(JOHN, "The part about unique constraints should be printed on mugs.")],
    },
    Article {
        author: SAM,
        title: "Loading, empty, error, done",
        description: "Every list on your page has four faces; most pages show two",
        tags: &["frontend", "ux"],
        body: include_str!("four-faces.md"),
        comments: &[
            (JANE, "I had never thought of *empty* as a state of its own."),
            (SAM, "Nobody does, until the first user signs up."),
        ],
    },
    Article {
        author: JOHN,
        title: "How to read an API before you call it",
        description: "Five questions, in the order in which they save you time",
        tags: &["api", "conduit", "frontend"],
        body: include_str!("five-questions.md"),
        comments: &[(SAM, "Question four has cost me a weekend."), (JANE, "Only one?")],
    },
];

pub fn names() -> impl Iterator<Item = &'static str> {
    USERS.iter().map(|(name, _)| *name)
}

pub fn article(index: u32) -> Option<&'static Article> {
    ARTICLES.get(usize::try_from(index).ok()?)
}
