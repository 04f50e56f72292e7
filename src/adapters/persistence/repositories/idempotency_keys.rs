//! Responses stored for requests with an `Idempotency-Key`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::statement::Statement;
use crate::domain::model::idempotency::{Claim, Fingerprint, KeyedRequest, StoredResponse};
use crate::domain::model::values::UserId;
use crate::ports::idempotency::IdempotencyRepository;
use crate::ports::repositories::RepositoryError;

// Served by idempotency_keys_pkey. Transactions that insert the same key wait for the first of them
// and then find its row.
const KEEP: &str = "
    insert into idempotency_keys as kept (user_id, key, fingerprint, status, body, created_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (user_id, key) do update set
        fingerprint = excluded.fingerprint,
        status      = excluded.status,
        body        = excluded.body,
        created_at  = excluded.created_at
    where kept.created_at <= $7";

type ClaimRow = (Option<UserId>, bool, Option<(String, i64, String)>);

pub struct IdempotencyKeys<E>(pub E);

#[async_trait]
impl<E: Executor> IdempotencyRepository for IdempotencyKeys<E> {
    async fn claim(&self, request: &KeyedRequest, oldest: DateTime<Utc>) -> Result<Claim, RepositoryError> {
        // Declared as a write because writes of the same unit follow on its connection.
        let statement = Statement::<ClaimRow>::write("idempotency_keys.claim", E::Dialect::CLAIM_KEY)
            .identity(&request.identity)
            .text(request.key.as_str())
            .instant(oldest);
        let (reader, is_free, response) = self.0.first(statement).await?.unwrap_or_default();
        reader.ok_or(RepositoryError::SessionEnded)?;
        match response {
            _ if !is_free => Ok(Claim::InFlight),
            Some((fingerprint, status, body)) => {
                let status = u16::try_from(status).map_err(|error| RepositoryError::Internal(error.into()))?;
                let response = StoredResponse { status, body };
                Ok(Claim::Completed { fingerprint: Fingerprint::new(fingerprint), response })
            }
            None => Ok(Claim::Free),
        }
    }

    async fn store(
        &self,
        request: &KeyedRequest,
        response: &StoredResponse,
        now: DateTime<Utc>,
        oldest: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        let change = Statement::write("idempotency_keys.keep", KEEP)
            .number(request.identity.user.get())
            .text(request.key.as_str())
            .text(request.fingerprint.as_str())
            .number(i64::from(response.status))
            .text(&response.body)
            .instant(now)
            .instant(oldest);
        if self.0.execute(change).await? == 0 {
            return Ok(false);
        }
        // After the insertion: a removal skips locked rows, so two transactions never deadlock.
        let removal = Statement::write("idempotency_keys.remove", E::Dialect::REMOVE_EXPIRED_KEYS).instant(oldest);
        self.0.execute(removal).await?;
        Ok(true)
    }
}
