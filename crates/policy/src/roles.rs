//! The roles of a bundle: the built-in two and those that `_shared.toml` defines.

use indexmap::IndexMap;
use postern_base::RoleName;

use crate::file::{RoleEntry, list};
use crate::predicate::{Context, Lowering, near};
use crate::report::{Report, Spanned};
use crate::{RoleDefinition, evaluate};

/// All roles, with their inheritance worked out.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    definitions: IndexMap<RoleName, RoleDefinition>,
}

impl Roles {
    /// Checks and lowers the definitions.
    pub(crate) fn new(
        entries: &[RoleEntry],
        lowering: &mut Lowering<'_>,
        report: &mut Report<'_>,
    ) -> Self {
        let mut roles = Self {
            definitions: IndexMap::new(),
        };
        for entry in entries {
            let when = entry
                .when
                .as_ref()
                .and_then(|when| condition(when, lowering, report));
            roles.definitions.insert(
                entry.name.value.clone(),
                RoleDefinition {
                    inherits: entry.inherits.as_ref().map(|it| it.value.clone()),
                    when,
                },
            );
        }
        for entry in entries {
            roles.check_inheritance(entry, report);
        }
        roles
    }

    /// The definitions, in the order in which they are tried.
    pub(crate) fn into_definitions(self) -> IndexMap<RoleName, RoleDefinition> {
        self.definitions
    }

    /// Every role that a rule can name.
    pub(crate) fn all(&self) -> Vec<RoleName> {
        [RoleName::ANON, RoleName::AUTHENTICATED]
            .into_iter()
            .map(RoleName::new)
            .chain(self.definitions.keys().cloned())
            .collect()
    }

    /// The role itself, the one that it inherits, and so on.
    pub(crate) fn chain(&self, role: &RoleName) -> Vec<RoleName> {
        chain(&self.definitions, role)
    }

    /// The role of this name, if there is one; else reports it.
    pub(crate) fn find(&self, name: &Spanned<String>, report: &mut Report<'_>) -> Option<RoleName> {
        let all = self.all();
        if let Some(role) = all.iter().find(|it| it.as_str() == name.value) {
            return Some(role.clone());
        }
        let (message, help) = if name.value == RoleName::SERVICE {
            (
                format!(
                    "role `{}` bypasses policies, so no rule can name it",
                    name.value
                ),
                "remove it".into(),
            )
        } else {
            let names: Vec<_> = all.iter().map(RoleName::as_str).collect();
            let message = format!("unknown role `{}`", name.value);
            (message, near(&name.value, &names, "roles are"))
        };
        report.error(&name.site, "unknown-role", message, help);
        None
    }

    fn check_inheritance(&self, entry: &RoleEntry, report: &mut Report<'_>) {
        let Some(parent) = &entry.inherits else {
            return;
        };
        let text = Spanned {
            value: parent.value.as_str().to_owned(),
            site: parent.site.clone(),
        };
        if self.find(&text, report).is_none() {
            return;
        }
        let chain = self.chain(&entry.name.value);
        let ends = [RoleName::ANON, RoleName::AUTHENTICATED];
        let last = chain.last();
        let inherited = last.and_then(|it| self.definitions.get(it)?.inherits.as_ref());
        if let Some(back) = inherited.filter(|it| !ends.contains(&it.as_str()))
            && chain.contains(back)
        {
            let names: Vec<_> = chain.iter().map(RoleName::as_str).collect();
            report.error(
                &parent.site,
                "role-cycle",
                format!("role `{}` inherits itself, through {}", back, list(&names)),
                "let the chain end in `authenticated` or `anon`",
            );
        }
    }
}

/// Follows `inherits` from a role; a cycle ends where it would begin again.
pub(crate) fn chain(
    definitions: &IndexMap<RoleName, RoleDefinition>,
    role: &RoleName,
) -> Vec<RoleName> {
    let mut chain = vec![role.clone()];
    let mut current = role;
    while let Some(parent) = definitions.get(current).and_then(|it| it.inherits.as_ref()) {
        if chain.contains(parent) {
            break;
        }
        chain.push(parent.clone());
        current = parent;
    }
    chain
}

/// Lowers a `when`, which must be decidable from the claims alone.
fn condition(
    when: &Spanned<String>,
    lowering: &mut Lowering<'_>,
    report: &mut Report<'_>,
) -> Option<crate::Expr> {
    let expr = lowering.lower(when, Context::default(), report)?;
    if crate::lint::reads_user_metadata(&expr) {
        report.error(
            &when.site,
            "user-metadata",
            "a role cannot depend on `user_metadata`, which users write themselves",
            "use `app_metadata`, which only the service key writes",
        );
        return None;
    }
    match evaluate::check_condition(&expr) {
        Ok(()) => Some(expr),
        Err(problem) => {
            report.error(
                &when.site,
                "undecidable-role",
                format!("a role's condition is decided without the database, so {problem}"),
                "compare texts of the token: `auth.jwt() #>> '{app_metadata,role}' = 'admin'`",
            );
            None
        }
    }
}
