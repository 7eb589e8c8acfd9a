//! The application of one worker: middleware and routes in their order.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, web};
use postern_auth::AuthService;
use postern_base::{codes, limits::Limits};
use postern_console::Console;
use postern_db::Db;
use postern_http::{ApiError, Edge, Finished, Observer};
use postern_mail::DevMailbox;
use postern_rest::RestService;
use postern_telemetry::{Event, Telemetry};

use super::health;
use super::remember::Memory;
use crate::config::Metrics;

/// What the handlers of this crate share.
#[derive(Clone)]
pub(super) struct State {
    pub(super) rest: Arc<RestService>,
    pub(super) auth: Option<Arc<AuthService>>,
    pub(super) console: Option<Arc<Console>>,
    pub(super) dev_mailbox: Option<Arc<DevMailbox>>,
    pub(super) db: Db,
    pub(super) telemetry: Telemetry,
    pub(super) memory: Memory,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
}

/// Builds the application: the edge outermost, so that it sees every answer.
pub(super) fn build(
    state: &State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(web::Data::new(state.clone()))
        .app_data(web::PayloadConfig::new(state.limits.body_bytes_max))
        .configure(|it| health::routes(it, state.metrics))
        .configure(postern_rest::routes(web::Data::from(Arc::clone(
            &state.rest,
        ))))
        .configure(|it| people(it, state))
        .default_service(web::to(nothing_here))
        .wrap(Edge::new(observer(
            state.telemetry.clone(),
            state.memory.clone(),
        )))
}

/// The auth service and the mailbox of its letters, where there are any.
fn people(config: &mut ServiceConfig, state: &State) {
    if let Some(auth) = &state.auth {
        config.configure(postern_auth::routes::routes(Arc::clone(auth)));
    }
    if let Some(console) = &state.console {
        config.configure(postern_console::routes::routes(Arc::clone(console)));
    }
    if let Some(mailbox) = &state.dev_mailbox {
        config.configure(crate::dev::mailbox::routes(Arc::clone(mailbox)));
    }
}

fn observer(telemetry: Telemetry, memory: Memory) -> Observer {
    Arc::new(move |finished: &Finished<'_>| {
        telemetry.report(&Event::RequestFinished {
            method: finished.method.as_str(),
            status: finished.status.as_u16(),
            duration: finished.duration,
            request_id: finished.request_id,
            panicked: finished.panicked,
        });
        memory.note(finished);
    })
}

async fn nothing_here() -> Result<&'static str, ApiError> {
    Err(ApiError::new(
        &codes::PATH,
        "Invalid path specified in request URL",
    ))
}
