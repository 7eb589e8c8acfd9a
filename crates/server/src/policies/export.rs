//! Policy files as row-level security: a migration that gives the database the same answers.
//!
//! For each table and role the combined rules become one policy a verb, column lists become
//! grants, presets become a trigger. Lookups that policy files make unfiltered become functions
//! with their owner's rights in a schema of their own. What row-level security cannot say is
//! listed at the top, and left out so that less is open, never more.

mod access;
mod lookups;
mod presets;

use std::cell::RefCell;
use std::collections::BTreeSet;

use postern_base::{RelationName, RoleName};
use postern_catalog::{Catalog, Relation, RelationKind};
use postern_policy::{Bundle, Verb, identifier};

use self::lookups::Lookups;

/// The schema of the functions.
const SCHEMA: &str = "postern_rls";

/// Writes the migration.
pub fn export(bundle: &Bundle, catalog: &Catalog) -> String {
    let export = Export {
        bundle,
        catalog,
        lookups: Lookups::new(catalog),
        problems: RefCell::default(),
    };
    export.migration()
}

/// A migration under construction.
struct Export<'e> {
    bundle: &'e Bundle,
    catalog: &'e Catalog,
    lookups: Lookups<'e>,
    problems: RefCell<Vec<String>>,
}

impl Export<'_> {
    fn migration(&self) -> String {
        let names: BTreeSet<&RelationName> = self.bundle.accesses().map(|it| it.0).collect();
        let mut tables = String::new();
        for name in names {
            match self.catalog.relation(name) {
                Some(it) if is_table(it) => tables.push_str(&self.table(it)),
                Some(_) => self.problem(name, "row-level security is for tables only"),
                None => {}
            }
        }
        self.problem_of("functions.toml", "grant EXECUTE on functions by hand");
        let roles: Vec<_> = self.roles().iter().map(|it| identifier(it)).collect();
        let roles = roles.join(", ");
        let mut text = String::from(HEAD);
        for problem in self.problems.borrow().iter() {
            text.push_str(&format!("-- not expressible: {problem}\n"));
        }
        text.push_str(&GUARD.replace("{roles}", &roles).replace("{schema}", SCHEMA));
        for function in self.lookups.functions() {
            text.push_str(&function.replace("{roles}", &roles));
        }
        text.push_str(&tables);
        text
    }

    /// Notes what cannot be said about a relation.
    fn problem(&self, relation: &RelationName, what: &str) {
        self.problem_of(&relation.to_string(), what);
    }

    fn problem_of(&self, about: &str, what: &str) {
        let problem = format!("{about}: {what}");
        let mut problems = self.problems.borrow_mut();
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// The database's roles: the built-in two, and those that tokens name.
    fn roles(&self) -> Vec<String> {
        let named = self.bundle.roles().filter(|(_, it)| it.when.is_none());
        let builtin = [RoleName::ANON, RoleName::AUTHENTICATED];
        let named = named.map(|(name, _)| name.to_string());
        builtin.into_iter().map(String::from).chain(named).collect()
    }

    fn table(&self, relation: &Relation) -> String {
        let table = sql_relation(&relation.name);
        let roles = self.roles();
        let listed: Vec<_> = roles.iter().map(|it| identifier(it)).collect();
        let mut text = format!(
            "\n-- {}\nalter table {table} enable row level security;\n\
             alter table {table} force row level security;\n\
             revoke all on {table} from public, {};\n",
            relation.name,
            listed.join(", ")
        );
        for role in &roles {
            for verb in Verb::ALL {
                text.push_str(&self.granted(relation, role, verb));
            }
        }
        text.push_str(&self.presets(relation, &roles));
        text
    }
}

fn is_table(relation: &Relation) -> bool {
    matches!(
        relation.kind,
        RelationKind::Table | RelationKind::Partitioned
    )
}

/// A relation's full name in SQL.
fn sql_relation(name: &RelationName) -> String {
    format!("{}.{}", identifier(&name.schema), identifier(&name.name))
}

const HEAD: &str = "\
-- The policy files as grants and row-level security, made by `postern policy export --rls`.
-- Apply it as a role that row-level security does not apply to: it owns the lookup functions.
";

const GUARD: &str = "
do $guard$
begin
  if not (select rolsuper or rolbypassrls from pg_catalog.pg_roles where rolname = current_user) then
    raise exception 'apply this as a role with BYPASSRLS: it will own the lookup functions';
  end if;
end
$guard$;
create schema if not exists {schema};
grant usage on schema {schema}, public to {roles};
";
