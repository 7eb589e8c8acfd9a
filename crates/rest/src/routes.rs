//! The routes: from an actix request to the service and back.
//!
//! One handler serves every address below the root, because names are decoded by [`Address`] and
//! not by the router. The steps are the same for all: extract, authenticate, then one of
//! describe (the root), list verbs (OPTIONS), or answer.

mod root;

use actix_web::http::Method as HttpMethod;
use actix_web::http::header::{ALLOW, HeaderMap, RANGE};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use postern_base::codes::Code;
use postern_base::{Identity, codes};
use postern_http::{ApiError, RequestId};
use postern_query::request::{Method, RawRequest, Target};
use postern_telemetry::Event;

use crate::address::Address;
use crate::body::Taker;
use crate::reply::{self, Asked};
use crate::timing::{Stage, Stopwatch};
use crate::{Failure, RestService, allow, body, media, profile, session};

/// Mounts the data API at the service's base path.
pub fn routes(service: Data<RestService>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        let base = service.settings().base_path.clone();
        config
            .app_data(service)
            .route(
                &format!("{base}/query/{{name}}"),
                web::get().to(crate::saved::handle),
            )
            .route(
                &format!("{base}/query/{{name}}"),
                web::post().to(crate::saved::handle),
            )
            .route("/policy/v1/shadow", web::get().to(crate::shadow::handle))
            .route("/policy/v1/can", web::post().to(crate::can::handle))
            .route(&base, web::to(handle))
            .route(&format!("{base}/{{tail:.*}}"), web::to(handle));
    }
}

async fn handle(
    service: Data<RestService>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let id = RequestId::from_request(&request);
    let telemetry = service.telemetry();
    let mut stopwatch = Stopwatch::start();
    let identity =
        authenticate(&service, &request).map_err(|it| it.render(None, &id, telemetry))?;
    stopwatch.lap(Stage::Jwt);
    stopwatch.note_caller(&service, &identity);
    let answer = serve(&service, &request, &identity, payload, &mut stopwatch).await;
    stopwatch.lap(Stage::Response);
    stopwatch.hand_over(&request);
    let mut response = answer.map_err(|it| it.render(Some(&identity), &id, telemetry))?;
    if service.settings().server_timing {
        stopwatch.describe(response.headers_mut());
    }
    Ok(response)
}

/// Tells who is asking; each use of the secret key is noted.
pub(crate) fn authenticate(
    service: &RestService,
    request: &HttpRequest,
) -> Result<Identity, Failure> {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |it| it.as_str().len());
    let limit = service.settings().limits.uri_bytes_max;
    if length > limit {
        let message = format!("The address is longer than the limit of {limit} bytes");
        return Err(Failure::new(&codes::URI_LIMIT, message));
    }
    let identity = service.authenticator().authenticate(request.headers())?;
    if identity.is_service() {
        service.telemetry().report(&Event::PoliciesBypassed {
            method: request.method().as_str(),
            path: request.path(),
            request_id: RequestId::from_request(request).as_str(),
        });
    }
    Ok(identity)
}

async fn serve(
    service: &RestService,
    request: &HttpRequest,
    identity: &Identity,
    payload: Payload,
    stopwatch: &mut Stopwatch,
) -> Result<HttpResponse, Failure> {
    let settings = service.settings();
    let address = Address::read(request.uri().path(), &settings.base_path)?;
    let headers = request.headers();
    let schema = profile::schema(request.method(), headers, &settings.schemas)?;
    if request.method() == HttpMethod::OPTIONS {
        return options(service, identity, schema, &address).await;
    }
    let method = verb(request.method(), &address)?;
    let target = match address {
        Address::Root => {
            return match &settings.root_function {
                Some(function) => root::call(service, identity, function, request).await,
                None => root::describe(service, identity, schema, request).await,
            };
        }
        Address::Relation(name) => Target::Relation(name),
        Address::Function(name) => Target::Function(name),
    };
    let body = match method {
        Method::Post | Method::Patch | Method::Put => {
            let most = settings.limits.body_bytes_max;
            Some(body::read(headers, payload, taker(&target), most).await?)
        }
        Method::Get | Method::Head | Method::Delete => None,
    };
    // SECURITY: only now, because a body may take its time, and what has changed meanwhile counts.
    let snapshot = service.snapshot();
    let view = service.view(&snapshot, identity)?;
    let raw = RawRequest {
        method,
        schema,
        query: request.uri().query().unwrap_or_default(),
        prefer: texts(headers, "prefer").collect(),
        range: range(method, headers),
        representation: media::negotiate(headers, &service.offer(&view, schema, &target))?,
        body,
        target,
    };
    stopwatch.lap(Stage::Parse);
    stopwatch.note_target(&view, &raw);
    let outcome = service
        .answer_in(&view, &raw, stopwatch, || {
            session::settings(request, &settings.base_path)
        })
        .await;
    service.shadow_request(&snapshot, identity, &raw);
    stopwatch.note_outcome(&view, &raw, &outcome);
    let outcome = outcome?;
    let asked = Asked {
        method,
        name: name(&raw.target),
        query: raw.query,
        several_schemas: settings.schemas.len() > 1,
    };
    let failed = reporter(service, request);
    reply::render(&asked, outcome, failed)
}

