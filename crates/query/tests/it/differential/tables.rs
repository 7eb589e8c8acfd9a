//! The tables that requests may name: their columns, and how they hang together.

use Fill::{Always, Default, Sent, Stored};
use Ty::{Bool, Int, Jsonb, Label, Mood, Place, Price, Span, Tags, Text, Uuid};

/// A table or view of every shape.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// How many of the first columns are the primary key.
    pub(crate) keys: usize,
    pub(crate) is_view: bool,
    pub(crate) columns: &'static [Column],
    /// What can be embedded.
    pub(crate) far: &'static [Far],
    /// How likely a request names it.
    pub(crate) weight: u32,
}

/// A column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) ty: Ty,
    pub(crate) fill: Fill,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Int,
    Uuid,
    Bool,
    Text,
    Jsonb,
    /// An enum.
    Mood,
    /// A domain.
    Price,
    /// An array.
    Tags,
    /// A range.
    Span,
    /// A composite type.
    Place,
    /// `citext`, where it is installed.
    Label,
}

/// Where a column's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// The client, or NULL.
    Sent,
    /// The client, or a default.
    Default,
    /// A generated column.
    Stored,
    /// An identity that clients may not set.
    Always,
}

/// A relationship to another table.
#[derive(Debug)]
pub(crate) struct Far {
    pub(crate) table: &'static str,
    pub(crate) to_one: bool,
}

const fn column(name: &'static str, ty: Ty, fill: Fill) -> Column {
    Column { name, ty, fill }
}

const fn one(table: &'static str) -> Far {
    Far {
        table,
        to_one: true,
    }
}

const fn many(table: &'static str) -> Far {
    Far {
        table,
        to_one: false,
    }
}

const fn table(
    name: &'static str,
    (keys, weight): (usize, u32),
    columns: &'static [Column],
    far: &'static [Far],
) -> Table {
    Table {
        name,
        keys,
        is_view: false,
        columns,
        far,
        weight,
    }
}

/// In an order in which a table's policies may look at the ones before it.
pub(crate) const TABLES: [Table; 10] = [
    table("groups", (1, 2), GROUPS, &[many("items")]),
    table(
        "items",
        (1, 7),
        ITEMS,
        &[
            one("groups"),
            many("notes"),
            many("tags"),
            many("item_tags"),
            many("kinds"),
            many("events"),
            many("logs"),
            many("tickets"),
        ],
    ),
    table("notes", (1, 3), NOTES, &[one("items")]),
    table("tags", (1, 2), TAGS, &[many("items"), many("item_tags")]),
    table("item_tags", (2, 2), ITEM_TAGS, &[one("items"), one("tags")]),
    table("kinds", (1, 4), KINDS, &[one("items")]),
    table("logs", (1, 2), LOGS, &[one("items")]),
    table("events", (2, 3), EVENTS, &[one("items")]),
    table("tickets", (1, 4), TICKETS, &[one("items")]),
    Table {
        name: "board",
        keys: 1,
        is_view: true,
        columns: BOARD,
        far: &[],
        weight: 1,
    },
];

const GROUPS: &[Column] = &[
    column("id", Int, Sent),
    column("name", Text, Sent),
    column("open", Bool, Sent),
];
const ITEMS: &[Column] = &[
    column("id", Int, Sent),
    column("owner", Uuid, Default),
    column("grp", Int, Sent),
    column("title", Text, Sent),
    column("code", Int, Sent),
    column("n", Int, Default),
    column("flag", Bool, Default),
    column("data", Jsonb, Sent),
    column("twice", Int, Stored),
];
const NOTES: &[Column] = &[
    column("id", Int, Sent),
    column("item", Int, Sent),
    column("owner", Uuid, Sent),
    column("body", Text, Sent),
    column("secret", Bool, Default),
];
const TAGS: &[Column] = &[
    column("id", Int, Sent),
    column("name", Text, Sent),
    column("flag", Bool, Sent),
];
const ITEM_TAGS: &[Column] = &[
    column("item", Int, Sent),
    column("tag", Int, Sent),
    column("owner", Uuid, Sent),
];
const KINDS: &[Column] = &[
    column("id", Int, Sent),
    column("owner", Uuid, Sent),
    column("item", Int, Sent),
    column("mood", Mood, Default),
    column("price", Price, Default),
    column("tags", Tags, Sent),
    column("span", Span, Sent),
    column("place", Place, Sent),
    column("label", Label, Sent),
    column("rate", Int, Default),
];
const LOGS: &[Column] = &[
    column("id", Int, Always),
    column("owner", Uuid, Default),
    column("item", Int, Sent),
    column("body", Text, Default),
    column("seq", Int, Default),
    column("actor", Text, Default),
];
const EVENTS: &[Column] = &[
    column("id", Int, Sent),
    column("day", Int, Default),
    column("owner", Uuid, Sent),
    column("item", Int, Sent),
    column("body", Text, Default),
];
const TICKETS: &[Column] = &[
    column("id", Int, Sent),
    column("owner", Uuid, Sent),
    column("item", Int, Sent),
    column("n", Int, Default),
    column("note", Text, Sent),
    column("stamp", Text, Default),
];
const BOARD: &[Column] = &[
    column("id", Int, Sent),
    column("title", Text, Sent),
    column("n", Int, Sent),
    column("flag", Bool, Sent),
];

/// The table of this name.
pub(crate) fn table_of(name: &str) -> &'static Table {
    let found = TABLES.iter().find(|it| it.name == name);
    found.expect("INVARIANT: only tables of the list are named")
}

impl Table {
    /// Whether clients may give the column a value at all.
    pub(crate) fn is_sendable(column: &Column) -> bool {
        matches!(column.fill, Sent | Default)
    }
}
