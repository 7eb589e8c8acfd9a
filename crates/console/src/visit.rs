//! One request of the console, with everything that is known about it.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use postern_auth::Context;
use postern_auth::admins::AdminSession;
use postern_http::RequestId;
use postern_telemetry::requests::{Caller, Told};
use postern_vault::SystemRandom;
use uuid::Uuid;

use crate::console::Console;
use crate::cookies;
use crate::failure::Failure;
use crate::form::Form;
use crate::ground::Ground;
use crate::place::{self, Place};
use crate::theme::Theme;
use crate::upload::{Upload, UploadError};

/// Longest name of a client that is kept, in bytes.
const USER_AGENT_BYTES_MAX: usize = 300;
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 16;

/// One request.
pub(crate) struct Visit {
    pub(crate) console: Arc<Console>,
    pub(crate) request: HttpRequest,
    pub(crate) ground: Ground,
    pub(crate) context: Context,
    pub(crate) session: Option<AdminSession>,
    pub(crate) form: Form,
    pub(crate) query: Form,
    pub(crate) theme: Theme,
    pub(crate) nonce: String,
    /// The file that the form has brought.
    upload: RefCell<Option<Result<Upload, UploadError>>>,
}

impl Visit {
    /// Reads a request; who is signed in is looked up later, where it matters.
    pub(crate) fn new(console: &Data<Console>, request: &HttpRequest, body: &[u8]) -> Self {
        let console = Arc::clone(console);
        let context = Context {
            ip: client_address(request, &console),
            user_agent: user_agent(request),
            languages: Vec::new(),
            request_id: RequestId::from_request(request).as_str().to_owned(),
            now: console.auth.now(),
            redirect_to: None,
            admin: None,
        };
        Self {
            console,
            ground: Ground::Loopback,
            context,
            session: None,
            form: Form::parse(body),
            query: Form::parse(request.query_string().as_bytes()),
            theme: Theme::parse(&cookies::theme(request).unwrap_or_default()),
            nonce: postern_vault::token::<NONCE_BYTES>(&SystemRandom),
            request: request.clone(),
            upload: RefCell::default(),
        }
    }

    /// Looks up who is signed in.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub(crate) async fn recognise(&mut self) -> Result<(), Failure> {
        if let Some(token) = cookies::session(&self.request, self.ground) {
            let now = self.context.now;
            self.session = self.console.auth.admin_session(&token, now).await?;
            self.context.admin = self.session.as_ref().map(AdminSession::actor);
            self.note_admin();
        }
        Ok(())
    }

    /// What goes on after the request was answered, such as a stream.
    pub(crate) fn follow_up(&self) -> Self {
        Self {
            form: Form::default(),
            query: Form::default(),
            console: Arc::clone(&self.console),
            request: self.request.clone(),
            ground: self.ground,
            context: self.context.clone(),
            session: self.session.clone(),
            theme: self.theme,
            nonce: String::new(),
            upload: RefCell::default(),
        }
    }

    /// Whether the session has not ended meanwhile; one that cannot be asked about has.
    pub(crate) async fn is_still_signed_in(&self) -> bool {
        let Some(token) = cookies::session(&self.request, self.ground) else {
            return false;
        };
        let auth = &self.console.auth;
        matches!(auth.admin_session(&token, auth.now()).await, Ok(Some(_)))
    }

    /// Tells the log of requests who it is.
    fn note_admin(&self) {
        if let Some(session) = &self.session
            && self.console.telemetry.requests().is_on()
        {
            self.request.extensions_mut().insert(Told {
                caller: Caller::Admin(session.admin.email.as_str().into()),
                role: session.admin.role.as_str().into(),
                ..Told::default()
            });
        }
    }

    /// Takes in the file of the form.
    pub(crate) fn bring(&self, upload: Result<Upload, UploadError>) {
        self.upload.replace(Some(upload));
    }

    /// The file of the form, once.
    pub(crate) fn take_upload(&self) -> Option<Result<Upload, UploadError>> {
        self.upload.take()
    }

    /// A segment of the address.
    pub(crate) fn segment(&self, name: &str) -> &str {
        self.request.match_info().get(name).unwrap_or_default()
    }

    /// The id in the address.
    ///
    /// # Errors
    /// When it is none: then there is nothing.
    pub(crate) fn id(&self) -> Result<Uuid, Failure> {
        self.segment("id").parse().map_err(|_| Failure::Missing)
    }

    /// The session that the table of routes has asked for.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub(crate) fn session(&self) -> Result<&AdminSession, Failure> {
        self.session.as_ref().ok_or(Failure::SignIn)
    }

    /// What the form says, or the address where the form has no such field.
    pub(crate) fn given(&self, name: &str) -> &str {
        match self.form.has(name) {
            true => self.form.text(name),
            false => self.query.text(name),
        }
    }

    /// Whether htmx asks for a part of the page.
    pub(crate) fn wants_part(&self) -> bool {
        self.request.headers().contains_key("hx-request")
    }

    /// Where the console is reached by this request.
    ///
    /// # Errors
    /// When there is no host.
    pub(crate) fn origin(&self) -> Result<url::Url, Failure> {
        self.ground.origin(&self.request)
    }

    /// The address of this page.
    pub(crate) fn here(&self) -> String {
        let uri = self.request.uri();
        let path = uri.path_and_query().map_or("", |it| it.as_str());
        place::way_back(path)
    }

    /// The page whose form this request sent: what a form names, else the overview.
    pub(crate) fn page_of_form(&self) -> String {
        match self.form.text("here") {
            "" => Place::Overview.to_string(),
            here => place::way_back(here),
        }
    }
}

/// The address of the connection, or what trusted proxies say that it stands for.
fn client_address(request: &HttpRequest, console: &Console) -> IpAddr {
    let peer = request.peer_addr().map(|it| it.ip());
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    let proxies = &console.auth.settings().limits.trusted_proxies;
    proxies.client(peer, request.headers())
}

fn user_agent(request: &HttpRequest) -> String {
    let header = request.headers().get("user-agent");
    let text = header.and_then(|it| it.to_str().ok()).unwrap_or_default();
    // Only visible ASCII passes `to_str`, so that any byte is a boundary.
    text[..text.len().min(USER_AGENT_BYTES_MAX)].to_owned()
}
