//! Why a row passes or not: what every rule and each of its conditions is for it.

mod text;

use postern_base::RelationName;
use postern_db::Trial;
use postern_policy::{Access, Assurance, Expr, RuleDetail, RuleTruth, Side, Truths, Verb, Verdict};
use postern_query::tool::{self, Asked, Question, Shown, Which};
use postern_query::{Grant, View};
use serde_json::Value;

use crate::Error;

/// Most rows that one question looks at.
pub(crate) const ROWS_MAX: u64 = 200;

/// What is asked.
#[derive(Clone, Debug)]
pub struct WhyQuestion {
    /// The relation.
    pub relation: RelationName,
    /// The verb.
    pub verb: Verb,
    /// Which stored rows: columns and their values; all of them when empty.
    pub of: Vec<(String, String)>,
    /// For an insert the new row, for an update what is assigned: a JSON object.
    pub values: Option<Value>,
}

/// What the rules make of the rows.
#[derive(Clone, Debug)]
pub struct Why {
    /// The caller's role.
    pub role: String,
    /// Whether any rule allows the role the verb at all.
    pub granted: bool,
    /// What the verb demands of the sign-in, and whether the caller's meets it.
    pub assurance: Option<(Assurance, bool)>,
    /// The rows, those that are stored first.
    pub rows: Vec<RowVerdict>,
}

/// What the rules make of one row.
#[derive(Clone, Debug)]
pub struct RowVerdict {
    /// The row's primary key, or all of it.
    pub row: Value,
    /// Whether the row is stored or would be written.
    pub side: Side,
    /// The rules in the order of the file.
    pub truths: Vec<RuleTruth>,
}

impl RowVerdict {
    /// Which rule decides.
    pub fn verdict(&self) -> Verdict<'_> {
        Verdict::of(&self.truths)
    }
}

/// Asks the database what the caller's rules are for rows.
///
/// # Errors
/// When there is no such relation or column, or the database refuses a condition for a row.
pub async fn why(trial: &Trial, view: &View<'_>, question: &WhyQuestion) -> Result<Why, Error> {
    let name = &question.relation;
    let relation = view.catalog().relation(name);
    let relation = relation.ok_or_else(|| Error::NoRelation(name.clone()))?;
    for (column, _) in &question.of {
        if relation.column(column).is_none() {
            let message = format!("`{name}` has no column `{column}`");
            return Err(Error::Question(message));
        }
    }
    let access = match view.grant(name, question.verb) {
        Some(Grant::Rules(access)) => Some(access),
        Some(Grant::Bypass) | None => None,
    };
    let mut asking = Asking {
        trial,
        view,
        question,
        access,
        rules: rules(view, question),
        rows: Vec::new(),
    };
    asking.rows().await?;
    let now = view.now();
    let claims = view.identity().claims();
    Ok(Why {
        role: view.role_name().to_owned(),
        granted: view.grant(name, question.verb).is_some(),
        assurance: access
            .and_then(|it| it.assurance)
            .map(|it| (it, it.check(claims, now).is_ok())),
        rows: asking.rows,
    })
}

fn rules<'v>(view: &View<'v>, question: &WhyQuestion) -> Vec<&'v RuleDetail> {
    match view.role() {
        Some(role) => {
            let rules = view
                .bundle()
                .rules_of(&question.relation, role, question.verb);
            rules.collect()
        }
        None => Vec::new(),
    }
}

struct Asking<'q, 'v> {
    trial: &'q Trial,
    view: &'q View<'v>,
    question: &'q WhyQuestion,
    access: Option<&'q Access>,
    rules: Vec<&'v RuleDetail>,
    rows: Vec<RowVerdict>,
}

impl Asking<'_, '_> {
    /// The stored rows by what the verb looks at, then what would be written.
    async fn rows(&mut self) -> Result<(), Error> {
        let question = self.question;
        if question.verb != Verb::Insert {
            self.ask(Asked::Stored(Which::Of(&question.of)), Side::Existing)
                .await?;
        }
        let objects = match &question.values {
            Some(Value::Array(items)) => items.iter().collect(),
            Some(value) => vec![value],
            None => Vec::new(),
        };
        for object in objects {
            let Value::Object(fields) = object else {
                return Err(Error::Question("a new row is a JSON object".into()));
            };
            let text = object.to_string();
            let columns: Vec<_> = fields.keys().cloned().collect();
            let asked = match question.verb {
                Verb::Insert => Asked::New(&text),
                Verb::Update => Asked::Updated {
                    of: Which::Of(&question.of),
                    values: &text,
                    columns: &columns,
                },
                Verb::Select | Verb::Delete => continue,
            };
            self.ask(asked, Side::New).await?;
        }
        Ok(())
    }

    async fn ask(&mut self, asked: Asked<'_>, side: Side) -> Result<(), Error> {
        let name = &self.question.relation;
        let relation = self.view.catalog().relation(name);
        let relation = relation.ok_or_else(|| Error::NoRelation(name.clone()))?;
        let questions: Vec<Vec<&Expr>> = self
            .rules
            .iter()
            .map(|it| RuleTruth::questions(it, side))
            .collect();
        let conditions: Vec<&Expr> = questions.iter().flatten().copied().collect();
        let statement = tool::truths(
            self.view,
            Question {
                relation,
                access: self.access,
                conditions: &conditions,
                asked,
                shown: Shown::Key,
                rows_max: ROWS_MAX,
            },
        );
        let statement = statement.map_err(|error| Error::Unprintable {
            relation: name.clone(),
            reason: error.message,
        })?;
        let text = self.trial.ask(&statement).await?;
        for (row, answers) in read(&text).ok_or_else(|| Error::Shape(name.clone()))? {
            let asked = (questions.as_slice(), answers.as_slice());
            let truths = put_together(self.view, &self.rules, asked, side);
            self.rows.push(RowVerdict { row, side, truths });
        }
        Ok(())
    }
}

/// Puts the answers to the questions about each rule back together.
pub(crate) fn put_together(
    view: &View<'_>,
    rules: &[&RuleDetail],
    (questions, answers): (&[Vec<&Expr>], &[Truths]),
    side: Side,
) -> Vec<RuleTruth> {
    let mut rest = answers;
    let mut truths = Vec::new();
    for (rule, asked) in rules.iter().zip(questions) {
        let (own, others) = rest.split_at(asked.len().min(rest.len()));
        rest = others;
        truths.push(match rule.assurance {
            None => RuleTruth::new(rule, side, own),
            // Decided before SQL, from the claims.
            Some(assurance) => RuleTruth {
                text: assurance.to_string(),
                whole: Some(
                    assurance
                        .check(view.identity().claims(), view.now())
                        .is_ok(),
                ),
                parts: Vec::new(),
                ..RuleTruth::new(rule, side, own)
            },
        });
    }
    truths
}

/// Reads `[{"row": …, "truths": [true, null, …]}]`.
fn read(text: &str) -> Option<Vec<(Value, Vec<Truths>)>> {
    let Value::Array(rows) = serde_json::from_str(text).ok()? else {
        return None;
    };
    let mut read = Vec::new();
    for mut row in rows {
        let key = row.get_mut("row").map(Value::take)?;
        let truths = row.get("truths")?.as_array()?;
        read.push((key, truths.iter().map(Value::as_bool).collect()));
    }
    Some(read)
}
