//! A checked set of policy files, ready to be asked.

use std::collections::HashMap;

use indexmap::IndexMap;
use postern_base::{Identity, RelationName, RoleName};

use crate::{Access, Expr, Verb};

/// All policies of a project, bound to one catalogue; swapped whole.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// SHA-256 of the canonical form, in hex.
    pub hash: String,
    /// The roles that files define, in the order in which they are tried.
    pub(crate) roles: IndexMap<RoleName, RoleDefinition>,
    pub(crate) tables: HashMap<RelationName, HashMap<(RoleName, Verb), Access>>,
    /// By signature, such as `public.search_posts(text)`.
    pub(crate) functions: HashMap<String, HashMap<RoleName, FunctionAccess>>,
}

/// A role of the policy files.
#[derive(Clone, Debug)]
pub struct RoleDefinition {
    /// The role whose rules and columns it has as well.
    pub inherits: Option<RoleName>,
    /// The condition on the verified token; without one the token's `role` claim must name it.
    pub when: Option<Expr>,
}

/// How a listed function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionMode {
    /// As the low role `anon` or `authenticated`, under the database's own grants and RLS.
    Native,
    /// As the gateway's role: the author vouches for the body.
    Trusted,
}

/// What one role may do with one function.
#[derive(Clone, Debug)]
pub struct FunctionAccess {
    /// How it runs.
    pub mode: FunctionMode,
    /// Condition on claims and arguments; `TRUE` when absent.
    pub condition: Expr,
    /// The relation whose select policy filters the returned rows.
    pub returns: Option<RelationName>,
}

impl FunctionAccess {
    /// What the service identity may do with any function.
    pub fn bypass() -> Self {
        Self {
            mode: FunctionMode::Trusted,
            condition: Expr::Bool(true),
            returns: None,
        }
    }
}

impl Bundle {
    /// Every combination of table, role and verb that is granted, in no particular order.
    pub fn accesses(&self) -> impl Iterator<Item = (&RelationName, &RoleName, Verb, &Access)> {
        self.tables.iter().flat_map(|(relation, granted)| {
            granted
                .iter()
                .map(move |((role, verb), access)| (relation, role, *verb, access))
        })
    }

    /// The role that this caller has: the first defined role that the claims reach, else
    /// `authenticated` or `anon`. `None` means that the token names a role nobody defined.
    ///
    /// The service identity has no policy role; ask [`Identity::is_service`] first.
    pub fn role_of(&self, identity: &Identity) -> Option<RoleName> {
        let _ = (&self.roles, identity);
        None
    }

    /// What the role may do with the relation by the verb; `None` denies.
    pub fn access(&self, relation: &RelationName, role: &RoleName, verb: Verb) -> Option<&Access> {
        self.tables.get(relation)?.get(&(role.clone(), verb))
    }

    /// What the role may do with the function of this signature; `None` denies.
    pub fn function(&self, signature: &str, role: &RoleName) -> Option<&FunctionAccess> {
        self.functions.get(signature)?.get(role)
    }
}
