//! What exists for one caller: the catalogue seen through the policy bundle.
//!
//! Everything that turns a name of the request into a thing of the database asks here, so that a
//! hidden relation, column or function gives the very answer that a missing one gives.

use std::borrow::Cow;

use postern_base::{Identity, RelationName, RoleName, codes};
use postern_catalog::{Catalog, Function, Relation, Relationship, TABLE_LIKENESS, likest};
use postern_policy::{Access, Assurance, Bundle, FunctionAccess, Verb};

use crate::{Error, Privileges};

/// One caller's view of one catalogue under one bundle.
#[derive(Debug)]
pub struct View<'a> {
    catalog: &'a Catalog,
    bundle: &'a Bundle,
    identity: &'a Identity,
    /// The role of the policies; without one they do not apply.
    role: Option<RoleName>,
    /// The role of the database that statements run as, where the database decides as well.
    database_role: Option<RoleName>,
    /// What that role may use, where it is listed.
    listed: Option<&'a Privileges>,
    now: Option<i64>,
}

/// What the caller may do with a relation by one verb.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// Everything: the service identity, and whoever the database itself decides about.
    Bypass,
    /// What the rules say.
    Rules(&'a Access),
}

impl<'a> View<'a> {
    /// Works out the caller's role.
    ///
    /// # Errors
    /// `42704`-like refusal (401) when the token names a role that no policy file defines.
    pub fn new(
        catalog: &'a Catalog,
        bundle: &'a Bundle,
        identity: &'a Identity,
    ) -> Result<Self, Error> {
        let role = match identity {
            Identity::Service(_) => None,
            Identity::Anonymous(_) | Identity::User(_) => Some(
                bundle
                    .role_of(identity)
                    .ok_or_else(|| unknown_role(identity))?,
            ),
        };
        Ok(Self::of(catalog, bundle, identity, role))
    }

    fn of(
        catalog: &'a Catalog,
        bundle: &'a Bundle,
        identity: &'a Identity,
        role: Option<RoleName>,
    ) -> Self {
        Self {
            catalog,
            bundle,
            identity,
            role,
            database_role: None,
            listed: None,
            now: None,
        }
    }

    /// The view of a caller about whom the database alone decides, by its grants and its row-level
    /// security: everything exists here.
    ///
    /// SECURITY: such a view always has a database role, and every statement made from it names
    /// that role, so that it cannot run with the gateway's own rights.
    pub fn native(
        catalog: &'a Catalog,
        bundle: &'a Bundle,
        identity: &'a Identity,
        role: RoleName,
    ) -> Self {
        Self::of(catalog, bundle, identity, None).in_database_role(role)
    }

    /// The same view, its statements run as a role of the database: policies and the database
    /// decide together.
    #[must_use]
    pub fn in_database_role(mut self, role: RoleName) -> Self {
        self.database_role = Some(role);
        self
    }

    /// The same view without what its database role has no right to, for lists of what exists.
    #[must_use]
    pub fn listing(mut self, privileges: &'a Privileges) -> Self {
        self.listed = Some(privileges);
        self
    }

    /// Sets the second at which the request is decided. Without it no sign-in counts as recent.
    #[must_use]
    pub fn at(mut self, now_unix_secs: i64) -> Self {
        self.now = Some(now_unix_secs);
        self
    }

    /// The view of a policy role, whoever has it; for probes and tools.
    pub fn of_role(
        catalog: &'a Catalog,
        bundle: &'a Bundle,
        identity: &'a Identity,
        role: RoleName,
    ) -> Self {
        Self::of(catalog, bundle, identity, Some(role))
    }

