//! Random policies, each written as a policy file and as `CREATE POLICY`.

use std::fmt::Write as _;

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

use super::world::{TABLES, Table};

const VERBS: [&str; 4] = ["select", "insert", "update", "delete"];

/// The policies of one table.
pub(crate) struct TablePolicies {
    pub(crate) table: &'static Table,
    rules: Vec<Rule>,
}

struct Rule {
    kind: &'static str,
    verbs: Vec<&'static str>,
    condition: String,
    check: Option<String>,
    as_caller: bool,
}

/// Makes policies for every table of a world.
pub(crate) fn random(random: &mut StdRng, schema: &str) -> Vec<TablePolicies> {
    let mut made: Vec<TablePolicies> = Vec::new();
    for table in &TABLES {
        let items_readable = made.first().is_some_and(|it| it.allows("select"));
        let mut rules = Vec::new();
        for _ in 0..random.random_range(1..=4) {
            rules.push(rule(random, "allow", table, schema, items_readable));
        }
        for kind in ["require", "deny"] {
            if random.random_bool(0.3) {
                rules.push(rule(random, kind, table, schema, items_readable));
            }
        }
        made.push(TablePolicies { table, rules });
    }
    made
}

fn rule(
    random: &mut StdRng,
    kind: &'static str,
    table: &Table,
    schema: &str,
    items_readable: bool,
) -> Rule {
    let likely = if kind == "allow" { 0.7 } else { 0.5 };
    let mut verbs: Vec<_> = VERBS
        .iter()
        .copied()
        .filter(|_| random.random_bool(likely))
        .collect();
    if verbs.is_empty() {
        verbs.push("select");
    }
    if table.name == "notes" && items_readable && kind == "allow" && random.random_bool(0.2) {
        let condition = format!("item IN (SELECT i.id FROM {schema}.items i WHERE i.n > 1)");
        return Rule {
            kind,
            verbs,
            condition,
            check: None,
            as_caller: true,
        };
    }
    let generous = kind == "allow" && random.random_bool(0.3);
    let condition = if generous {
        "TRUE".into()
    } else {
        condition(random, table, schema, 2)
    };
    let writes = verbs
        .iter()
        .any(|verb| matches!(*verb, "insert" | "update"));
    let check = (kind != "deny" && writes && random.random_bool(0.4))
        .then(|| self::condition(random, table, schema, 1));
    Rule {
        kind,
        verbs,
        condition,
        check,
        as_caller: false,
    }
}

fn condition(random: &mut StdRng, table: &Table, schema: &str, depth: u32) -> String {
    let sub = |random: &mut StdRng| condition(random, table, schema, depth.saturating_sub(1));
    match random.random_range(0..if depth == 0 { 1 } else { 5 }) {
        1 => format!("({} AND {})", sub(random), sub(random)),
        2 => format!("({} OR {})", sub(random), sub(random)),
        3 => format!("NOT ({})", sub(random)),
        _ => atom(random, table, schema),
    }
}

fn atom(random: &mut StdRng, table: &Table, schema: &str) -> String {
    let number = random.random_range(0..9);
    let mut atoms = vec![
        format!("id > {number}"),
        "auth.jwt() ->> 'level' = 'high'".to_owned(),
        "auth.uid() IS NOT NULL".to_owned(),
    ];
    for (column, ty) in table.columns {
        match *ty {
            "uuid" => atoms.extend([
                format!("{column} = auth.uid()"),
                format!("{column} = auth.uid()"),
                format!("{column} IS DISTINCT FROM auth.uid()"),
                format!("({column} = auth.uid()) IS NOT FALSE"),
            ]),
            "bool" => atoms.push((*column).to_owned()),
            "int" if *column == "grp" => atoms.push(format!(
                "grp IN (SELECT m.grp FROM {schema}.members m WHERE m.uid = auth.uid())"
            )),
            "int" => atoms.extend([
                format!("{column} <= {number}"),
                format!("COALESCE({column}, {number}) BETWEEN 2 AND 8"),
                format!("{column} IN (1, 2, 3, {number})"),
            ]),
            "text" => atoms.push(format!("{column} LIKE 'a%'")),
            "jsonb" => atoms.push(format!("{column} ->> 'k' = 'apple'")),
            _ => {}
        }
    }
    if table.name == "item_tags" {
        atoms.retain(|it| !it.starts_with("id "));
    }
    atoms.choose(random).cloned().unwrap_or_default()
}

impl TablePolicies {
    fn allows(&self, verb: &str) -> bool {
        self.rules
            .iter()
            .any(|it| it.kind == "allow" && it.verbs.contains(&verb))
    }

    /// Whether any verb is granted; a table without a grant has no file.
    pub(crate) fn is_granted(&self) -> bool {
        VERBS.iter().any(|verb| self.allows(verb))
    }

    /// The policy file.
    pub(crate) fn file(&self, schema: &str) -> String {
        let columns: Vec<_> = self
            .table
            .columns
            .iter()
            .map(|(name, _)| format!("{name:?}"))
            .collect();
        let columns = columns.join(", ");
        let mut text = format!(
            "table = \"{schema}.{}\"\n[limits.authenticated]\naggregates = true\n\
             [columns.authenticated]\n",
            self.table.name
        );
        for verb in ["select", "insert", "update"]
            .iter()
            .filter(|verb| self.allows(verb))
        {
            let _ = writeln!(text, "{verb} = [{columns}]");
        }
        for (index, rule) in self.rules.iter().enumerate() {
            let _ = writeln!(text, "[[{}]]\nname = \"rule {index}\"", rule.kind);
            let _ = writeln!(text, "roles = [\"authenticated\"]\nfor = {:?}", rule.verbs);
            let condition = if rule.kind == "deny" { "when" } else { "where" };
            let _ = writeln!(text, "{condition} = {:?}", rule.condition);
            if let Some(check) = &rule.check {
                let _ = writeln!(text, "check = {check:?}");
            }
            if rule.as_caller {
                text.push_str("scope = \"caller\"\n");
            }
        }
        text
    }

    /// The same as grants and native policies.
    pub(crate) fn native(&self, schema: &str, role: &str) -> String {
        let table = format!("{schema}.{}", self.table.name);
        let mut sql = format!("alter table {table} enable row level security;");
        for verb in VERBS.iter().filter(|verb| self.allows(verb)) {
            let _ = write!(sql, "grant {verb} on {table} to {role};");
        }
        for (index, rule) in self.rules.iter().enumerate() {
            for verb in &rule.verbs {
                sql.push_str(&rule.native(&table, role, verb, index));
            }
        }
        sql
    }
}

impl Rule {
    fn native(&self, table: &str, role: &str, verb: &str, index: usize) -> String {
        let mode = if self.kind == "allow" {
            "permissive"
        } else {
            "restrictive"
        };
        let condition = match self.kind {
            "deny" => format!("({}) IS FALSE", self.condition),
            _ => self.condition.clone(),
        };
        let check = self.check.as_ref().unwrap_or(&condition);
        let clauses = match verb {
            "insert" => format!("with check ({check})"),
            "update" => format!("using ({condition}) with check ({check})"),
            _ => format!("using ({condition})"),
        };
        format!(
            "create policy r{index}_{verb} on {table} as {mode} for {verb} to {role} {clauses};"
        )
    }
}
