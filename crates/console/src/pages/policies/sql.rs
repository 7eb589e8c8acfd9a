//! What the rewriter makes of a plain request to a table, verb by verb, with the places where the
//! rules stand in it.

use postern_base::limits::Limits;
use postern_base::{Claims, Identity, RelationName, RoleName, Trust};
use postern_policy::{RuleDetail, Side, Verb, describe};
use postern_query::request::{Method, RawRequest, Representation, Target};
use postern_query::{Rewritten, View, tool};
use postern_rest::Snapshot;
use serde_json::{Map, Value, json};

/// A user whom nobody is, for statements that are shown only.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The statement of one verb.
pub(crate) struct VerbSql {
    pub(crate) verb: &'static str,
    /// The request that it is made of.
    pub(crate) request: String,
    /// Its text in pieces, or the refusal.
    pub(crate) text: Result<Vec<Piece>, String>,
}

/// A piece of a statement, with the rule that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) rule: Option<RulePlace>,
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RulePlace {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// The statements of all verbs for a role.
pub(crate) fn of_role(
    snapshot: &Snapshot,
    relation: &RelationName,
    role: &RoleName,
    limits: &Limits,
) -> Vec<VerbSql> {
    let Some(identity) = somebody(snapshot, role) else {
        return Vec::new();
    };
    let (catalog, bundle) = (&snapshot.catalog, &snapshot.bundle);
    let view = View::of_role(catalog, bundle, &identity, role.clone());
    let of_verb = |verb| of_verb(&view, relation, verb, limits);
    Verb::ALL.into_iter().map(of_verb).collect()
}

/// A caller of a role, with the claims that every token has.
fn somebody(snapshot: &Snapshot, role: &RoleName) -> Option<Identity> {
    let root = snapshot.bundle.role_chain(role).pop()?;
    let mut claims = Map::new();
    claims.insert("role".into(), json!(root.as_str()));
    if root.as_str() != RoleName::ANON {
        claims.insert("sub".into(), json!(NOBODY));
    }
    Identity::from_verified(Claims::new(claims), Trust::Project).ok()
}

fn of_verb(view: &View<'_>, relation: &RelationName, verb: Verb, limits: &Limits) -> VerbSql {
    let asked = Asked::of(view, relation, verb);
    let text = asked.rewritten(view, limits);
    VerbSql {
        verb: verb.as_str(),
        request: asked.line(),
        text: text.map(|it| pieces(view, relation, verb, it.sql())),
    }
}

/// A plain request to a table.
struct Asked<'r> {
    relation: &'r RelationName,
    method: Method,
    query: String,
    body: Option<String>,
}

impl<'r> Asked<'r> {
    fn of(view: &View<'_>, relation: &'r RelationName, verb: Verb) -> Self {
        let table = view.catalog().relation(relation);
        let columns = table.map(|it| view.columns(it, verb)).unwrap_or_default();
        let key = table.and_then(|it| it.primary_key.first());
        let of_key = key.map(|it| format!("{it}=eq.1")).unwrap_or_default();
        let values = || {
            let nulls = columns.iter().map(|it| ((*it).to_owned(), Value::Null));
            Some(Value::from(nulls.collect::<Map<_, _>>()).to_string())
        };
        let (method, query, body) = match verb {
            Verb::Select => (Method::Get, format!("select={}", columns.join(",")), None),
            Verb::Insert => (Method::Post, String::new(), values()),
            Verb::Update => (Method::Patch, of_key, values()),
            Verb::Delete => (Method::Delete, of_key, None),
        };
        Self {
            relation,
            method,
            query,
            body,
        }
    }

    fn line(&self) -> String {
        let method = format!("{:?}", self.method).to_uppercase();
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!(
            "{method} /rest/v1/{}{mark}{}",
            self.relation.name, self.query
        )
    }

    fn rewritten(&self, view: &View<'_>, limits: &Limits) -> Result<Rewritten, String> {
        let raw = RawRequest {
            method: self.method,
            target: Target::Relation(self.relation.name.clone()),
            schema: &self.relation.schema,
            query: &self.query,
            prefer: Vec::new(),
            range: None,
            representation: Representation::default(),
            body: self.body.as_deref().map(Into::into),
        };
        let parsed = postern_query::parse(&raw, limits);
        let rewritten = parsed
            .and_then(|it| postern_query::plan(it, view, limits))
            .and_then(|it| postern_query::rewrite(&it, view));
        rewritten.map_err(|error| format!("{} {}", error.code.code, error.message))
    }
}

