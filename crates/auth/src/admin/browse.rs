//! Looking through the users: a part of an address, a group, an order, a page.

mod count;
mod statements;

use postern_db::own;
use postern_db::own::Row;
use uuid::Uuid;

pub use count::Counted;

use super::PageWish;
use crate::store::User;
use crate::{AuthService, Context, Result};

/// From how many users on a search looks at the beginnings of addresses and numbers alone, which
/// an index knows; below, it looks inside of them, which takes a look at every user.
const INSIDE_MAX: i64 = 250_000;
/// From how many users on those whom a search finds are many: they lie so close that a page of
/// them is read along an index, and nobody counts them.
const MANY: i64 = 1_000;

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
    /// When they signed in last; never is before any time.
    SignedIn,
    /// Their address; none is behind all.
    Email,
}

/// Which way round; one is the other read backwards.
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

/// What a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole address or number.
    Inside,
    /// How it begins: there are too many users for more.
    Beginning,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The users of this page.
    pub users: Vec<User>,
    /// How many there are on all pages.
    pub counted: Counted,
    /// Whether there is a page behind this one.
    pub has_more: bool,
    /// What a search would look at.
    pub reach: Reach,
}

impl AuthService {
    /// A page of users.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn browse_users(&self, browse: &Browse, context: &Context) -> Result<Found> {
        let estimate = self.estimate_of_users().await?;
        let reach = if estimate > INSIDE_MAX {
            Reach::Beginning
        } else {
            Reach::Inside
        };
        // One more than fits, which tells whether there is another page.
        let limit = browse.page.per_page() + 1;
        let (rows, counted) = match browse.search.trim() {
            "" => {
                self.page_of_group(browse, (limit, estimate), context)
                    .await?
            }
            search => {
                self.page_of_search(browse, (search, reach, limit), context)
                    .await?
            }
        };
        // Nobody knows how many there are behind the page, only whether there are any.
        let has_more = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
        let shown = usize::try_from(browse.page.per_page()).unwrap_or(usize::MAX);
        Ok(Found {
            users: rows.iter().take(shown).map(User::from_row).collect(),
            counted,
            has_more,
            reach,
        })
    }

    /// A page of everybody in a group, read along an index.
    async fn page_of_group(
        &self,
        browse: &Browse,
        (limit, estimate): (i64, i64),
        context: &Context,
    ) -> Result<(Vec<Row>, Counted)> {
        let statement = statements::page(browse.group, (browse.order, browse.direction));
        let offset = browse.page.offset();
        let rows = self
            .db
            .query(statement, &[&context.now, &limit, &offset])
            .await?;
        let counted = self.count_group(browse.group, estimate, context).await?;
        Ok((rows, counted))
    }

    /// A page of those whom a search finds.
    async fn page_of_search(
        &self,
        browse: &Browse,
        (search, reach, limit): (&str, Reach, i64),
        context: &Context,
    ) -> Result<(Vec<Row>, Counted)> {
        let Sought { email, phone, id } = Sought::read(search);
        let found = match reach {
            Reach::Inside => {
                let (email, phone) = (email.as_deref().map(inside), phone.as_deref().map(inside));
                self.db
                    .query(statements::INSIDE, &[&email, &phone, &id, &MANY])
                    .await?
            }
            Reach::Beginning => {
                let ends = (email.as_deref().map(end_of), phone.as_deref().map(end_of));
                let bounds: [own::Value<'_>; 6] = [&email, &ends.0, &phone, &ends.1, &id, &MANY];
                self.db.query(statements::BEGINNING, &bounds).await?
            }
        };
        let found: Vec<Uuid> = found.iter().map(|row| row.get("id")).collect();
        let offset = browse.page.offset();
        if i64::try_from(found.len()).unwrap_or(i64::MAX) >= MANY {
            let pattern = match reach {
                Reach::Inside => inside,
                Reach::Beginning => beginning,
            };
            let patterns = (email.as_deref().map(pattern), phone.as_deref().map(pattern));
            let statement =
                statements::page_of_many(browse.group, (browse.order, browse.direction));
            let wish: [own::Value<'_>; 5] =
                [&context.now, &limit, &offset, &patterns.0, &patterns.1];
            let rows = self.db.query(statement, &wish).await?;
            return Ok((rows, Counted::Unknown));
        }
        let (group, order) = (browse.group.as_str(), browse.order.as_str());
        let statement = match browse.direction {
            Direction::Falling => statements::AMONG_FALLING,
            Direction::Rising => statements::AMONG_RISING,
        };
        let wish: [own::Value<'_>; 6] = [&found, &group, &context.now, &order, &limit, &offset];
        let rows = self.db.query(statement, &wish).await?;
        let total = rows.first().map_or(0, |row| row.get("total"));
        Ok((rows, Counted::Exactly(total)))
    }
}

/// What a search is looked up as; what it cannot be stays empty.
struct Sought {
    email: Option<String>,
    phone: Option<String>,
    id: Option<Uuid>,
}

impl Sought {
    /// Addresses are kept in small letters, and numbers without a plus sign.
    fn read(search: &str) -> Self {
        let id: Option<Uuid> = search.parse().ok();
        let digits = search.strip_prefix('+').unwrap_or(search);
        let is_number = digits.bytes().all(|it| it.is_ascii_digit()) && !digits.is_empty();
        Self {
            email: id.is_none().then(|| search.to_lowercase()),
            phone: is_number.then(|| digits.to_owned()),
            id,
        }
    }
}

/// The pattern of a text that stands anywhere.
fn inside(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The pattern of how a text begins.
fn beginning(text: &str) -> String {
    inside(text).split_off(1)
}

/// What comes behind every text that begins so, byte by byte.
fn end_of(text: &str) -> String {
    format!("{text}{}", char::MAX)
}

#[cfg(test)]
mod tests {
    use super::{end_of, inside};

    #[test]
    fn a_search_is_no_pattern() {
        assert_eq!(inside("a_b%c\\d"), "%a\\_b\\%c\\\\d%");
    }

    #[test]
    fn whatever_begins_so_lies_before_its_end() {
        for text in ["ann", "ann@mail.example", "annz\u{10fffe}"] {
            assert!(text.as_bytes() < end_of("ann").as_bytes());
        }
        assert!("ano".as_bytes() > end_of("ann").as_bytes());
    }
}
