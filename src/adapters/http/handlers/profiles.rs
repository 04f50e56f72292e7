//! Profiles, and following them.

use actix_web::web::Data;

use super::Answer;
use crate::{
    adapters::http::{
        dto::{ok, profiles::ProfileResponse},
        extract::{Asker, ProfilePath, Reader},
    },
    ports::services::ProfileService,
};

/// `GET /api/profiles/{username}`
pub async fn show(
    ProfilePath(username): ProfilePath,
    Reader(reader): Reader,
    profiles: Data<dyn ProfileService>,
) -> Answer {
    let profile = profiles.show(&username, reader.as_ref()).await?;
    ok(&ProfileResponse::from(&profile))
}

/// `POST /api/profiles/{username}/follow`
pub async fn follow(
    ProfilePath(username): ProfilePath,
    Asker(reader): Asker,
    profiles: Data<dyn ProfileService>,
) -> Answer {
    let profile = profiles.follow(&username, &reader).await?;
    ok(&ProfileResponse::from(&profile))
}

/// `DELETE /api/profiles/{username}/follow`
pub async fn unfollow(
    ProfilePath(username): ProfilePath,
    Asker(reader): Asker,
    profiles: Data<dyn ProfileService>,
) -> Answer {
    let profile = profiles.unfollow(&username, &reader).await?;
    ok(&ProfileResponse::from(&profile))
}
