//! Every address of the console as a value, so that no template spells one.

pub(crate) mod operate;
mod people;
mod sql;

use std::fmt;

use postern_base::RelationName;
use uuid::Uuid;

use self::operate::Operate;
pub(crate) use people::People;

use crate::form::{address, segment};
pub(crate) use sql::{SqlPlace, UNKEPT};

/// An address of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Login,
    Logout,
    Setup(String),
    Start,
    Reauth(String),
    Theme,
    Users,
    User(Uuid),
    UserBan(Uuid),
    UserUnban(Uuid),
    UserSessions(Uuid),
    Audit,
    Policies,
    PolicyUsers,
    PolicyWhy,
    /// A policy file, and what of it: nothing, or such as `/review`.
    Policy(String, &'static str),
    Keys,
    KeysRotate,
    Admins,
    AdminRole,
    AdminBan,
    AdminUnban,
    Operate(Operate),
    People(People),
    Sql(SqlPlace),
    Palette,
    Keyboard,
    Tables,
    NewTable,
    /// The map of a schema.
    Map,
    /// A page of one table: what stands behind its name.
    Table(RelationName, TablePage),
}

/// A page of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TablePage {
    /// The rows.
    Rows,
    /// One row, by its key.
    Row(String),
    /// What deletes it.
    RowDelete(String),
    /// A new row.
    Insert,
    /// Where changed cells go.
    Edit,
    /// Where several rows are deleted.
    BulkDelete,
    /// Where one column of several rows is set.
    BulkSet,
    /// A tab beside the rows, by the last part of its address.
    Tab(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overview => out.write_str("/console"),
            Self::Login => out.write_str("/console/login"),
            Self::Logout => out.write_str("/console/logout"),
            Self::Setup(token) => write!(out, "/console/setup/{token}"),
            Self::Start => out.write_str("/console/start"),
            Self::Reauth(next) => out.write_str(&address("/console/reauth", &[("next", next)])),
            Self::Theme => out.write_str("/console/theme"),
            Self::Users => out.write_str("/console/users"),
            Self::User(id) => write!(out, "/console/users/{id}"),
            Self::UserBan(id) => write!(out, "/console/users/{id}/ban"),
            Self::UserUnban(id) => write!(out, "/console/users/{id}/unban"),
            Self::UserSessions(id) => write!(out, "/console/users/{id}/sessions/end"),
            Self::Audit => out.write_str("/console/audit"),
            Self::Policies => out.write_str("/console/policies"),
            Self::PolicyWhy => out.write_str("/console/policies/why"),
            Self::PolicyUsers => out.write_str("/console/policies/users"),
            Self::Policy(file, part) => {
                write!(out, "/console/policies/{}{part}", segment(file))
            }
            Self::Keys => out.write_str("/console/keys"),
            Self::KeysRotate => out.write_str("/console/keys/rotate"),
            Self::Admins => out.write_str("/console/settings/admins"),
            Self::AdminRole => out.write_str("/console/settings/admins/role"),
            Self::AdminBan => out.write_str("/console/settings/admins/ban"),
            Self::Palette => out.write_str("/console/palette"),
            Self::Keyboard => out.write_str("/console/keyboard"),
            Self::Sql(place) => write!(out, "{place}"),
            Self::AdminUnban => out.write_str("/console/settings/admins/unban"),
            Self::People(place) => place.fmt(out),
            Self::Operate(place) => place.fmt(out),
            Self::Tables => out.write_str("/console/tables"),
            Self::Map => out.write_str("/console/schema"),
            Self::NewTable => out.write_str("/console/tables/new"),
            Self::Table(name, page) => {
                let (schema, table) = (segment(&name.schema), segment(&name.name));
                write!(out, "/console/tables/{schema}.{table}{page}")
            }
        }
    }
}

impl fmt::Display for TablePage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows => Ok(()),
            Self::Row(key) => write!(out, "/rows/{}", segment(key)),
            Self::RowDelete(key) => write!(out, "/rows/{}/delete", segment(key)),
            Self::Edit => out.write_str("/edit"),
            Self::BulkDelete => out.write_str("/bulk/delete"),
            Self::BulkSet => out.write_str("/bulk/set"),
            Self::Insert => out.write_str("/insert"),
            Self::Tab(name) => write!(out, "/{name}"),
        }
    }
}

/// Where to go on after signing in or choosing a theme: an address of the console that was sent
/// along, or the overview.
///
/// SECURITY: what a form says is a path below `/console` of plain characters and nothing that a
/// browser could take for another host (attack 32).
pub(crate) fn way_back(wish: &str) -> String {
    let (path, _) = wish.split_once('?').unwrap_or((wish, ""));
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "/-_.~".contains(it);
    let is_ours = path == "/console" || path.starts_with("/console/");
    let is_visible = wish
        .bytes()
        .all(|it| (0x21..0x7f).contains(&it) && it != b'\\');
    let is_quiet = !path.contains("//") && !path.contains("..");
    if is_ours && is_visible && is_quiet && path.chars().all(is_plain) {
        wish.to_owned()
    } else {
        Place::Overview.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_leads_into_the_console_only() {
        for fine in [
            "/console",
            "/console/users",
            "/console/users?q=a%20b&page=2",
        ] {
            assert_eq!(way_back(fine), fine);
        }
        for wrong in [
            "",
            "//evil.example/console",
            "/console//evil.example",
            "https://evil.example/console",
            "/consolevil",
            "/console/../auth/v1",
            "/console/\\evil",
            "/console/a\r\nSet-Cookie: x=1",
            "/auth/v1/logout",
            "javascript:alert(1)",
        ] {
            assert_eq!(way_back(wrong), "/console", "{wrong}");
        }
    }
}
