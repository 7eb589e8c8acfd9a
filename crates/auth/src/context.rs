//! What every request of the auth service brings along beside its body.

use std::net::{IpAddr, Ipv4Addr};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::audit::Actor;

/// Who asks from where, and when; made by the routes, carried through the service.
#[derive(Clone, Debug)]
pub struct Context {
    /// The client's address, as far as trusted proxies tell it.
    pub ip: IpAddr,
    /// What the client calls itself, cut to a sensible length.
    pub user_agent: String,
    /// The languages that the client prefers, best first, such as `de-AT`.
    pub languages: Vec<String>,
    /// The id under which the log knows this request.
    pub request_id: String,
    /// The time at which the request is answered; one per request, so that its parts agree.
    pub now: OffsetDateTime,
    /// Where to lead the user afterwards, as asked for and not yet checked.
    pub redirect_to: Option<String>,
    /// The admin who asks through the console; nobody on all other ways.
    pub admin: Option<Actor>,
}

impl Context {
    /// The context of what is done at the machine itself.
    pub(crate) fn of_command_line(now: OffsetDateTime) -> Self {
        Self {
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            user_agent: "postern".into(),
            languages: Vec::new(),
            request_id: Uuid::new_v4().to_string(),
            now,
            redirect_to: None,
            admin: None,
        }
    }
}
