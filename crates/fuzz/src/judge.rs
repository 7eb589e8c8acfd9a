//! Whether a whole statement is one that the rewriter may send.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::world::World;

/// What a statement refers to, as Postgres reads it.
#[derive(Debug, Default)]
struct Found {
    relations: BTreeSet<(String, String)>,
    functions: BTreeSet<Vec<String>>,
    parameters: BTreeSet<u64>,
    queries: BTreeSet<String>,
}

/// Checks a statement with this many parameters.
///
/// # Errors
/// Says what is wrong with it.
pub fn judge(sql: &str, parameters: usize) -> Result<(), String> {
    let tree = pg_query::parse(sql, pg_query::ParserOptions::default())
        .map_err(|error| format!("Postgres cannot read it: {error}"))?;
    if tree.protobuf.stmts.len() != 1 {
        return Err(format!("{} statements", tree.protobuf.stmts.len()));
    }
    if !sql.starts_with("SELECT") && !sql.starts_with("WITH") {
        return Err("it starts with another word than SELECT and WITH".into());
    }
    let tree = serde_json::to_value(&tree.protobuf).map_err(|error| error.to_string())?;
    let mut found = Found::default();
    found.walk(&tree);
    found.judge(parameters)
}

impl Found {
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|it| self.walk(it)),
            Value::Object(fields) => {
                for (name, inside) in fields {
                    self.note(name, inside);
                    self.walk(inside);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, name: &str, inside: &Value) {
        let text = |key: &str| inside[key].as_str().unwrap_or_default().to_owned();
        match name {
            // The target of a write stands outside of a node of its own.
            "RangeVar" | "relation" if inside.is_object() => {
                self.relations.insert((text("schemaname"), text("relname")));
            }
            "FuncCall" => {
                let parts = inside["funcname"].as_array().into_iter().flatten();
                let part = |it: &Value| it["node"]["String"]["sval"].as_str().map(str::to_owned);
                self.functions.insert(parts.filter_map(part).collect());
            }
            "ParamRef" => {
                self.parameters.extend(inside["number"].as_u64());
            }
            "CommonTableExpr" => {
                self.queries.insert(text("ctename"));
            }
            _ => {}
        }
    }

    fn judge(&self, parameters: usize) -> Result<(), String> {
        let catalog = &World::get().catalog;
        for (schema, name) in &self.relations {
            let of_ours = schema.is_empty() && self.queries.contains(name);
            let known = catalog
                .relations()
                .any(|it| it.name.schema == *schema && it.name.name == *name);
            if !of_ours && !known {
                return Err(format!("it reads {schema}.{name}"));
            }
        }
        for name in &self.functions {
            let parts: Vec<&str> = name.iter().map(String::as_str).collect();
            let known = match parts.as_slice() {
                ["pg_catalog" | "postern", _] => true,
                ["public", name] => catalog.functions().any(|it| it.name.name == *name),
                _ => false,
            };
            if !known {
                return Err(format!("it calls {}", parts.join(".")));
            }
        }
        let wanted: BTreeSet<u64> = (1..=parameters as u64).collect();
        if self.parameters != wanted {
            let used = &self.parameters;
            return Err(format!("it has {parameters} parameters and uses {used:?}"));
        }
        Ok(())
    }
}