/// Cuts a statement at the rules that stand in it.
fn pieces(view: &View<'_>, relation: &RelationName, verb: Verb, sql: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut look_for = |verb, side| {
        let rules = view
            .role()
            .map(|role| view.bundle().rules_of(relation, role, verb));
        for rule in rules.into_iter().flatten() {
            if let Some(place) = place_of(view, rule, side, sql) {
                found.push((place, rule_place(rule)));
            }
        }
    };
    look_for(verb, Side::Existing);
    if matches!(verb, Verb::Update | Verb::Delete) {
        look_for(Verb::Select, Side::Existing);
    }
    found.sort_by_key(|((from, to), _)| (*from, usize::MAX - *to));
    cut(sql, &found)
}

fn rule_place(rule: &RuleDetail) -> RulePlace {
    let reference = &rule.reference;
    RulePlace {
        name: format!(
            "{} \"{}\": {}",
            reference.kind,
            reference.name,
            describe(&rule.condition)
        ),
        file: reference.file.clone(),
        line: reference.line,
    }
}

/// Where a rule's condition stands in a statement. The numbers of parameters depend on what was
/// printed before, so they are not compared.
fn place_of(view: &View<'_>, rule: &RuleDetail, side: Side, sql: &str) -> Option<(usize, usize)> {
    let condition = rule.text(side);
    // A constant stands everywhere and says nothing.
    if condition.is_true() || condition.is_false() {
        return None;
    }
    let wanted = tool::condition_text(view, condition).ok()?;
    let (plain, offsets) = without_numbers(sql);
    let (wanted, _) = without_numbers(&wanted);
    // A mask may say the same further to the front.
    let from = plain.rfind(&wanted)?;
    Some((*offsets.get(from)?, *offsets.get(from + wanted.len())?))
}

/// The text with `$12` as `$`, and for each of its bytes the place in the original.
fn without_numbers(sql: &str) -> (String, Vec<usize>) {
    let (mut plain, mut offsets) = (String::with_capacity(sql.len()), Vec::new());
    let mut after_dollar = false;
    for (index, character) in sql.char_indices() {
        if after_dollar && character.is_ascii_digit() {
            continue;
        }
        after_dollar = character == '$';
        plain.push(character);
        offsets.extend(std::iter::repeat_n(index, character.len_utf8()));
    }
    offsets.push(sql.len());
    (plain, offsets)
}

/// Cuts the text; where two rules overlap, the first is shown.
fn cut(sql: &str, found: &[((usize, usize), RulePlace)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for ((from, to), rule) in found {
        if *from < at {
            continue;
        }
        pieces.push(plain(&sql[at..*from]));
        pieces.push(Piece {
            text: sql[*from..*to].to_owned(),
            rule: Some(rule.clone()),
        });
        at = *to;
    }
    pieces.push(plain(&sql[at..]));
    pieces.retain(|it| !it.text.is_empty());
    pieces
}

/// Text between rules, with a line for each of its clauses.
fn plain(text: &str) -> Piece {
    const CLAUSES: [&str; 6] = [
        " FROM ",
        " WHERE ",
        " ORDER BY ",
        " LIMIT ",
        " SET ",
        " RETURNING ",
    ];
    let mut text = text.to_owned();
    for clause in CLAUSES {
        text = text.replace(clause, &format!("\n{}", clause.trim_start()));
    }
    Piece { text, rule: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: usize) -> RulePlace {
        RulePlace {
            name: "own".into(),
            file: "policies/a.toml".into(),
            line,
        }
    }

    #[test]
    fn numbers_of_parameters_are_passed_over() {
        let (plain, offsets) = without_numbers("a = $12 or ü = $3");

        assert_eq!(plain, "a = $ or ü = $");
        assert_eq!(offsets[plain.find("ü").unwrap()], "a = $12 or ".len());
        assert_eq!(offsets[plain.len()], "a = $12 or ü = $3".len());
    }

    #[test]
    fn a_statement_is_cut_at_its_rules_and_loses_nothing() {
        let sql = "SELECT a FROM t WHERE (x = $1) AND (y)";
        let from = sql.find("(x").unwrap();
        let whole = ((from, from + 8), place(3));
        let inside = ((from + 1, from + 4), place(5));

        let pieces = cut(sql, &[whole, inside]);

        let text: String = pieces.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(text.replace('\n', " "), sql);
        let marked: Vec<_> = pieces.iter().filter_map(|it| it.rule.as_ref()).collect();
        assert_eq!(marked, [&place(3)]);
    }
}