/// Reports what goes wrong once an answer has begun.
fn reporter(service: &RestService, request: &HttpRequest) -> impl Fn(&postern_db::Error) + 'static {
    let telemetry = service.telemetry().clone();
    let id = RequestId::from_request(request);
    move |error| {
        let error = &error.to_string();
        let request_id = id.as_str();
        telemetry.report(&Event::RequestFailed { error, request_id });
    }
}

fn taker(target: &Target) -> Taker {
    match target {
        Target::Relation(_) => Taker::Relation,
        Target::Function(_) => Taker::Function,
    }
}

fn name(target: &Target) -> &str {
    match target {
        Target::Relation(name) | Target::Function(name) => name,
    }
}

/// The verb, where the address takes it.
fn verb(method: &HttpMethod, address: &Address) -> Result<Method, Failure> {
    let verb = match *method {
        HttpMethod::GET => Some(Method::Get),
        HttpMethod::HEAD => Some(Method::Head),
        _ if *address == Address::Root => None,
        HttpMethod::POST => Some(Method::Post),
        HttpMethod::PATCH => Some(Method::Patch),
        HttpMethod::PUT => Some(Method::Put),
        HttpMethod::DELETE => Some(Method::Delete),
        _ => None,
    };
    let is_function = matches!(address, Address::Function(_));
    match verb {
        Some(Method::Patch | Method::Put | Method::Delete) if is_function => {
            let message = format!("Cannot use the {method} method on RPC");
            Err(not_taken(&codes::RPC_METHOD, message, address))
        }
        Some(verb) => Ok(verb),
        None => {
            let message = format!("Unsupported HTTP method: {method}");
            Err(not_taken(&codes::METHOD, message, address))
        }
    }
}

/// The refusal of a verb. What an address of the kind takes goes with it; which of that the caller
/// may use is told by OPTIONS, so that this says nothing of what exists.
fn not_taken(code: &'static Code, message: String, address: &Address) -> Failure {
    let allow = match address {
        Address::Root => "OPTIONS,GET,HEAD",
        Address::Function(_) => "OPTIONS,GET,HEAD,POST",
        Address::Relation(_) => "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
    };
    ApiError::new(code, message)
        .with_header(ALLOW, allow)
        .into()
}

/// The `Range` header of a read, when its unit is rows.
fn range(method: Method, headers: &HeaderMap) -> Option<&str> {
    let of_rows = headers
        .get("range-unit")
        .is_none_or(|unit| unit.as_bytes() == b"items");
    let reads = matches!(method, Method::Get | Method::Head);
    (reads && of_rows)
        .then(|| headers.get(RANGE)?.to_str().ok())
        .flatten()
}

fn texts<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).filter_map(|it| it.to_str().ok())
}

async fn options(
    service: &RestService,
    identity: &Identity,
    schema: &str,
    address: &Address,
) -> Result<HttpResponse, Failure> {
    let snapshot = service.snapshot();
    let privileges = service.privileges(identity).await?;
    let mut view = service.view(&snapshot, identity)?;
    if let Some(privileges) = &privileges {
        view = view.listing(privileges);
    }
    let allow = allow::allow(&view, schema, address)?;
    Ok(HttpResponse::Ok().insert_header((ALLOW, allow)).finish())
}
