//! Executes a request with an `Idempotency-Key` once, however often it is sent
//! (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! Only successes are stored. A failure changed nothing, so a retry is safe, and may succeed.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use futures_util::future::ready;
use futures_util::stream::StreamExt;
use futures_util::{FutureExt, stream};
use sha2::{Digest, Sha256};

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::extract::auth::identity;
use crate::adapters::http::extract::body::read_body;
use crate::adapters::http::headers::idempotency_key::{IDEMPOTENT_REPLAYED, idempotency_key};
use crate::adapters::http::response::{MiddlewareResult, json_text};
use crate::domain::model::idempotency::{Completion, Fingerprint, KeyedRequest, Outcome, StoredResponse};
use crate::domain::model::user::Account;
use crate::domain::model::values::IdempotencyKey;
use crate::ports::idempotency::IdempotencyService;
use crate::ports::services::UserService;

/// An article in a response may be as large as a request body, and favoriting it costs nothing: a
/// client with many keys would fill the disk.
const MAX_STORED_BYTES: usize = 64 * 1024;

type Services = (Data<dyn IdempotencyService>, Data<dyn UserService>);

/// For routes behind authentication. The request is executed in a unit of work.
pub async fn idempotent(services: Services, request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    run(services, request, next, usize::MAX).await
}

/// For routes that are idempotent anyway: if the response is large, the request is executed again.
pub async fn idempotent_if_small(services: Services, request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    run(services, request, next, MAX_STORED_BYTES).await
}

async fn run(
    (idempotency, users): Services,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
    max_stored: usize,
) -> MiddlewareResult {
    let keyed = match idempotency_key(request.headers()) {
        Ok(None) => return next.call(request).await,
        Ok(Some(key)) => keyed_request(key, &mut request).await,
        Err(error) => Err(error),
    };
    let original = request.request().clone();
    let error = match keyed {
        Ok(keyed) => match execute_once(idempotency.as_ref(), &keyed, request, next, max_stored).await {
            Some(result) => return result,
            None => HttpError::IdempotencyKeyInFlight,
        },
        Err(error) => error,
    };
    // No statement has checked the session, and a 401 takes precedence.
    let error = check_session(&original, users.as_ref()).await.err().unwrap_or(error);
    Ok(ServiceResponse::from_err(error, original))
}

/// Checks the session, unless `auth::with_account` has.
async fn check_session(request: &HttpRequest, users: &dyn UserService) -> Result<(), HttpError> {
    let identity = identity(request)?;
    if request.extensions().get::<Account>().is_none() {
        users.authenticate(&identity).await?;
    }
    Ok(())
}

/// Returns `None` if the key belongs to a request in flight.
async fn execute_once(
    idempotency: &dyn IdempotencyService,
    keyed: &KeyedRequest,
    request: ServiceRequest,
    next: Next<BoxBody>,
    max_stored: usize,
) -> Option<MiddlewareResult> {
    let original = request.request().clone();
    let mut result = None;
    let work = async {
        let (response, completion) = match next.call(request).await {
            Ok(response) if response.status().is_success() => completed(response, max_stored),
            response => (response, Completion::Failed),
        };
        result = Some(response);
        completion
    };
    let outcome = idempotency.run_once(keyed, work.boxed_local()).await;
    let reject = |error| Ok(ServiceResponse::from_err(error, original.clone()));
    Some(match outcome {
        Ok(Outcome::InFlight) => return None,
        Ok(Outcome::Executed) => result.unwrap_or_else(|| reject(HttpError::Internal)),
        Ok(Outcome::Replayed(stored)) => Ok(ServiceResponse::new(original, replay(stored))),
        Ok(Outcome::KeyReused) => reject(HttpError::IdempotencyKeyReused),
        Err(error) => reject(error.into()),
    })
}

/// Reads the body for the fingerprint, and puts it back.
async fn keyed_request(key: IdempotencyKey, request: &mut ServiceRequest) -> Result<KeyedRequest, HttpError> {
    let identity = identity(request.request())?;
    let (head, payload) = request.parts_mut();
    let body = read_body(head, payload).await?;
    let fingerprint = fingerprint(head, &body);
    let payload = stream::once(ready(Ok::<_, PayloadError>(body))).boxed_local();
    request.set_payload(Payload::Stream { payload });
    Ok(KeyedRequest { identity, key, fingerprint })
}

/// Hashes method, path, query and body. Of these only the body can contain a line feed.
fn fingerprint(head: &HttpRequest, body: &Bytes) -> Fingerprint {
    let digest = Sha256::new()
        .chain_update(head.method().as_str())
        .chain_update("\n")
        .chain_update(head.uri().path_and_query().map_or("", |path| path.as_str()))
        .chain_update("\n")
        .chain_update(body)
        .finalize();
    Fingerprint::new(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn completed(response: ServiceResponse<BoxBody>, max_stored: usize) -> (MiddlewareResult, Completion) {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let Some(body) = body.try_into_bytes().ok().and_then(|bytes| String::from_utf8(bytes.into()).ok()) else {
        return (Ok(ServiceResponse::from_err(HttpError::Internal, request)), Completion::Failed);
    };
    let completion = match body.len() <= max_stored {
        true => Completion::Succeeded(StoredResponse { status: head.status().as_u16(), body: body.clone() }),
        false => Completion::SucceededWithoutStoring,
    };
    (Ok(ServiceResponse::new(request, head.set_body(body).map_into_boxed_body())), completion)
}

fn replay(stored: StoredResponse) -> HttpResponse {
    let Ok(status) = StatusCode::from_u16(stored.status) else { return HttpResponse::from_error(HttpError::Internal) };
    let mut response = json_text(status, stored.body);
    response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    response
}
