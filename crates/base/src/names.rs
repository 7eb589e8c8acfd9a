//! Names of things in the database, as types, so that a schema never stands where a table should.

use std::fmt;

/// A relation's full name: schema and table, view, materialised view or foreign table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationName {
    /// The schema that holds the relation.
    pub schema: String,
    /// The relation's own name, unquoted.
    pub name: String,
}

impl RelationName {
    /// Makes a relation name of its two parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for RelationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.schema, self.name)
    }
}

/// A function's full name, without its argument types (overloads share one name).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionName {
    /// The schema that holds the function.
    pub schema: String,
    /// The function's own name, unquoted.
    pub name: String,
}

impl FunctionName {
    /// Makes a function name of its two parts.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.schema, self.name)
    }
}

/// A policy role: `anon`, `authenticated`, or one that the policy files define.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(String);

impl RoleName {
    /// The role of a caller without a user token.
    pub const ANON: &'static str = "anon";
    /// The role of a signed-in user when no narrower one applies.
    pub const AUTHENTICATED: &'static str = "authenticated";
    /// The role that bypasses policies; it never appears in a policy file.
    pub const SERVICE: &'static str = "service_role";

    /// Makes a role name of its text.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The role's name as policy files and tokens spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
