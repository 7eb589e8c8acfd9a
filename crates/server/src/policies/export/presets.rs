//! Presets as a trigger that runs before all others.

use postern_base::RoleName;
use postern_catalog::Relation;
use postern_policy::{OnConflict, Verb, describe_with, identifier, toml_quoted};

use super::lookups::OfTable;
use super::{Export, SCHEMA, sql_relation};

impl Export<'_> {
    /// The trigger of a relation, if any role has presets on it.
    ///
    /// It asks the token for the role, and not `current_user`: so it does the same for a gateway
    /// that signs in as a role of its own.
    pub(super) fn presets(&self, relation: &Relation, roles: &[String]) -> String {
        let mut body = String::new();
        for role in roles {
            for verb in [Verb::Insert, Verb::Update] {
                body.push_str(&self.assignments(relation, role, verb));
            }
        }
        if body.is_empty() {
            return String::new();
        }
        let table = sql_relation(&relation.name);
        let name = format!("presets_{}_{}", relation.name.schema, relation.name.name);
        let function = format!("{SCHEMA}.{}", identifier(&name));
        format!(
            "create or replace function {function}() returns trigger\n  language plpgsql set \
             search_path = '' as $presets$\nbegin\n{body}  return new;\nend\n$presets$;\n\
             drop trigger if exists \"00_postern_presets\" on {table};\n\
             create trigger \"00_postern_presets\" before insert or update on {table}\n  \
             for each row execute function {function}();\n"
        )
    }

    fn assignments(&self, relation: &Relation, role: &str, verb: Verb) -> String {
        let access = self
            .bundle
            .access(&relation.name, &RoleName::new(role), verb);
        let Some(access) = access.filter(|it| !it.presets.is_empty()) else {
            return String::new();
        };
        let names = OfTable {
            lookups: &self.lookups,
            relation,
            row: "old".into(),
        };
        let mut text = format!(
            "  if tg_op = '{}' and auth.role() = '{}' then\n",
            verb.as_str().to_uppercase(),
            role.replace('\'', "''")
        );
        for (column, preset) in &access.presets {
            if preset.on_conflict == OnConflict::Same {
                let what = format!("a client's own value for {}", toml_quoted(column));
                self.problem(&relation.name, &what);
            }
            let value = describe_with(&preset.value, &names);
            text += &format!("    new.{} := {value};\n", identifier(column));
        }
        text + "  end if;\n"
    }
}
