//! Registering, logging in, and one's own account.

use actix_web::web::Data;

use super::Answer;
use crate::{
    adapters::http::{
        client_address::ClientAddress,
        dto::{body::Body, created, ok, users::UserResponse},
        extract::{Asker, Authenticated, Sent},
    },
    domain::model::{
        user::{AccountChanges, LogIn, Registration},
        values::Client,
    },
    ports::services::UserService,
};

/// `POST /api/users`
pub async fn register(
    ClientAddress(address): ClientAddress,
    Body(registration): Body<Registration>,
    users: Data<dyn UserService>,
) -> Answer {
    let user = users.register(registration, Client::at(address)).await?;
    created(&UserResponse::from(&user))
}

/// `POST /api/users/login`
pub async fn log_in(
    ClientAddress(address): ClientAddress,
    Body(credentials): Body<LogIn>,
    users: Data<dyn UserService>,
) -> Answer {
    let user = users.log_in(credentials, Client::at(address)).await?;
    ok(&UserResponse::from(&user))
}

/// `GET /api/user`
pub async fn current(Asker(identity): Asker, Sent(token): Sent, users: Data<dyn UserService>) -> Answer {
    let user = users.current(&identity, token).await?;
    ok(&UserResponse::from(&user))
}

/// `PUT /api/user`
pub async fn update(user: Authenticated, Body(changes): Body<AccountChanges>, users: Data<dyn UserService>) -> Answer {
    let user = users.update(&user.identity, changes).await?;
    ok(&UserResponse::from(&user))
}
