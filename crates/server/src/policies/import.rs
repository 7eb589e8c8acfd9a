//! Row-level security and grants of a database as policy files.
//!
//! Each table with row-level security or grants for request roles gets a file of its own. A rule
//! that the files cannot say is left in it as a comment with the reason, and its table is so much
//! the more closed, never the more open: a restrictive policy that cannot be said closes its verbs.

mod columns;
mod rule;

use std::collections::BTreeSet;

use postern_base::{RelationName, RoleName};
use postern_catalog::{Catalog, Relation};
use postern_db::survey::{Granted, RowPolicy, Survey};
use postern_policy::{Diagnostic, Severity, SourceFile, toml_quoted};

use self::rule::Rule;

/// What an import made.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The files.
    pub files: Vec<SourceFile>,
    /// What the author should know.
    pub notes: Vec<String>,
}

/// Writes policy files for what the survey found.
pub fn import(catalog: &Catalog, survey: &Survey, anon_role: &str) -> Imported {
    let roles = Roles::of(survey, anon_role);
    let mut imported = Imported::default();
    let shared = roles.shared_file();
    imported.files.extend(shared.clone());
    for relation in catalog.relations() {
        let facts = Facts::of(relation, survey, &roles);
        if !facts.is_worth_a_file() {
            continue;
        }
        if relation.security_invoker {
            let name = &relation.name;
            let note = format!(
                "{name}: a view that reads with its caller's rights needs a file of its own making"
            );
            imported.notes.push(note);
            continue;
        }
        let mut rules = rule::rules(&facts);
        for rule in &mut rules {
            settle(rule, &facts, catalog, shared.as_ref());
            imported.notes.extend(rule.note(&relation.name));
        }
        imported.files.push(file(&facts, &rules));
    }
    imported
}

/// Everything about one relation.
struct Facts<'f> {
    relation: &'f Relation,
    rls: bool,
    grants: Vec<&'f Granted>,
    policies: Vec<&'f RowPolicy>,
    roles: &'f Roles,
}

impl<'f> Facts<'f> {
    fn of(relation: &'f Relation, survey: &'f Survey, roles: &'f Roles) -> Self {
        let mut defences = survey.relations.iter();
        let grants = survey.grants.iter();
        let policies = survey.policies.iter();
        Self {
            relation,
            rls: defences.any(|it| it.name == relation.name && it.rls),
            grants: grants.filter(|it| it.relation == relation.name).collect(),
            policies: policies.filter(|it| it.relation == relation.name).collect(),
            roles,
        }
    }

    fn is_worth_a_file(&self) -> bool {
        let mut roles = self.roles.names.iter();
        roles.any(|role| !self.verbs(role).is_empty())
    }
}

/// The request roles of a database.
struct Roles {
    names: Vec<String>,
    anon: String,
}

impl Roles {
    /// Those that policies or grants name; the service role bypasses both.
    fn of(survey: &Survey, anon_role: &str) -> Self {
        let policies = survey.policies.iter().flat_map(|it| &it.roles);
        let grants = survey.grants.iter().map(|it| &it.role);
        let named: BTreeSet<&String> = policies.chain(grants).collect();
        let known = ["public", RoleName::SERVICE, RoleName::AUTHENTICATED];
        let owners: BTreeSet<&String> = survey.relations.iter().map(|it| &it.owner).collect();
        let others = named.into_iter().filter(|it| {
            !known.contains(&it.as_str())
                && *it != anon_role
                && **it != survey.login.name
                && !it.starts_with("pg_")
                && !owners.contains(it)
        });
        let mut names = vec![anon_role.to_owned(), RoleName::AUTHENTICATED.to_owned()];
        names.extend(others.cloned());
        Self {
            names,
            anon: anon_role.to_owned(),
        }
    }

    /// The name that a role has in policy files.
    fn policy_name<'r>(&self, role: &'r str) -> &'r str {
        if role == self.anon {
            RoleName::ANON
        } else {
            role
        }
    }

    /// The roles beside the built-in two, which tokens name.
    fn shared_file(&self) -> Option<SourceFile> {
        let mut text = String::from("# Roles of the database that tokens name.\n");
        let others = self.names.iter().skip(2);
        others
            .map(|it| text.push_str(&format!("\n[roles.{}]\n", toml_quoted(it))))
            .count()
            .gt(&0)
            .then(|| SourceFile {
                path: "policies/_shared.toml".into(),
                text,
            })
    }
}

/// Tries a rule out: as it is, then as one that the author vouches for, then as a comment.
fn settle(rule: &mut Rule, facts: &Facts<'_>, catalog: &Catalog, shared: Option<&SourceFile>) {
    let problem = |rule: &Rule| -> Option<Diagnostic> {
        let mut files: Vec<_> = shared.into_iter().cloned().collect();
        files.push(file(facts, std::slice::from_ref(rule)));
        let refused = postern_policy::load(&files, catalog, None).err()?;
        refused
            .into_iter()
            .find(|it| it.severity == Severity::Error)
    };
    let Some(first) = problem(rule) else { return };
    rule.native = true;
    if problem(rule).is_none() {
        return;
    }
    rule.native = false;
    rule.refused = Some(first.message);
}

fn file(facts: &Facts<'_>, rules: &[Rule]) -> SourceFile {
    let name = &facts.relation.name;
    let mut text = String::from("# Imported from the database's grants and row-level security.\n");
    text.push_str(&format!("table = {}\n", toml_quoted(&name.to_string())));
    text.push_str(&facts.column_tables());
    for rule in rules {
        text.push_str(&rule.to_toml());
    }
    SourceFile {
        path: path(name),
        text,
    }
}

fn path(name: &RelationName) -> String {
    format!("policies/{}.{}.toml", name.schema, name.name)
}
