//! The root: the OpenAPI description of what exists for the caller.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, body};
use postern_base::{Identity, codes};
use postern_query::request::{Format, Method as QueryMethod, RawRequest, Representation, Target};

use crate::openapi::{self, Site};
use crate::{Failure, OpenApi, RestService, RestSettings, media, reply, session};

const OPENAPI: &str = "application/openapi+json; charset=utf-8";

/// Answers GET and HEAD of the root.
pub(super) async fn describe(
    service: &RestService,
    identity: &Identity,
    schema: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    if service.settings().openapi == OpenApi::Disabled {
        return Err(off());
    }
    media::negotiate_root(request.headers())?;
    let snapshot = service.snapshot();
    let everybody = Identity::service();
    let seen_by = match service.settings().openapi {
        OpenApi::IgnorePolicies => &everybody,
        OpenApi::FollowPolicies | OpenApi::Disabled => identity,
    };
    let privileges = match service.settings().openapi {
        OpenApi::FollowPolicies => service.privileges(identity).await?,
        OpenApi::IgnorePolicies | OpenApi::Disabled => None,
    };
    let mut view = service.view(&snapshot, seen_by)?;
    if let Some(privileges) = &privileges {
        view = view.listing(privileges);
    }
    let document = openapi::describe(&view, schema, &site(service.settings(), request));
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, OPENAPI));
    if service.settings().schemas.len() > 1
        && let Ok(schema) = HeaderValue::try_from(schema)
    {
        response.insert_header((reply::CONTENT_PROFILE, schema));
    }
    Ok(if request.method() == Method::HEAD {
        response.body(body::None::new())
    } else {
        response.body(document.to_string())
    })
}

/// Answers with what the configured function returns.
///
/// SECURITY: a function that the caller may not call gives the answer of a root that is switched
/// off, so that its name is not told.
pub(super) async fn call(
    service: &RestService,
    identity: &Identity,
    (schema, name): &(String, String),
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    media::negotiate_root(request.headers())?;
    let raw = RawRequest {
        method: QueryMethod::Get,
        target: Target::Function(name.clone()),
        schema,
        query: "",
        prefer: Vec::new(),
        range: None,
        representation: Representation::default(),
        body: None,
    };
    let base = &service.settings().base_path;
    let outcome = service
        .answer(identity, &raw, || session::settings(request, base))
        .await;
    let outcome = outcome.map_err(|failure| match failure {
        Failure::Query(error) if error.code == &codes::NO_FUNCTION => off(),
        other => other,
    })?;
    let mut response = HttpResponse::Ok();
    let json = media::content_type(Format::Json, false);
    let wants_openapi = request
        .headers()
        .get_all(ACCEPT)
        .any(|it| it.as_bytes().starts_with(b"application/openapi+json"));
    response.insert_header((CONTENT_TYPE, if wants_openapi { OPENAPI } else { json }));
    reply::apply_written(&mut response, &outcome.answer)?;
    Ok(if request.method() == Method::HEAD {
        response.body(body::None::new())
    } else {
        response.body(outcome.answer.body.unwrap_or_default())
    })
}

fn off() -> Failure {
    Failure::new(&codes::ROOT_OFF, "Root endpoint metadata is disabled")
}

/// What the document says about the server; the address is the configured one, else the one that
/// the client used.
fn site(settings: &RestSettings, request: &HttpRequest) -> Site {
    let asked = request.headers().get(HOST);
    let asked = asked.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let configured = settings.public_url.as_deref();
    let (scheme, rest) = configured
        .and_then(|it| it.split_once("://"))
        .unwrap_or(("http", asked));
    Site {
        title: "Data API".into(),
        description: "Tables, views and functions, as far as this caller may use them".into(),
        version: "1".into(),
        scheme: scheme.into(),
        host: rest.split('/').next().unwrap_or_default().into(),
        base_path: settings.base_path.clone(),
        security: settings.openapi_security,
    }
}
