//! A checked set of policy files, ready to be asked.

use std::collections::HashMap;

use indexmap::IndexMap;
use postern_base::{Claims, Identity, RelationName, RoleName};

use crate::{Access, Assurance, Expr, RuleDetail, RuleRef, Verb, evaluate, roles};

/// What each role may do with one table by each verb.
pub(crate) type TableAccess = HashMap<(RoleName, Verb), Access>;

/// All policies of a project, bound to one catalogue; swapped whole.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// SHA-256 of the canonical form, in hex.
    pub hash: String,
    /// The roles that files define, in the order in which they are tried.
    pub(crate) roles: IndexMap<RoleName, RoleDefinition>,
    pub(crate) tables: HashMap<RelationName, TableAccess>,
    /// By signature, such as `public.search_posts(text)`.
    pub(crate) functions: HashMap<String, HashMap<RoleName, FunctionAccess>>,
    pub(crate) fragments: Vec<Fragment>,
    /// The rules one by one, table after table as their files stand.
    pub(crate) rules: Vec<RuleDetail>,
    /// Where each defined role stands.
    pub(crate) role_sites: Vec<RuleRef>,
}

/// A lowered text of a policy file, for type checks against the live database.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// Where it stands; `kind` may also be `mask`, `preset` or `function`.
    pub rule: RuleRef,
    /// Whose it is.
    pub owner: Owner,
    /// The type that it must have.
    pub expects: Expects,
    /// The tree.
    pub expr: Expr,
}

/// What a [`Fragment`] speaks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A row of this relation.
    Relation(RelationName),
    /// A call of the function of this signature.
    Function(String),
}

/// The type that a [`Fragment`] must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expects {
    /// boolean.
    Condition,
    /// Whatever can be assigned to this column.
    Column(String),
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
    /// How surely and how recently the caller must have signed in.
    pub assurance: Option<Assurance>,
    /// The relation whose select policy filters the returned rows.
    pub returns: Option<RelationName>,
}

impl FunctionAccess {
    /// What the service identity may do with any function.
    pub fn bypass() -> Self {
        Self {
            mode: FunctionMode::Trusted,
            condition: Expr::Bool(true),
            assurance: None,
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
    /// `authenticated` or `anon`. `None` means that the token names a role nobody defined, or
    /// that a role's condition cannot be decided for these claims.
    ///
    /// The service identity has no policy role; ask [`Identity::is_service`] first.
    pub fn role_of(&self, identity: &Identity) -> Option<RoleName> {
        match identity {
            Identity::Service(_) => None,
            Identity::Anonymous(claims) => {
                let anonymous = |name: &RoleName| self.inherits(name, RoleName::ANON);
                match self.first_role(claims, anonymous)? {
                    Some(name) => Some(name),
                    None => Some(RoleName::new(RoleName::ANON)),
                }
            }
            Identity::User(claims) => {
                let token = claims.role()?;
                let reachable = |name: &RoleName| {
                    token == RoleName::AUTHENTICATED || self.inherits(name, token)
                };
                match self.first_role(claims, reachable)? {
                    Some(name) => Some(name),
                    None if token == RoleName::AUTHENTICATED => Some(RoleName::new(token)),
                    None => None,
                }
            }
        }
    }

    /// The first role with a condition that is reachable and TRUE, or that the token names.
    ///
    /// The outer `None` means that a condition on the way could not be decided: whether the
    /// caller has that role is unknown, so they get none at all.
    #[expect(
        clippy::option_option,
        reason = "undecided and not found are different answers"
    )]
    fn first_role(
        &self,
        claims: &Claims,
        reachable: impl Fn(&RoleName) -> bool,
    ) -> Option<Option<RoleName>> {
        for (name, definition) in &self.roles {
            let has = match &definition.when {
                Some(when) => reachable(name) && evaluate::holds(when, claims).ok()?,
                None => claims.role() == Some(name.as_str()),
            };
            if has {
                return Some(Some(name.clone()));
            }
        }
        Some(None)
    }

    /// Whether the role is `ancestor` or inherits it.
    fn inherits(&self, role: &RoleName, ancestor: &str) -> bool {
        roles::chain(&self.roles, role)
            .iter()
            .any(|it| it.as_str() == ancestor)
    }

    /// What the role may do with the relation by the verb; `None` denies.
    pub fn access(&self, relation: &RelationName, role: &RoleName, verb: Verb) -> Option<&Access> {
        self.tables.get(relation)?.get(&(role.clone(), verb))
    }

    /// Every lowered text, for type checks against the live database.
    pub fn fragments(&self) -> &[Fragment] {
        &self.fragments
    }

    /// The rules one by one, for tools; what holds is in [`Bundle::access`].
    pub fn rules(&self) -> &[RuleDetail] {
        &self.rules
    }

    /// The rules that speak of this role and verb.
    pub fn rules_of(
        &self,
        relation: &RelationName,
        role: &RoleName,
        verb: Verb,
    ) -> impl Iterator<Item = &RuleDetail> {
        let chain = self.role_chain(role);
        let of_table = self.rules.iter().filter(move |it| it.relation == *relation);
        of_table.filter(move |it| it.applies(&chain, verb))
    }

    /// The defined roles, in the order in which they are tried.
    pub fn roles(&self) -> impl Iterator<Item = (&RoleName, &RoleDefinition)> {
        self.roles.iter()
    }

    /// The role itself, the one that it inherits, and so on.
    pub fn role_chain(&self, role: &RoleName) -> Vec<RoleName> {
        roles::chain(&self.roles, role)
    }

    /// What the role may do with the function of this signature; `None` denies.
    pub fn function(&self, signature: &str, role: &RoleName) -> Option<&FunctionAccess> {
        self.functions.get(signature)?.get(role)
    }
}
