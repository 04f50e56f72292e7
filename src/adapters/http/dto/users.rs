//! Users in JSON.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::Payload,
    field::{Field, from_object},
};
use crate::{
    adapters::http::openapi::{examples, values},
    domain::model::{
        about::AboutChanges,
        user::{AccountChanges, Credentials, Registration},
        values::{Bio, Email, FieldErrors, ImageUrl, Password, Username, Violation},
    },
    ports::services::SignedIn,
};

/// `{"user": {...}}` with a token.
#[derive(Serialize, ToSchema)]
pub struct UserResponse<'a> {
    user: UserJson<'a>,
}

/// One's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = User, examples(examples::user))]
struct UserJson<'a> {
    email: &'a str,
    token: &'a str,
    username: &'a str,
    #[schema(required)]
    bio: Option<&'a str>,
    #[schema(required)]
    image: Option<&'a str>,
}

impl<'a> From<&'a SignedIn> for UserResponse<'a> {
    fn from(SignedIn { account, token }: &'a SignedIn) -> Self {
        let user = UserJson {
            email: account.email.as_str(),
            token: token.expose(),
            username: account.username.as_str(),
            bio: account.about.bio.as_ref().map(Bio::as_str),
            image: account.about.image.as_ref().map(ImageUrl::as_str),
        };
        Self { user }
    }
}

/// The fields of a registration.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct RegistrationFields {
    #[schema(schema_with = values::username)]
    username: Field<String>,
    #[schema(schema_with = values::email)]
    email: Field<String>,
    #[schema(schema_with = values::password)]
    password: Field<String>,
}

/// The fields of a log-in.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct LogInFields {
    #[schema(schema_with = values::any_email)]
    email: Field<String>,
    #[schema(schema_with = values::any_password)]
    password: Field<String>,
}

/// The fields of an update.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct AccountFields {
    #[schema(schema_with = values::username)]
    username: Field<String>,
    #[schema(schema_with = values::email)]
    email: Field<String>,
    #[schema(schema_with = values::password)]
    password: Field<String>,
    #[schema(schema_with = values::bio)]
    bio: Field<String>,
    #[schema(schema_with = values::image)]
    image: Field<String>,
}

from_object!(RegistrationFields, LogInFields, AccountFields);

impl Payload for Registration {
    const KEY: &'static str = "user";
    const NAME: &'static str = "NewUser";
    const REQUIRED: &'static [&'static str] = &["username", "email", "password"];
    type Fields = RegistrationFields;

    fn parse(fields: RegistrationFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let username = fields.username.required("username", |text| Username::parse(&text), &mut errors);
        let email = fields.email.required("email", |text| Email::parse(&text), &mut errors);
        let password = fields.password.required("password", |text| Password::parse(&text), &mut errors);
        match (username, email, password) {
            (Some(username), Some(email), Some(password)) => Ok(Self { username, email, password }),
            _ => Err(errors),
        }
    }
}

impl Payload for Credentials {
    const KEY: &'static str = "user";
    const NAME: &'static str = "LoginUser";
    const REQUIRED: &'static [&'static str] = &["email", "password"];
    type Fields = LogInFields;

    fn parse(fields: LogInFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = fields.email.required("email", present, &mut errors);
        let password = fields.password.required("password", |text| Password::candidate(&text), &mut errors);
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self { email, password }),
            _ => Err(errors),
        }
    }
}

/// Any text but a blank one or one with NUL: whether it is an e-mail is not told at log-in.
fn present(text: String) -> Result<String, Violation> {
    match text.as_str() {
        blank if blank.trim().is_empty() => Err(Violation::Blank),
        nul if nul.contains('\0') => Err(Violation::Invalid),
        _ => Ok(text),
    }
}

impl Payload for AccountChanges {
    const KEY: &'static str = "user";
    const NAME: &'static str = "UpdateUser";
    const REQUIRED: &'static [&'static str] = &[];
    type Fields = AccountFields;

    fn parse(fields: AccountFields) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let changes = Self {
            username: fields.username.optional("username", |text| Username::parse(&text), &mut errors),
            email: fields.email.optional("email", |text| Email::parse(&text), &mut errors),
            password: fields.password.optional("password", |text| Password::parse(&text), &mut errors),
            about: AboutChanges {
                bio: fields.bio.clearable("bio", |text| Bio::parse(&text), &mut errors),
                image: fields.image.clearable("image", |text| ImageUrl::parse(&text), &mut errors),
            },
        };
        if errors.is_empty() { Ok(changes) } else { Err(errors) }
    }
}
