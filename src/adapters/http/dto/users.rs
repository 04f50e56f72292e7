//! Accounts in JSON: registration, log-in, and the user's own account.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat};

use super::payload::{Field, Fields, Payload};
use super::profiles::{ABOUT, ProfileFields, parse_about};
use super::schemas::{not_blank, text};
use crate::domain::model::user::{AccountChanges, Credentials, Registration};
use crate::domain::model::values::{Email, Password, Username};
use crate::ports::services::SignedIn;

#[derive(Serialize, ToSchema)]
pub struct UserResponse<'a> {
    user: UserJson<'a>,
}

/// The user's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = User, examples(example))]
struct UserJson<'a> {
    email: &'a str,
    token: &'a str,
    #[serde(flatten)]
    #[schema(inline)]
    profile: ProfileFields<'a>,
}

fn example() -> Value {
    let profile = ProfileFields { image: None, ..ProfileFields::EXAMPLE };
    json!(UserJson { email: EXAMPLE_EMAIL, token: "jwt.token.here", profile })
}

impl<'a> From<&'a SignedIn> for UserResponse<'a> {
    fn from(SignedIn { account, token }: &'a SignedIn) -> Self {
        let profile = ProfileFields::new(&account.username, &account.about);
        Self { user: UserJson { email: account.email.as_str(), token: token.expose(), profile } }
    }
}

const EXAMPLE_EMAIL: &str = "jake@example.com";

const USERNAME: Field = Field::text("username", || {
    let description = "Unique, whatever its case and Unicode form; without `/ ? # %` and invisible characters";
    text(ProfileFields::EXAMPLE.username)
        .max_length(Some(Username::MAX_CHARS))
        .pattern(Some(r"^[^/?#%]*[^/?#%\s][^/?#%]*$"))
        .description(Some(description))
        .into()
});

const EMAIL: Field = Field::text("email", || {
    text(EXAMPLE_EMAIL).max_length(Some(Email::MAX_CHARS)).pattern(Some(r"^[^@\s]+@[^@\s]+$")).into()
});

const PASSWORD: Field = Field::text("password", || {
    password().min_length(Some(Password::MIN_CHARS)).max_length(Some(Password::MAX_CHARS)).into()
});

/// At log-in, values that belong to no user are not invalid.
const LOG_IN_EMAIL: Field = Field::text("email", || not_blank(EXAMPLE_EMAIL).into());

const LOG_IN_PASSWORD: Field = Field::text("password", || password().into());

fn password() -> ObjectBuilder {
    not_blank("jakejake").format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
}

impl Payload for Registration {
    const KEY: &'static str = "user";
    const SCHEMA: &'static str = "NewUser";
    const REQUIRED: &'static [Field] = &[USERNAME, EMAIL, PASSWORD];

    fn parse(fields: &mut Fields) -> Option<Self> {
        let username = fields.required(USERNAME, Username::parse);
        let email = fields.required(EMAIL, Email::parse);
        let password = fields.required(PASSWORD, Password::parse);
        Some(Self { username: username?, email: email?, password: password? })
    }
}

impl Payload for Credentials {
    const KEY: &'static str = "user";
    const SCHEMA: &'static str = "LoginUser";
    const REQUIRED: &'static [Field] = &[LOG_IN_EMAIL, LOG_IN_PASSWORD];

    fn parse(fields: &mut Fields) -> Option<Self> {
        let email = fields.required(LOG_IN_EMAIL, Email::candidate);
        let password = fields.required(LOG_IN_PASSWORD, Password::candidate);
        Some(Self { email: email?, password: password? })
    }
}

impl Payload for AccountChanges {
    const KEY: &'static str = "user";
    const SCHEMA: &'static str = "UpdateUser";
    const OPTIONAL: &'static [Field] = &[USERNAME, EMAIL, PASSWORD];

    fn fields() -> impl Iterator<Item = &'static Field> {
        Self::OPTIONAL.iter().chain(ABOUT)
    }

    fn parse(fields: &mut Fields) -> Option<Self> {
        Some(Self {
            username: fields.optional(USERNAME, Username::parse),
            email: fields.optional(EMAIL, Email::parse),
            password: fields.optional(PASSWORD, Password::parse),
            about: parse_about(fields),
        })
    }
}
