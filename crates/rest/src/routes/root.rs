//! The root: the OpenAPI description of what exists for the caller.

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HOST};
use actix_web::{HttpRequest, HttpResponse, body};
use postern_base::{Identity, codes};

use crate::openapi::{self, Site};
use crate::{Failure, RestService, RestSettings, media};

const OPENAPI: &str = "application/openapi+json; charset=utf-8";

/// Answers GET and HEAD of the root.
pub(super) fn describe(
    service: &RestService,
    identity: &Identity,
    schema: &str,
    request: &HttpRequest,
) -> Result<HttpResponse, Failure> {
    if !service.settings().openapi {
        let message = "Root endpoint metadata is disabled";
        return Err(Failure::new(&codes::ROOT_OFF, message));
    }
    media::negotiate_root(request.headers())?;
    let snapshot = service.snapshot();
    let view = service.view(&snapshot, identity)?;
    let document = openapi::describe(&view, schema, &site(service.settings(), request));
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, OPENAPI));
    Ok(if request.method() == Method::HEAD {
        response.body(body::None::new())
    } else {
        response.body(document.to_string())
    })
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
    }
}
