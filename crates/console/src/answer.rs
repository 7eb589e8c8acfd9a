//! What handlers end with, and the headers that every answer of the console carries.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_FRAME_OPTIONS,
};
use askama::Template;

use crate::failure::Failure;
use crate::ground::Ground;
use crate::place::Place;
use crate::visit::Visit;

/// What a handler ends with.
pub(crate) type Answer = Result<HttpResponse, Failure>;

const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FEATURES: HeaderName = HeaderName::from_static("permissions-policy");
/// What a page may ask of the browser: nothing.
const NO_FEATURES: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// A page or fragment.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Answer {
    let text = template.render().map_err(|_| Failure::Broken)?;
    Ok(HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .body(text))
}

/// A page.
pub(crate) fn page(template: &impl Template) -> Answer {
    html(StatusCode::OK, template)
}

/// On to another page, after a change.
pub(crate) fn see(place: &Place) -> Answer {
    Ok(see_other(&place.to_string()))
}

/// On to an address of the console's own.
pub(crate) fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, address))
        .finish()
}

/// Puts the headers on that every answer carries.
///
/// SECURITY: no inline script, no eval, no other origin; the nonce is for the styles that the
/// editor makes. The referrer policy is not `no-referrer`, with which browsers would send
/// `Origin: null` along with our own forms.
pub(crate) fn seal(headers: &mut HeaderMap, visit: &Visit) {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
        visit.nonce
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [
        (REFERRER_POLICY, "same-origin"),
        (X_FRAME_OPTIONS, "DENY"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
        (FEATURES, NO_FEATURES),
        (VARY, "HX-Request"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if visit.ground == Ground::Secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
}
