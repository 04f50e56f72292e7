//! `conduit serve` with a deliberate defect: unfollowing a user panics.
//!
//! For the tests of metrics, alerts and logs, which need a panic.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use conduit::adapters::http::routes::Services;
use conduit::adapters::telemetry::subscriber;
use conduit::app::config::Config;
use conduit::app::server::application;
use conduit::app::server::application::Application;
use conduit::domain;
use conduit::domain::model::profile::Profile;
use conduit::domain::model::user::Identity;
use conduit::domain::model::values::UsernameKey;
use conduit::ports::services::ProfileService;

struct Defective(Arc<dyn ProfileService>);

#[async_trait]
impl ProfileService for Defective {
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, domain::Error> {
        self.0.show(username, reader).await
    }

    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, domain::Error> {
        self.0.follow(username, reader).await
    }

    async fn unfollow(&self, _: &UsernameKey, _: &Identity) -> Result<Profile, domain::Error> {
        panic!("a defect, on purpose")
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::load(None).map_err(|errors| errors.to_string())?;
    subscriber::init(&config.log, &config.traces)?;
    actix_web::rt::System::new().block_on(async {
        let services = application::build_services(&config)?;
        let services = Services { profiles: Arc::new(Defective(services.profiles)), ..services };
        let application = Application::with_services(services, &config)?;
        let api = format!("http://{}/api", application.address);
        let metrics = format!("http://{}/metrics", application.metrics_address);
        tracing::info!(api, metrics, "listening");
        Ok(application.run_until_stopped().await?)
    })
}
