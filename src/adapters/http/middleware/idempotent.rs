//! A request with an `Idempotency-Key` is carried out once, however often it comes
//! (draft-ietf-httpapi-idempotency-key-header-07).
//!
//! Successes alone are kept. An answer that changed nothing protects nothing by being told again: the request may have
//! been set right since, or what stood in its way may have gone.

use actix_web::{
    Error as ActixError, HttpMessage, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::{StatusCode, header::HeaderValue},
    middleware::Next,
    web::{Bytes, Data},
};
use futures_util::{
    FutureExt,
    future::ready,
    stream::{self, StreamExt},
};
use sha2::{Digest, Sha256};

use crate::{
    adapters::http::{
        dto::{body::whole, json_text},
        errors::HttpError,
        idempotency_key::{IDEMPOTENT_REPLAYED, sent_key},
    },
    domain::model::{
        idempotency::{Completion, Fingerprint, KeyedRequest, Outcome, StoredResponse},
        user::{Account, Identity},
        values::IdempotencyKey,
    },
    ports::{idempotency::IdempotencyService, services::UserService},
};

type MiddlewareResult = Result<ServiceResponse<BoxBody>, ActixError>;

/// The most bytes of an answer that are kept where doing it again does no harm. Such a request costs its client next to
/// nothing, and the article in its answer may be as large as a body: a client with many keys would fill the disk.
const SHORT: usize = 64 * 1024;

/// Who remembers requests, and who knows users.
type Services = (Data<dyn IdempotencyService>, Data<dyn UserService>);

/// Carries a request with a key out once, in a unit of work; for routes that know who asks.
pub async fn idempotent(
    services: Services,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> MiddlewareResult {
    pass(services, request, next, usize::MAX).await
}

/// The same where doing it again changes nothing: what has a long answer is done again.
pub async fn idempotent_if_small(
    services: Services,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> MiddlewareResult {
    pass(services, request, next, SHORT).await
}

async fn pass(
    (requests, users): Services,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    longest: usize,
) -> MiddlewareResult {
    let keyed = match sent_key(request.headers()) {
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(key)) => identify(key, &mut request).await,
        Err(error) => Err(error),
    };
    let original = request.request().clone();
    let refused = match keyed {
        Ok(keyed) => match carry_out(requests.as_ref(), &keyed, request, next, longest).await {
            Ok(answer) => return answer,
            Err(error) => error,
        },
        Err(error) => error,
    };
    let error = known(&original, users.as_ref()).await.err().unwrap_or(refused);
    Ok(ServiceResponse::from_err(error, original))
}

/// Whether the session of who asks lives, where nobody has looked yet: whoever may not ask is told that, and nothing else that is
/// wrong.
async fn known(request: &HttpRequest, users: &dyn UserService) -> Result<(), HttpError> {
    let identity = request.extensions().get::<Identity>().copied().ok_or_else(HttpError::missing_token)?;
    if request.extensions().get::<Account>().is_none() {
        users.authenticate(&identity).await?;
    }
    Ok(())
}

/// The answer. The error is a refusal for which nobody has looked whether the session lives.
async fn carry_out(
    requests: &dyn IdempotencyService,
    keyed: &KeyedRequest,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    longest: usize,
) -> Result<MiddlewareResult, HttpError> {
    let original = request.request().clone();
    let mut answer = None;
    let work = async {
        let response = next.call(request).await.map(ServiceResponse::map_into_boxed_body);
        let (response, completion) = match response {
            Ok(response) if response.status().is_success() => completed(response, longest),
            response => (response, Completion::Failed),
        };
        answer = Some(response);
        completion
    };
    let outcome = requests.run_once(keyed, work.boxed_local()).await;
    Ok(match (outcome, answer) {
        (Ok(Outcome::InFlight), _) => return Err(HttpError::idempotency_key_in_flight()),
        (Ok(Outcome::Executed), Some(answer)) => answer,
        (Ok(Outcome::Replayed(answer)), _) => Ok(ServiceResponse::new(original, replay(answer))),
        (Ok(Outcome::KeyReused), _) => Ok(refusal(original, HttpError::idempotency_key_mismatched())),
        (Ok(Outcome::Executed), None) => Ok(refusal(original, HttpError::defect())),
        (Err(error), _) => Ok(refusal(original, error.into())),
    })
}

fn refusal(request: HttpRequest, error: HttpError) -> ServiceResponse<BoxBody> {
    ServiceResponse::from_err(error, request)
}

/// The request as its repetitions are known. Its body is read for that, and put back.
async fn identify(key: IdempotencyKey, request: &mut ServiceRequest) -> Result<KeyedRequest, HttpError> {
    let identity = request.extensions().get::<Identity>().copied().ok_or_else(HttpError::missing_token)?;
    let (head, body) = request.parts_mut();
    let bytes = whole(head, body).await?;
    let fingerprint = fingerprint(head, &bytes);
    let payload = stream::once(ready(Ok::<_, PayloadError>(bytes))).boxed_local();
    request.set_payload(Payload::Stream { payload });
    Ok(KeyedRequest { identity, key, fingerprint })
}

/// The same for the same method, path, query and body. Neither of the first can hold a line feed.
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

/// An answer, and what is kept of it; one whose body cannot be kept is a defect.
fn completed(response: ServiceResponse<BoxBody>, longest: usize) -> (MiddlewareResult, Completion) {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let text = body.try_into_bytes().ok().and_then(|bytes| String::from_utf8(bytes.into()).ok());
    match text {
        Some(text) => {
            let completion = match text.len() <= longest {
                true => Completion::Succeeded(StoredResponse { status: head.status().as_u16(), body: text.clone() }),
                false => Completion::SucceededWithoutStoring,
            };
            (Ok(ServiceResponse::new(request, head.set_body(text).map_into_boxed_body())), completion)
        }
        None => (Ok(refusal(request, HttpError::defect())), Completion::Failed),
    }
}

fn replay(answer: StoredResponse) -> HttpResponse {
    let Ok(status) = StatusCode::from_u16(answer.status) else { return HttpResponse::from_error(HttpError::defect()) };
    let mut response = json_text(status, answer.body);
    response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    response
}
