//! Looking through the users: a part of an address, a group, an order, a page.

use postern_db::own::Own;

use super::{Page, PageWish};
use crate::store::User;
use crate::{AuthService, Context, Result};

/// Which users are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Group {
    /// All that were not deleted.
    #[default]
    All,
    /// Those who may come in and have proved an address or number.
    Confirmed,
    /// Those who have proved nothing yet.
    Unconfirmed,
    /// Those who are kept out.
    Banned,
    /// Visitors who have not said who they are.
    Anonymous,
}

/// What users are put in order by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// When they were made.
    #[default]
    Created,
    /// When they signed in last; never comes last.
    SignedIn,
    /// Their address; none comes last.
    Email,
}

/// Which way round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// The greatest first: the newest, the last sign-in.
    #[default]
    Falling,
    /// The least first.
    Rising,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Confirmed,
        Self::Unconfirmed,
        Self::Banned,
        Self::Anonymous,
    ];

    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
            Self::Banned => "banned",
            Self::Anonymous => "anonymous",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Order {
    /// As addresses spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::SignedIn => "signed-in",
            Self::Email => "email",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Created, Self::SignedIn, Self::Email];
        all.into_iter().find(|it| it.as_str() == text)
    }
}

/// What somebody looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browse {
    /// A part of an address or number, or an id; empty is everybody.
    pub search: String,
    /// Which users.
    pub group: Group,
    /// In which order.
    pub order: Order,
    /// Which way round.
    pub direction: Direction,
    /// Which page.
    pub page: PageWish,
}

/// Who is meant: `$1` is the search, `$2` the group, `$3` the time.
macro_rules! matching {
    () => {
        "from auth.users where deleted_at is null and ($1 = '' \
         or strpos(lower(email), lower($1)) > 0 or strpos(phone, $1) > 0 or id::text = $1) \
         and case $2 when 'banned' then banned_until > $3 \
         when 'anonymous' then is_anonymous \
         when 'confirmed' then confirmed_at is not null \
         and (banned_until is null or banned_until <= $3) \
         when 'unconfirmed' then confirmed_at is null and not is_anonymous \
         else true end"
    };
}

/// A page in an order that the compiler knows, so that Postgres can use the index behind it.
macro_rules! page_by {
    ($order:literal) => {{
        const STATEMENT: Own = Own::checked(concat!(
            "select * ",
            matching!(),
            " order by ",
            $order,
            ", id limit $4 offset $5"
        ));
        STATEMENT
    }};
}

const COUNT: Own = Own::checked(concat!("select count(*) as total ", matching!()));

impl AuthService {
    /// A page of users.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn browse_users(&self, browse: &Browse, context: &Context) -> Result<Page<User>> {
        let statement = match (browse.order, browse.direction) {
            (Order::Created, Direction::Falling) => page_by!("created_at desc nulls last"),
            (Order::Created, Direction::Rising) => page_by!("created_at asc nulls last"),
            (Order::SignedIn, Direction::Falling) => page_by!("last_sign_in_at desc nulls last"),
            (Order::SignedIn, Direction::Rising) => page_by!("last_sign_in_at asc nulls last"),
            (Order::Email, Direction::Falling) => page_by!("email desc nulls last"),
            (Order::Email, Direction::Rising) => page_by!("email asc nulls last"),
        };
        let (search, group) = (browse.search.trim(), browse.group.as_str());
        let (limit, offset) = (browse.page.per_page(), browse.page.offset());
        let rows = self
            .db
            .query(statement, &[&search, &group, &context.now, &limit, &offset])
            .await?;
        let total = self
            .db
            .query_opt(COUNT, &[&search, &group, &context.now])
            .await?;
        Ok(Page {
            items: rows.iter().map(User::from_row).collect(),
            total: total.map_or(0, |row| row.get("total")),
            wish: browse.page,
        })
    }
}