    /// The catalogue, whole; only for facts that tell nothing of hidden things.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// The policies.
    pub fn bundle(&self) -> &'a Bundle {
        self.bundle
    }

    /// The second at which the request is decided, if it was set.
    pub fn now(&self) -> Option<i64> {
        self.now
    }

    /// The caller's policy role; none for the service identity.
    pub fn role(&self) -> Option<&RoleName> {
        self.role.as_ref()
    }

    /// The caller.
    pub fn identity(&self) -> &'a Identity {
        self.identity
    }

    /// The policy role's name; where no policies apply the database role's, or `service_role`.
    pub fn role_name(&self) -> &str {
        self.role
            .as_ref()
            .or(self.database_role.as_ref())
            .map_or(RoleName::SERVICE, RoleName::as_str)
    }

    /// The role of the database that every statement of this view runs as.
    pub fn database_role(&self) -> Option<&RoleName> {
        self.database_role.as_ref()
    }

    /// Whether it is for lists of what exists.
    pub(crate) fn is_listing(&self) -> bool {
        self.listed.is_some()
    }

    /// Whether the database alone decides, so that statements may not touch more columns than the
    /// request names.
    pub(crate) fn is_native(&self) -> bool {
        self.role.is_none() && self.database_role.is_some()
    }

    /// What the caller may do with the relation by the verb; `None` denies.
    pub fn grant(&self, relation: &RelationName, verb: Verb) -> Option<Grant<'a>> {
        match &self.role {
            None => {
                let listed = |it: &Privileges| it.allows(relation, verb);
                self.listed.is_none_or(listed).then_some(Grant::Bypass)
            }
            Some(role) => self.bundle.access(relation, role, verb).map(Grant::Rules),
        }
    }

    /// Refuses a caller whose sign-in is not sure or not recent enough; the service identity, whom
    /// no rule speaks of, passes.
    pub(crate) fn require(&self, assurance: Assurance) -> Result<(), Error> {
        match self.role {
            None => Ok(()),
            Some(_) => assurance
                .check(self.identity.claims(), self.now)
                .map_err(Error::insufficient),
        }
    }

    /// Finds a relation that exists for the caller: one verb at least is granted.
    pub fn relation(&self, name: &RelationName) -> Option<&'a Relation> {
        let relation = self.catalog.relation(name)?;
        const VERBS: [Verb; 4] = [Verb::Select, Verb::Insert, Verb::Update, Verb::Delete];
        VERBS
            .iter()
            .any(|verb| self.grant(name, *verb).is_some())
            .then_some(relation)
    }

    /// The refusal for a relation that is not there for the caller: the words are the same whether
    /// it is missing or hidden, and the hint names nothing that the caller does not have.
    pub fn no_table(&self, name: &RelationName) -> Error {
        let message = format!("Could not find the table '{name}' in the schema cache");
        let error = Error::new(&codes::NO_TABLE, message);
        let candidates = self.relations(&name.schema).map(|it| it.name.name.as_str());
        match likest(&name.name, candidates, TABLE_LIKENESS) {
            Some(near) => error.with_hint(format!(
                "Perhaps you meant the table '{}.{near}'",
                name.schema
            )),
            None => error,
        }
    }

    /// The relations of a schema that exist for the caller.
    pub fn relations(&self, schema: &str) -> impl Iterator<Item = &'a Relation> {
        self.catalog
            .relations()
            .filter(move |it| it.name.schema == schema && self.relation(&it.name).is_some())
    }

    /// The columns that the verb grants, in table order.
    pub fn columns(&self, relation: &'a Relation, verb: Verb) -> Vec<&'a str> {
        let all = relation.columns.iter().map(|it| it.name.as_str());
        match self.grant(&relation.name, verb) {
            None => Vec::new(),
            Some(Grant::Bypass) => all
                .filter(|column| {
                    let listed = |it: &Privileges| it.allows_column(&relation.name, verb, column);
                    self.listed.is_none_or(listed)
                })
                .collect(),
            Some(Grant::Rules(access)) => all
                .filter(|name| access.columns.iter().any(|it| it == name))
                .collect(),
        }
    }

    /// The relationships that start at a relation and exist for the caller: the far side and the
    /// junction are readable, and so is every column of the join.
    pub fn relationships(&self, near: &'a Relation) -> Vec<&'a Relationship> {
        self.catalog
            .relationships(&near.name)
            .iter()
            .filter(|it| self.is_joinable(near, it))
            .collect()
    }

    /// The function of this name that the caller may read as a column or relationship of the
    /// relation.
    pub(crate) fn computed(&self, relation: &RelationName, name: &str) -> Option<&'a Function> {
        let granted = match self.grant(relation, Verb::Select)? {
            Grant::Bypass => true,
            Grant::Rules(access) => access.computed.iter().any(|it| it == name),
        };
        let function = self.catalog.computed(relation, name)?;
        granted.then_some(function)
    }

    /// What the caller may do with a function; `None` denies.
    pub fn function(&self, function: &Function) -> Option<Cow<'a, FunctionAccess>> {
        match &self.role {
            None => {
                let listed = |it: &Privileges| it.allows_function(function.oid);
                let is_listed = self.listed.is_none_or(listed);
                is_listed.then(|| Cow::Owned(FunctionAccess::bypass()))
            }
            Some(role) => self
                .bundle
                .function(&function.signature(), role)
                .map(Cow::Borrowed),
        }
    }

    fn is_joinable(&self, near: &'a Relation, relationship: &Relationship) -> bool {
        let readable = |relation: &RelationName, columns: Vec<&String>| {
            let Some(relation) = self.catalog.relation(relation) else {
                return false;
            };
            let granted = self.columns(relation, Verb::Select);
            !granted.is_empty() && columns.into_iter().all(|it| granted.contains(&it.as_str()))
        };
        let far = &relationship.far;
        if let Some(function) = &relationship.function {
            let computed = self.computed(&near.name, &function.name);
            return computed.is_some_and(|it| it.name == *function) && readable(far, Vec::new());
        }
        match &relationship.junction {
            None => {
                readable(
                    &near.name,
                    relationship.columns.iter().map(|(near, _)| near).collect(),
                ) && readable(
                    far,
                    relationship.columns.iter().map(|(_, far)| far).collect(),
                )
            }
            Some(junction) => {
                let inside = junction.near.iter().map(|(_, inside)| inside);
                let inside = inside.chain(junction.far.iter().map(|(inside, _)| inside));
                readable(
                    &near.name,
                    junction.near.iter().map(|(near, _)| near).collect(),
                ) && readable(&junction.relation, inside.collect())
                    && readable(far, junction.far.iter().map(|(_, far)| far).collect())
            }
        }
    }
}

fn unknown_role(identity: &Identity) -> Error {
    let role = identity.claims().role().unwrap_or_default();
    Error::new(
        &codes::UNKNOWN_ROLE,
        format!("role \"{role}\" does not exist"),
    )
}
