//! The users: searched, grouped and put in order by the address alone, so that what somebody
//! sees can be sent to somebody else.

use askama::Template;
use postern_auth::admin::{Browse, Direction, Found, Group, Order, PageWish, Reach};
use postern_auth::store::User;
use time::OffsetDateTime;

use super::pager::{Pager, Part};
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::form::address;
use crate::place::Place;
use crate::visit::Visit;

/// Longest search, in characters.
const SEARCH_CHARS_MAX: usize = 200;

#[derive(Template)]
#[template(path = "users.html")]
struct Page {
    chrome: Chrome,
    search: String,
    groups: Vec<Choice>,
    /// What the search must not lose.
    kept: Vec<(&'static str, &'static str)>,
    action: Place,
    rows: Rows,
}

/// A group to choose.
struct Choice {
    label: &'static str,
    address: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "users_rows.html")]
struct Rows {
    users: Vec<Line>,
    columns: Vec<Column>,
    is_narrowed: bool,
    /// What the search looked at, where it was not everything.
    reach: Reach,
    everybody: Place,
    pager: Pager,
}

/// A user of the list.
struct Line {
    place: Place,
    name: String,
    providers: String,
    standing: Standing,
    created_at: OffsetDateTime,
    last_sign_in_at: Option<OffsetDateTime>,
}

/// A column that the list can be put in order by.
struct Column {
    label: &'static str,
    address: String,
    /// What it is called for assistive tools, and its arrow, where the list is in its order.
    sorted: Option<(&'static str, &'static str)>,
    is_extra: bool,
}

/// Whether a user may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Unconfirmed,
    Anonymous,
    Banned,
    Deleted,
}

impl Standing {
    /// Of a user at a time.
    pub(crate) fn of(user: &User, now: OffsetDateTime) -> Self {
        if user.deleted_at.is_some() {
            Self::Deleted
        } else if user.banned_until.is_some_and(|it| it > now) {
            Self::Banned
        } else if user.is_anonymous {
            Self::Anonymous
        } else if user.confirmed_at.is_none() {
            Self::Unconfirmed
        } else {
            Self::Active
        }
    }

    /// Icon, tint and word.
    pub(crate) fn mark(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Active => ("allow", "allow", t!("users.active")),
            Self::Unconfirmed => ("warn", "warn", t!("users.unconfirmed")),
            Self::Anonymous => ("person", "", t!("users.anonymous")),
            Self::Banned => ("deny", "deny", t!("users.banned")),
            Self::Deleted => ("close", "", t!("users.deleted")),
        }
    }
}

/// `GET /console/users`
pub(crate) async fn list(visit: &Visit) -> Answer {
    let browse = browse(visit)?;
    let auth = &visit.console.auth;
    let found = auth.browse_users(&browse, &visit.context).await?;
    let rows = rows(&browse, &found, visit.context.now);
    if visit.wants_part() {
        return page(&rows);
    }
    let mut kept = Vec::new();
    if browse.group != Group::All {
        kept.push(("group", browse.group.as_str()));
    }
    if browse.order != Order::Created {
        kept.push(("order", browse.order.as_str()));
    }
    if browse.direction == Direction::Rising {
        kept.push(("way", "up"));
    }
    page(&Page {
        chrome: Chrome::new(visit, t!("users.title"), Spot::Users),
        groups: groups(&browse),
        search: browse.search,
        kept,
        action: Place::Users,
        rows,
    })
}

/// What the address asks for; what it spells wrongly is as if it were not there, so that no saved
/// address leads to an error.
fn browse(visit: &Visit) -> Result<Browse, postern_auth::Error> {
    let query = &visit.query;
    let page = PageWish::parse(Some(query.text("page")), None);
    Ok(Browse {
        search: query
            .text("q")
            .trim()
            .chars()
            .take(SEARCH_CHARS_MAX)
            .collect(),
        group: Group::parse(query.text("group")).unwrap_or_default(),
        order: Order::parse(query.text("order")).unwrap_or_default(),
        direction: match query.text("way") {
            "up" => Direction::Rising,
            _ => Direction::Falling,
        },
        page: page.or_else(|_| PageWish::parse(None, None))?,
    })
}

