//! What every handler starts with: the service, the context of the request, the wish for a shape.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use postern_http::RequestId;
use postern_telemetry::Event;
use postern_telemetry::requests::{self, Told};
use serde::de::DeserializeOwned;

use super::{Failure, body};
use crate::bearer::Caller;
use crate::{AuthService, Context, Error, Result};

/// The version of the dialect that names errors by `code` and `message`.
const API_VERSION: &str = "2024-01-01";
/// Longest name of a client that is kept, in bytes.
const USER_AGENT_BYTES_MAX: usize = 300;
/// Most languages that are read.
const LANGUAGES_MAX: usize = 5;

/// The entry of a request.
pub struct Entry {
    /// The service.
    pub service: Data<AuthService>,
    /// The request itself.
    pub request: HttpRequest,
    /// What the service's methods want to know.
    pub context: Context,
}

impl Entry {
    /// The request's headers.
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// When it is none, or its fields have other types.
    pub fn json<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<T> {
        body::json(bytes)
    }

    /// Reads the parameters of the address.
    ///
    /// # Errors
    /// When one is there twice or has another type.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T> {
        actix_web::web::Query::<T>::from_query(self.request.query_string())
            .map(actix_web::web::Query::into_inner)
            .map_err(|error| Error::invalid(format!("Invalid query parameters: {error}")))
    }

    /// The signed-in user who calls.
    ///
    /// # Errors
    /// When nobody does.
    pub async fn caller(&self) -> Result<Caller> {
        let caller = self.service.caller(self.headers(), &self.context).await?;
        self.tell_of(&caller);
        Ok(caller)
    }

    /// Finds out which user calls, or who acts for which user.
    ///
    /// # Errors
    /// When nobody does.
    pub async fn reader(&self) -> Result<Caller> {
        let caller = self.service.reader(self.headers(), &self.context).await?;
        self.tell_of(&caller);
        Ok(caller)
    }

    /// Tells the log of requests who calls.
    fn tell_of(&self, caller: &Caller) {
        if self.service.telemetry().requests().is_on() {
            let user = caller.user.id.to_string().into();
            let told = Told {
                caller: match caller.actor_name() {
                    Some(admin) => requests::Caller::Acting(user, admin.into()),
                    None => requests::Caller::User(user),
                },
                role: caller.user.role.as_str().into(),
                ..Told::default()
            };
            self.request.extensions_mut().insert(told);
        }
    }

    /// Renders a refusal in the shape that the client asked for; what failed inside is logged
    /// here, once.
    pub fn fail(&self, error: Error) -> Failure {
        if let Some(cause) = error.cause_for_the_log() {
            self.service.telemetry().report(&Event::RequestFailed {
                error: &cause,
                request_id: &self.context.request_id,
            });
        }
        Failure::new(error, self.wants_new_errors())
    }

    fn wants_new_errors(&self) -> bool {
        let asked = self.headers().get("x-supabase-api-version");
        // Versions are dates, so that text compares like time.
        asked
            .and_then(|it| it.to_str().ok())
            .is_some_and(|it| it.len() == API_VERSION.len() && it >= API_VERSION)
    }
}

impl FromRequest for Entry {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let Some(service) = request.app_data::<Data<AuthService>>().cloned() else {
            return ready(Err(actix_web::error::ErrorInternalServerError("")));
        };
        let context = Context {
            ip: client_address(request, &service),
            user_agent: text(request, "user-agent", USER_AGENT_BYTES_MAX),
            languages: languages(request),
            request_id: RequestId::from_request(request).as_str().to_owned(),
            now: service.now(),
            redirect_to: redirect_to(request),
            admin: None,
        };
        ready(Ok(Self {
            service,
            request: request.clone(),
            context,
        }))
    }
}

/// The address of the connection, or what trusted proxies say that it stands for.
fn client_address(request: &HttpRequest, service: &AuthService) -> IpAddr {
    let peer = request.peer_addr().map(|it| it.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let proxies = &service.settings().limits.trusted_proxies;
    proxies.client(peer, request.headers())
}

fn text(request: &HttpRequest, name: &str, bytes_max: usize) -> String {
    let header = request.headers().get(name);
    let text = header.and_then(|it| it.to_str().ok()).unwrap_or_default();
    // Only visible ASCII passes `to_str`, so that any byte is a boundary.
    text[..text.len().min(bytes_max)].to_owned()
}

fn languages(request: &HttpRequest) -> Vec<String> {
    text(request, "accept-language", 200)
        .split(',')
        .filter_map(|it| it.split(';').next())
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty() && it != "*")
        .take(LANGUAGES_MAX)
        .collect()
}

fn redirect_to(request: &HttpRequest) -> Option<String> {
    url::form_urlencoded::parse(request.query_string().as_bytes())
        .find(|(name, _)| name == "redirect_to")
        .map(|(_, value)| value.into_owned())
        .filter(|it| !it.is_empty())
}
