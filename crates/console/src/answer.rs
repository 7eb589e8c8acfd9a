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

/// What a text of others may do when it is shown: be styled, and hold pictures in itself.
const UNTRUSTED: &str = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
                         form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

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

/// A page that shows another answer of the console in a frame.
///
/// SECURITY: only the one page that needs it may frame anything, and only what is ours; what it
/// frames is an [`untrusted`] answer.
pub(crate) fn framing(template: &impl Template, visit: &Visit) -> Answer {
    let mut response = page(template)?;
    let headers = response.headers_mut();
    keep_policy(headers, &page_policy(&visit.nonce, "; frame-src 'self'"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Ok(response)
}

/// HTML that somebody wrote who is not us, to be looked at in a frame of a page of ours.
///
/// SECURITY: the sandbox gives it an origin of its own, so that it reaches neither the page around
/// it nor a cookie; it runs no script, sends no form and loads nothing (attack 77).
pub(crate) fn untrusted(html: String) -> Answer {
    let mut response = HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(html);
    let headers = response.headers_mut();
    keep_policy(headers, UNTRUSTED);
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}

fn page_policy(nonce: &str, more: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'{more}"
    )
}

fn keep_policy(headers: &mut HeaderMap, policy: &str) {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// Puts the headers on that every answer carries.
///
/// SECURITY: no inline script, no eval, no other origin; the nonce is for the styles that the
/// editor makes. The referrer policy is not `no-referrer`, with which browsers would send
/// `Origin: null` along with our own forms.
pub(crate) fn seal(headers: &mut HeaderMap, visit: &Visit) {
    // What is to be shown inside of a page comes with a policy of its own.
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        keep_policy(headers, &page_policy(&visit.nonce, ""));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    let fixed = [
        (REFERRER_POLICY, "same-origin"),
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