/// The address of the list with one thing changed.
fn list_address(search: &str, group: Group, order: Order, direction: Direction) -> String {
    address(
        &Place::Users.to_string(),
        &parameters(search, group, order, direction),
    )
}

fn parameters(
    search: &str,
    group: Group,
    order: Order,
    direction: Direction,
) -> [(&'static str, &str); 4] {
    let unless_usual = |is_usual: bool, text: &'static str| if is_usual { "" } else { text };
    [
        ("q", search),
        ("group", unless_usual(group == Group::All, group.as_str())),
        (
            "order",
            unless_usual(order == Order::Created, order.as_str()),
        ),
        ("way", unless_usual(direction == Direction::Falling, "up")),
    ]
}

fn groups(browse: &Browse) -> Vec<Choice> {
    let label = |group| match group {
        Group::All => t!("users.group_all"),
        Group::Confirmed => t!("users.active"),
        Group::Unconfirmed => t!("users.unconfirmed"),
        Group::Banned => t!("users.banned"),
        Group::Anonymous => t!("users.anonymous"),
    };
    let choice = |group| Choice {
        label: label(group),
        address: list_address(&browse.search, group, browse.order, browse.direction),
        is_current: group == browse.group,
    };
    Group::ALL.into_iter().map(choice).collect()
}

fn rows(browse: &Browse, found: &Found, now: OffsetDateTime) -> Rows {
    let Browse {
        search,
        group,
        order,
        direction,
        ..
    } = browse;
    let path = Place::Users.to_string();
    let part = Part {
        wish: browse.page,
        shown: i64::try_from(found.users.len()).unwrap_or(i64::MAX),
        counted: found.counted,
        has_more: found.has_more,
    };
    Rows {
        users: found.users.iter().map(|it| line(it, now)).collect(),
        columns: columns(browse),
        is_narrowed: !search.is_empty() || *group != Group::All,
        reach: found.reach,
        everybody: Place::Users,
        pager: Pager::of_part(
            &part,
            &path,
            &parameters(search, *group, *order, *direction),
            "#rows",
        ),
    }
}

fn columns(browse: &Browse) -> Vec<Column> {
    let column = |label, order, first, is_extra| {
        let is_sorted = browse.order == order;
        let direction = match (is_sorted, browse.direction) {
            (false, _) => first,
            (true, Direction::Falling) => Direction::Rising,
            (true, Direction::Rising) => Direction::Falling,
        };
        Column {
            label,
            address: list_address(&browse.search, browse.group, order, direction),
            sorted: is_sorted.then_some(match browse.direction {
                Direction::Falling => ("descending", "down"),
                Direction::Rising => ("ascending", "up"),
            }),
            is_extra,
        }
    };
    vec![
        column(t!("users.user"), Order::Email, Direction::Rising, false),
        column(
            t!("users.created"),
            Order::Created,
            Direction::Falling,
            true,
        ),
        column(
            t!("users.signed_in"),
            Order::SignedIn,
            Direction::Falling,
            false,
        ),
    ]
}

fn line(user: &User, now: OffsetDateTime) -> Line {
    Line {
        place: Place::User(user.id),
        name: name(user),
        providers: providers(user),
        standing: Standing::of(user, now),
        created_at: user.created_at,
        last_sign_in_at: user.last_sign_in_at,
    }
}

/// What a user is called: the address, else the number, else the id.
pub(crate) fn name(user: &User) -> String {
    let phone = || user.phone.as_ref().map(|it| format!("+{it}"));
    let name = user.email.clone().or_else(phone);
    name.unwrap_or_else(|| user.id.to_string())
}

/// How a user signs in.
pub(crate) fn providers(user: &User) -> String {
    let list = user
        .app_metadata
        .get("providers")
        .and_then(|it| it.as_array());
    let names = list.into_iter().flatten().filter_map(|it| it.as_str());
    names.collect::<Vec<_>>().join(", ")
}
