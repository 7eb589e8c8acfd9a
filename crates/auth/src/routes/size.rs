//! The limit of a body, in the dialect's own words.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, ResponseError};
use postern_base::codes::auth as codes;

use super::{BODY_BYTES_MAX, Entry};

/// Renders the refusal of a body that is too large as the clients expect it.
pub(super) async fn tell_limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    if !response.response().error().is_some_and(is_too_large) {
        return Ok(response.map_into_left_body());
    }
    let request = response.request().clone();
    let entry = Entry::extract(&request).await?;
    let message = format!("The body is larger than {BODY_BYTES_MAX} bytes");
    let refusal = crate::Error::new(&codes::REQUEST_ENTITY_TOO_LARGE, message);
    let refused = entry.fail(refusal).error_response();
    Ok(response.into_response(refused).map_into_right_body())
}

fn is_too_large(error: &Error) -> bool {
    error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE
        && error.as_error::<super::Failure>().is_none()
}
