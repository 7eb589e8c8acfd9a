//! One user: who it is, how and where they are signed in, what happened, and what an editor may
//! do about it.

pub(crate) mod borrow;
pub(crate) mod change;
pub(crate) mod metadata;

use actix_web::http::StatusCode;
use askama::Template;
use postern_auth::Impersonation;
use postern_auth::admin::{Helping, Tie, Tied};
use postern_auth::store::{Identity, Session, User};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::audit::Entry;
use super::users::{Standing, name, providers};
use crate::answer::{Answer, html};
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::place::{People, Place};
use crate::visit::Visit;
use change::{BANS, lasting};
use metadata::Edit;

/// How many entries of the audit log are shown.
const ENTRIES_MAX: i64 = 20;

#[derive(Template)]
#[template(path = "user.html")]
struct Page {
    chrome: Chrome,
    id: Uuid,
    user: User,
    providers: String,
    standing: Standing,
    sessions: Vec<Session>,
    identities: Vec<Identity>,
    proofs: Vec<Proof>,
    edits: Vec<Edit>,
    borrowed: Vec<Impersonation>,
    entries: Vec<Entry>,
    bans: Vec<(&'static str, &'static str)>,
    helps: Vec<(&'static str, &'static str)>,
    tied: Vec<Tied>,
    told: Told,
}

/// A second factor or a passkey.
struct Proof {
    id: String,
    what: &'static str,
    name: String,
    is_verified: bool,
    at: Option<OffsetDateTime>,
    remove: People,
}

/// What the page says beyond the user.
#[derive(Default)]
pub(crate) struct Told {
    /// Something that was done just now.
    pub(crate) done: Option<&'static str>,
    /// Why something was not done.
    pub(crate) refusal: Option<String>,
    /// A link, shown this once.
    pub(crate) link: Option<String>,
    /// Metadata that was typed and not accepted.
    pub(crate) typed: Option<metadata::Typed>,
}

/// `GET /console/users/{id}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let done = match visit.query.text("done") {
        "link" => Some(t!("user.link_sent")),
        "made" => Some(t!("user.made")),
        "invited" => Some(t!("user.invited")),
        _ => None,
    };
    let told = Told {
        done,
        ..Told::default()
    };
    telling(visit, StatusCode::OK, told).await
}

/// The page, with something to say.
pub(crate) async fn telling(visit: &Visit, status: StatusCode, told: Told) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let user = auth.get_user(id).await?;
    let entries = auth.audit_of_user(id, ENTRIES_MAX).await?;
    let title = name(&user);
    let chrome =
        Chrome::new(visit, title.as_str(), Spot::Users).below(Place::Users, t!("users.title"));
    let shown = Page {
        id,
        standing: Standing::of(&user, visit.context.now),
        providers: providers(&user),
        sessions: auth.sessions_of_user(id).await?,
        identities: auth.identities_of_user(id).await?,
        proofs: proofs(visit, &user).await?,
        edits: metadata::edits(visit, &user, told.typed.as_ref()),
        borrowed: auth.impersonations_of(id, visit.context.now).await?,
        entries: entries.iter().map(Entry::read).collect(),
        bans: BANS.map(|(value, it)| (value, lasting(it))).to_vec(),
        helps: helps(&user),
        tied: if chrome.may_edit() {
            auth.tied_to_users().await?
        } else {
            Vec::new()
        },
        chrome,
        user,
        told,
    };
    html(status, &shown)
}

/// Second factors and passkeys of a user who was not deleted.
async fn proofs(visit: &Visit, user: &User) -> Result<Vec<Proof>, Failure> {
    if user.deleted_at.is_some() {
        return Ok(Vec::new());
    }
    let auth = &visit.console.auth;
    let factors = auth.list_factors(user.id).await?;
    let passkeys = auth.list_passkeys_of(user.id).await?;
    let factors = factors.iter().map(|it| {
        let what = match it["factor_type"].as_str() {
            Some("totp") => t!("user.totp"),
            Some("phone") => t!("user.phone_factor"),
            Some("webauthn") => t!("user.security_key"),
            _ => t!("user.recovery_codes"),
        };
        proof(it, what, People::UserFactor(user.id))
    });
    let remove = || People::UserPasskey(user.id);
    let passkeys = passkeys
        .iter()
        .map(|it| proof(it, t!("user.passkey"), remove()));
    Ok(factors.chain(passkeys).collect())
}

fn proof(wire: &Value, what: &'static str, remove: People) -> Proof {
    let text = |name: &str| wire[name].as_str().unwrap_or_default();
    Proof {
        id: text("id").to_owned(),
        what,
        name: text("friendly_name").to_owned(),
        is_verified: text("status") != "unverified",
        at: OffsetDateTime::parse(text("created_at"), &Rfc3339).ok(),
        remove,
    }
}

/// The links that are of use for a user.
fn helps(user: &User) -> Vec<(&'static str, &'static str)> {
    let label = |it| match it {
        Helping::Recovery => t!("user.link_recovery"),
        Helping::MagicLink => t!("user.link_magic"),
        Helping::Confirmation => t!("user.link_confirmation"),
    };
    let suiting = Helping::ALL.into_iter().filter(|it| it.suits(user));
    suiting.map(|it| (it.as_str(), label(it))).collect()
}

/// What a deletion means for the rows of a table.
fn tie(tied: &Tied) -> (&'static str, &'static str) {
    match tied.tie {
        Tie::Go => ("warn", t!("user.tie_go")),
        Tie::Stay => ("", t!("user.tie_stay")),
        Tie::Forbid => ("deny", t!("user.tie_forbid")),
    }
}

impl Page {
    fn is_banned(&self) -> bool {
        self.standing == Standing::Banned
    }

    fn is_deleted(&self) -> bool {
        self.standing == Standing::Deleted
    }

    /// Whether the one who looks may change this user.
    fn may_change(&self) -> bool {
        self.chrome.may_edit() && !self.is_deleted()
    }

    /// Who holds a session in the user's place.
    fn holder(&self, session: &Session) -> Option<&Impersonation> {
        self.borrowed.iter().find(|it| it.session == session.id)
    }

    fn facts(&self) -> Vec<(&'static str, Option<OffsetDateTime>)> {
        vec![
            (t!("user.created"), Some(self.user.created_at)),
            (t!("user.confirmed"), self.user.confirmed_at),
            (t!("user.signed_in"), self.user.last_sign_in_at),
        ]
    }
}
