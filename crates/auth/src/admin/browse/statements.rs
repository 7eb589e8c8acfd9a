//! The statements behind the list of users: one for each group and order, so that Postgres reads
//! the first page along an index instead of sorting everybody.

use postern_db::own;
use postern_db::own::Own;

use super::{Direction, Group, Order};

/// A page in an order: `$1` is the time, `$2` the limit, `$3` the offset. The ids are found first,
/// which an index alone can do for pages far behind.
macro_rules! page_by {
    ($which:expr, $order:literal, $way:literal, $id_way:literal) => {{
        const STATEMENT: Own = Own::checked(concat!(
            "select * from auth.users where id = any(array(select id from auth.users \
             where deleted_at is null and $1::timestamptz is not null and ",
            $which,
            " order by ",
            $order,
            " ",
            $way,
            ", id ",
            $id_way,
            " limit $2 offset $3)) order by ",
            $order,
            " ",
            $way,
            ", id ",
            $id_way
        ));
        STATEMENT
    }};
}

/// The orders; where never signing in is not the greatest.
macro_rules! ordered {
    ($which:expr, $by:expr) => {
        match $by {
            (Order::Created, Direction::Rising) => page_by!($which, "created_at", "asc", "asc"),
            (Order::SignedIn, Direction::Rising) => {
                page_by!($which, "last_sign_in_at", "asc nulls first", "asc")
            }
            (Order::Email, Direction::Rising) => page_by!($which, "email", "asc", "asc"),
            (Order::Created, Direction::Falling) => page_by!($which, "created_at", "desc", "desc"),
            (Order::SignedIn, Direction::Falling) => {
                page_by!($which, "last_sign_in_at", "desc nulls last", "desc")
            }
            (Order::Email, Direction::Falling) => page_by!($which, "email", "desc", "desc"),
        }
    };
}

/// The same for whom a search finds: `$4` is the pattern of addresses, `$5` that of numbers.
macro_rules! ordered_found {
    ($which:literal, $by:expr) => {
        ordered!(
            concat!($which, " and (email like $4 or phone like $5)"),
            $by
        )
    };
}

/// How many are in a group, counted up to `$2`; `$1` is the time.
macro_rules! count_of {
    ($group:literal) => {{
        const STATEMENT: Own = Own::checked(concat!(
            "select count(*) as total from (select 1 from auth.users \
             where deleted_at is null and $1::timestamptz is not null and ",
            $group,
            " limit $2) counted"
        ));
        STATEMENT
    }};
}

/// Calls a macro with the condition of a group.
macro_rules! with_group {
    ($group:expr, $statement:ident $(, $more:expr)?) => {
        match $group {
            Group::All => $statement!("true" $(, $more)?),
            Group::Confirmed => $statement!(
                "confirmed_at is not null and (banned_until is null or banned_until <= $1)"
                $(, $more)?
            ),
            Group::Unconfirmed => $statement!(
                "confirmed_at is null and not is_anonymous" $(, $more)?
            ),
            Group::Banned => $statement!("banned_until > $1" $(, $more)?),
            Group::Anonymous => $statement!("is_anonymous" $(, $more)?),
        }
    };
}

/// A page of a group.
pub(super) fn page(group: Group, by: (Order, Direction)) -> Own {
    with_group!(group, ordered, by)
}

/// A page of those in a group whom a search finds, where it finds many.
pub(super) fn page_of_many(group: Group, by: (Order, Direction)) -> Own {
    with_group!(group, ordered_found, by)
}

/// How many are in a group, up to a bound.
pub(super) fn count(group: Group) -> Own {
    with_group!(group, count_of)
}

/// Whose address holds a text, or number, or whose id it is. Addresses are read in the order of
/// their index, which is a quarter of the table.
pub(super) const INSIDE: Own = own!(
    "select id from ((select id from (select id, email from auth.users \
     where deleted_at is null order by email, id offset 0) e where email like $1 limit $4) union \
     (select id from auth.users where $2::text is not null and deleted_at is null \
     and phone is not null and phone like $2 limit $4) union \
     (select id from auth.users where deleted_at is null and id = $3)) found limit $4"
);

/// Whose address or number begins so, or whose id it is. The bounds are what an index is read
/// between; a pattern that comes as a parameter would not be.
pub(super) const BEGINNING: Own = own!(
    "select id from ((select id from auth.users where deleted_at is null \
     and email ~>=~ $1 and email ~<~ $2 limit $6) union (select id from auth.users \
     where deleted_at is null and phone ~>=~ $3 and phone ~<~ $4 limit $6) union \
     (select id from auth.users where deleted_at is null and id = $5)) found limit $6"
);

/// A page among few: they are put in order as they come.
macro_rules! among {
    ($way:literal, $nulls:literal) => {
        Own::checked(concat!(
            "select u.*, p.total from (select id, created_at, last_sign_in_at, email, \
             count(*) over () as total from auth.users where id = any($1) \
             and case $2 when 'banned' then banned_until > $3 \
             when 'anonymous' then is_anonymous \
             when 'confirmed' then confirmed_at is not null \
             and (banned_until is null or banned_until <= $3) \
             when 'unconfirmed' then confirmed_at is null and not is_anonymous \
             else true end) p join auth.users u on u.id = p.id \
             order by case $4 when 'created' then p.created_at \
             when 'signed-in' then p.last_sign_in_at end ",
            $way,
            " nulls ",
            $nulls,
            ", case $4 when 'email' then p.email end ",
            $way,
            ", p.id ",
            $way,
            " limit $5 offset $6"
        ))
    };
}

/// A page among few, the greatest first.
pub(super) const AMONG_FALLING: Own = among!("desc", "last");
/// A page among few, the least first.
pub(super) const AMONG_RISING: Own = among!("asc", "first");
