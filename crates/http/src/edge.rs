//! The one middleware around every route: request id, trace context, CORS, a limit to how slowly a
//! body may arrive, a net under panics, and the report of what happened.
//!
//! One layer instead of five keeps the cost of a request to one boxed future. What is reported
//! goes to an [`Observer`], because metrics live on a floor beside this one.

use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, HeaderMap, HeaderName, HeaderValue,
    ORIGIN,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tracing::Instrument;

use crate::request_id::REQUEST_ID;
use crate::{ApiError, RequestId, TraceContext, cors, patience};

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");

/// A request that was answered.
#[derive(Debug)]
pub struct Finished<'a> {
    /// The verb.
    pub method: &'a Method,
    /// The path, without the query (which may hold values).
    pub path: &'a str,
    /// The answer's status.
    pub status: StatusCode,
    /// From the last byte of the head to the first of the answer.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
    /// Whether a panic was caught; the status is then 500.
    pub panicked: bool,
    /// The query as it came. SECURITY: it holds values, and may hold secrets.
    pub query: Option<&'a str>,
    /// The request; none where a panic took it along.
    pub request: Option<&'a HttpRequest>,
    /// What a handler answered in place of a response.
    pub error: Option<&'a Error>,
    /// The body's length in bytes; none where it is not known before it is sent.
    pub sent: Option<u64>,
}

/// Told of every request that was answered.
pub type Observer = Arc<dyn Fn(&Finished<'_>) + Send + Sync>;

/// The middleware; wrap the whole application in it.
#[derive(Clone)]
pub struct Edge {
    observer: Observer,
}

impl Edge {
    /// Makes the middleware.
    pub fn new(observer: Observer) -> Self {
        Self { observer }
    }
}

impl<S, B> Transform<S, ServiceRequest> for Edge
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type InitError = ();
    type Transform = EdgeService<S>;
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(EdgeService {
            inner: Rc::new(inner),
            observer: Arc::clone(&self.observer),
        }))
    }
}

/// The middleware at work on one worker.
pub struct EdgeService<S> {
    inner: Rc<S>,
    observer: Observer,
}

impl<S, B> Service<ServiceRequest> for EdgeService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B, BoxBody>>;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self::Response, Error>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let inner = Rc::clone(&self.inner);
        let observer = Arc::clone(&self.observer);
        let id = RequestId::of(request.headers());
        let span = span_of(&request, &id);
        request.extensions_mut().insert(id.clone());
        patience::bound(&mut request);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let cross_origin = request.headers().contains_key(ORIGIN);
        let work = async move {
            let (mut outcome, panicked) = answer(&*inner, request, &id).await;
            if let Ok(response) = &mut outcome {
                seal(response.headers_mut(), &id, cross_origin);
            }
            let finished = Finished {
                method: &method,
                path: uri.path(),
                status: StatusCode::OK,
                duration: started.elapsed(),
                request_id: id.as_str(),
                panicked,
                query: uri.query(),
                request: None,
                error: None,
                sent: None,
            };
            observer(&finished.with(&outcome));
            outcome
        };
        if span.is_disabled() {
            Box::pin(work)
        } else {
            Box::pin(work.instrument(span))
        }
    }
}

impl<'a> Finished<'a> {
    /// The same with what the application made of it.
    fn with<B: MessageBody + 'static>(self, outcome: &'a Answer<B>) -> Self {
        match outcome {
            Ok(response) => Self {
                status: response.status(),
                request: Some(response.request()),
                error: response.response().error(),
                sent: match response.response().body().size() {
                    BodySize::Sized(bytes) => Some(bytes),
                    BodySize::None => Some(0),
                    BodySize::Stream => None,
                },
                ..self
            },
            Err(error) => Self {
                status: error.as_response_error().status_code(),
                error: Some(error),
                ..self
            },
        }
    }
}

type Answer<B> = Result<ServiceResponse<EitherBody<B, BoxBody>>, Error>;

/// Runs the application under the net; also tells whether the net caught something.
async fn answer<S, B>(inner: &S, request: ServiceRequest, id: &RequestId) -> (Answer<B>, bool)
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    if cors::is_preflight(request.method(), request.headers()) {
        let response = cors::preflight(request.headers());
        return (
            Ok(request.into_response(response).map_into_right_body()),
            false,
        );
    }
    match AssertUnwindSafe(inner.call(request)).catch_unwind().await {
        Ok(outcome) => (outcome.map(ServiceResponse::map_into_left_body), false),
        // The panic hook has logged it; the client learns the id and nothing else. The request is
        // gone with the panic, so this travels as an error and carries its headers itself.
        Err(_) => {
            let error = ApiError::internal(id.as_str())
                .with_header(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
                .with_header(REQUEST_ID, id.as_str());
            (Err(error.into()), true)
        }
    }
}

/// Headers that every answer has.
fn seal(headers: &mut HeaderMap, id: &RequestId, cross_origin: bool) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What is for its own pages alone is shared with no other origin.
    let is_own = headers.contains_key(CROSS_ORIGIN_RESOURCE_POLICY);
    let is_preflight = headers.contains_key(ACCESS_CONTROL_ALLOW_METHODS);
    if cross_origin && !is_preflight && !is_own {
        cors::decorate(headers);
    }
}

/// A span with the caller's trace where there is one; else a cheaper one for debugging, because
/// what is logged at other levels names the request's id itself.
fn span_of(request: &ServiceRequest, id: &RequestId) -> tracing::Span {
    match TraceContext::of(request.headers()) {
        Some(context) => tracing::info_span!(
            "request",
            request.id = id.as_str(),
            trace.id = context.trace_id,
            trace.parent = context.parent_id,
            trace.sampled = context.sampled,
        ),
        None => tracing::debug_span!("request", request.id = id.as_str()),
    }
}
