//! `users.toml`: the demo users of a project, whom `postern dev` makes.
//!
//! Only `postern dev` reads this file: `postern serve` starts with the users that it has. A user
//! without a password gets the one that was generated for the project.
//!
//! ```toml
//! [[user]]
//! id            = "a0000000-0000-4000-8000-000000000001"   # optional; random without
//! email         = "amara@example.com"
//! name          = "Amara Okafor"                           # optional; user_metadata.full_name
//! password      = "…"                                      # optional
//! app_metadata  = { role = "staff" }                       # optional
//! user_metadata = { theme = "dark" }                       # optional
//! ```

use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

use postern_base::Secret;
use postern_catalog::nearest;
use postern_mail::Address;
use serde_json::{Map, Value};
use toml_edit::{Document, Item, Table};
use uuid::Uuid;

use super::{ProjectError, io_error};

const KEYS: &[&str] = &[
    "id",
    "email",
    "name",
    "password",
    "app_metadata",
    "user_metadata",
];

/// A demo user.
#[derive(Clone, Debug)]
pub struct DemoUser {
    /// The id; a random one when absent.
    pub id: Option<Uuid>,
    /// The address.
    pub email: Address,
    /// The user's own password; the project's generated one when absent.
    pub password: Option<Secret<String>>,
    /// What the project knows about the user.
    pub app_metadata: Map<String, Value>,
    /// What the user says about themselves.
    pub user_metadata: Map<String, Value>,
}

/// Reads the file; a missing one has no users.
pub(super) fn read(path: &Path) -> Result<Vec<DemoUser>, ProjectError> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text).map_err(|reason| ProjectError::Users {
            path: path.into(),
            reason,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(source) => Err(io_error(path, source)),
    }
}

/// Reads the file's text; the error says which user is meant.
fn parse(text: &str) -> Result<Vec<DemoUser>, String> {
    let document = Document::parse(text).map_err(|error| error.to_string().trim().to_owned())?;
    if let Some((name, _)) = document.iter().find(|(name, _)| *name != "user") {
        return Err(format!("`{name}` is unknown; users are written `[[user]]`"));
    }
    let Some(item) = document.get("user") else {
        return Ok(Vec::new());
    };
    let tables = item
        .as_array_of_tables()
        .ok_or("`user` is no list; users are written `[[user]]`")?;
    let mut seen = HashSet::new();
    let mut users = Vec::new();
    for (table, number) in tables.iter().zip(1..) {
        let user = user(table).map_err(|reason| format!("user {number}: {reason}"))?;
        let id = user.id.map(|it| it.to_string());
        for name in id.iter().map(String::as_str).chain([user.email.as_str()]) {
            if !seen.insert(name.to_owned()) {
                return Err(format!("user {number}: `{name}` is another user's already"));
            }
        }
        users.push(user);
    }
    Ok(users)
}

fn user(table: &Table) -> Result<DemoUser, String> {
    if let Some((name, _)) = table.iter().find(|(name, _)| !KEYS.contains(name)) {
        let hint = nearest(name, KEYS.iter().copied());
        let hint = hint.map_or(String::new(), |it| format!("; did you mean `{it}`?"));
        return Err(format!("`{name}` is unknown{hint}"));
    }
    let email = text(table, "email")?.ok_or("`email` is missing")?;
    let email = Address::parse(&email).map_err(|error| format!("`email`: {error}"))?;
    let id = text(table, "id")?.map(|it| Uuid::parse_str(&it));
    let mut user_metadata = object(table, "user_metadata")?;
    if let Some(name) = text(table, "name")? {
        user_metadata.insert("full_name".into(), name.into());
    }
    Ok(DemoUser {
        id: id.transpose().map_err(|_| "`id` is no UUID")?,
        email,
        password: text(table, "password")?.map(Secret::new),
        app_metadata: object(table, "app_metadata")?,
        user_metadata,
    })
}

fn text(table: &Table, name: &str) -> Result<Option<String>, String> {
    let Some(item) = table.get(name) else {
        return Ok(None);
    };
    let text = item.as_str().filter(|it| !it.is_empty());
    let text = text.ok_or_else(|| format!("`{name}` is no text, or an empty one"))?;
    Ok(Some(text.into()))
}

fn object(table: &Table, name: &str) -> Result<Map<String, Value>, String> {
    let Some(item) = table.get(name) else {
        return Ok(Map::new());
    };
    let refused = || format!("`{name}` is no table of texts, numbers, switches, lists and tables");
    match item_json(item) {
        Some(Value::Object(object)) => Ok(object),
        _ => Err(refused()),
    }
}

fn item_json(item: &Item) -> Option<Value> {
    match item {
        Item::Value(value) => json(value),
        Item::Table(table) => table
            .iter()
            .map(|(name, item)| Some((name.to_owned(), item_json(item)?)))
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object),
        Item::None | Item::ArrayOfTables(_) => None,
    }
}

fn json(value: &toml_edit::Value) -> Option<Value> {
    match value {
        toml_edit::Value::String(text) => Some(text.value().as_str().into()),
        toml_edit::Value::Integer(number) => Some((*number.value()).into()),
        toml_edit::Value::Float(number) => Some((*number.value()).into()),
        toml_edit::Value::Boolean(on) => Some((*on.value()).into()),
        toml_edit::Value::Datetime(_) => None,
        toml_edit::Value::Array(array) => array.iter().map(json).collect(),
        toml_edit::Value::InlineTable(table) => table
            .iter()
            .map(|(name, value)| Some((name.to_owned(), json(value)?)))
            .collect::<Option<Map<_, _>>>()
            .map(Value::Object),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let reason = parse(text).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    }

    #[test]
    fn a_user_has_an_address_and_what_else_is_said() {
        let users = parse(
            "[[user]]\nemail = \"Ann@Example.com\"\nname = \"Ann\"\n\
             app_metadata = { role = \"staff\", level = 2, tags = [\"a\"] }\n\
             [user.user_metadata]\ntheme = \"dark\"\n\
             [[user]]\nid = \"a0000000-0000-4000-8000-000000000001\"\n\
             email = \"ben@example.com\"\npassword = \"of-his-own\"\n",
        )
        .unwrap();

        assert_eq!(users.len(), 2);
        assert_eq!(users[0].email.as_str(), "ann@example.com");
        assert!(users[0].id.is_none() && users[0].password.is_none());
        let app = json!({"role": "staff", "level": 2, "tags": ["a"]});
        assert_eq!(Value::Object(users[0].app_metadata.clone()), app);
        let own = json!({"theme": "dark", "full_name": "Ann"});
        assert_eq!(Value::Object(users[0].user_metadata.clone()), own);
        assert!(users[1].id.is_some() && users[1].password.is_some());
    }

    #[test]
    fn mistakes_are_named_with_the_user() {
        refused("[[users]]\n", "users are written `[[user]]`");
        refused("[[user]]\nname = \"Ann\"\n", "user 1: `email` is missing");
        refused("[[user]]\nemial = \"a@b.c\"\n", "did you mean `email`?");
        refused("[[user]]\nemail = \"ann\"\n", "user 1: `email`:");
        refused(
            "[[user]]\nemail = \"a@b.co\"\nid = \"7\"\n",
            "`id` is no UUID",
        );
        refused(
            "[[user]]\nemail = \"a@b.co\"\npassword = \"\"\n",
            "`password`",
        );
        let twice = "[[user]]\nemail = \"a@b.co\"\n".repeat(2);
        refused(&twice, "user 2: `a@b.co` is another user's already");
    }
}
