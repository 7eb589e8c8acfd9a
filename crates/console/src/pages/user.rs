//! One user: who it is, where they are signed in, what happened, and what an editor may do.

use askama::Template;
use postern_auth::Error;
use postern_auth::admin::{Ban, UserWish};
use postern_auth::store::{Session, User};
use time::OffsetDateTime;

use super::audit::Entry;
use super::users::{Standing, name, providers};
use crate::answer::{Answer, page, see};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// How many entries of the audit log are shown.
const ENTRIES_MAX: i64 = 20;
/// Bans to choose from, as durations that the service reads.
const BANS: [(&str, Lasting); 4] = [
    ("24h", Lasting::Day),
    ("168h", Lasting::Week),
    ("720h", Lasting::Month),
    ("876000h", Lasting::Ever),
];

#[derive(Clone, Copy)]
enum Lasting {
    Day,
    Week,
    Month,
    Ever,
}

#[derive(Template)]
#[template(path = "user.html")]
struct Page {
    chrome: Chrome,
    user: User,
    providers: String,
    metadata: Vec<(&'static str, String)>,
    standing: Standing,
    sessions: Vec<Session>,
    entries: Vec<Entry>,
    bans: Vec<(&'static str, &'static str)>,
    ban: Place,
    unban: Place,
    end: Place,
}

/// `GET /console/users/{id}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    let user = auth.get_user(id).await?;
    let entries = auth.audit_of_user(id, ENTRIES_MAX).await?;
    let name = name(&user);
    let sessions = auth.sessions_of_user(id).await?;
    page(&Page {
        chrome: Chrome::new(visit, name.as_str(), Spot::Users)
            .below(Place::Users, t!("users.title")),
        standing: Standing::of(&user, visit.context.now),
        providers: providers(&user),
        metadata: metadata(&user),
        sessions,
        entries: entries.iter().map(Entry::read).collect(),
        bans: BANS.map(|(value, it)| (value, lasting(it))).to_vec(),
        ban: Place::UserBan(id),
        unban: Place::UserUnban(id),
        end: Place::UserSessions(id),
        user,
    })
}

/// `POST /console/users/{id}/ban`
pub(crate) async fn ban(visit: &Visit) -> Answer {
    // Only what the page offers: an empty duration would lift a ban.
    let wish = visit.form.text("for");
    let offered = BANS.iter().find(|(value, _)| *value == wish);
    let (value, _) = offered.ok_or_else(|| Error::invalid(t!("user.no_ban")))?;
    set_ban(visit, Ban::parse(value)?).await
}

/// `POST /console/users/{id}/unban`
pub(crate) async fn unban(visit: &Visit) -> Answer {
    set_ban(visit, Ban::Lifted).await
}

/// `POST /console/users/{id}/sessions/end`
pub(crate) async fn end_sessions(visit: &Visit) -> Answer {
    let id = visit.id()?;
    let auth = &visit.console.auth;
    auth.end_sessions_of_user(id, &visit.context).await?;
    see(&Place::User(id))
}

async fn set_ban(visit: &Visit, ban: Ban) -> Answer {
    let id = visit.id()?;
    let wish = UserWish {
        ban: Some(ban),
        ..UserWish::default()
    };
    let auth = &visit.console.auth;
    auth.update_user(id, wish, &visit.context).await?;
    see(&Place::User(id))
}

fn lasting(it: Lasting) -> &'static str {
    match it {
        Lasting::Day => t!("user.ban_day"),
        Lasting::Week => t!("user.ban_week"),
        Lasting::Month => t!("user.ban_month"),
        Lasting::Ever => t!("user.ban_ever"),
    }
}

/// What the project and the user say, as JSON that is easy to read; nothing where there is none.
fn metadata(user: &User) -> Vec<(&'static str, String)> {
    let both = [
        (t!("user.app_metadata"), &user.app_metadata),
        (t!("user.user_metadata"), &user.user_metadata),
    ];
    let filled = both.into_iter().filter(|(_, map)| !map.is_empty());
    filled
        .map(|(label, map)| (label, serde_json::to_string_pretty(map).unwrap_or_default()))
        .collect()
}

impl Page {
    fn is_banned(&self) -> bool {
        self.standing == Standing::Banned
    }

    fn is_deleted(&self) -> bool {
        self.standing == Standing::Deleted
    }

    fn facts(&self) -> Vec<(&'static str, Option<OffsetDateTime>)> {
        vec![
            (t!("user.created"), Some(self.user.created_at)),
            (t!("user.confirmed"), self.user.confirmed_at),
            (t!("user.signed_in"), self.user.last_sign_in_at),
        ]
    }
}
