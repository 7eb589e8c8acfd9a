//! Stored rows and new ones as a caller's rules judge them, allowed and denied alike.
//!
//! Nothing is written: conditions are columns of a `SELECT`, and rows that would be written exist
//! only as `json_populate_record`. So no trigger runs and no sequence moves.

use postern_base::RelationName;
use postern_catalog::Relation;
use postern_db::Trial;
use postern_policy::{Access, Assurance, Expr, RuleDetail, RuleTruth, Side, Truths, Verb, Verdict};
use postern_query::tool::{self, Asked, Question, Shown, Sift, Which};
use postern_query::{Grant, Sought, View};
use serde_json::{Map, Value};

use crate::Error;
use crate::why::put_together;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct SampleQuestion<'q> {
    /// The relation.
    pub relation: &'q RelationName,
    /// The verb.
    pub verb: Verb,
    /// The stored rows that a request names; all of them without one.
    pub sought: Option<&'q Sought>,
    /// For an insert the new rows, for an update what is assigned, in the first: JSON objects.
    pub values: &'q [Map<String, Value>],
    /// Most rows of each kind, allowed and denied.
    pub rows_max: u64,
}

/// What the rules make of some rows.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The caller's role.
    pub role: String,
    /// Whether no rule speaks of the caller at all.
    pub bypasses: bool,
    /// Whether any rule allows the role the verb at all.
    pub granted: bool,
    /// What the verb demands of the sign-in, and whether the caller's meets it.
    pub assurance: Option<(Assurance, bool)>,
    /// The columns that the verb's grant names; for delete none.
    pub columns: Vec<String>,
    /// How many stored rows pass, where that could be counted in time.
    pub passing: Option<u64>,
    /// The rows.
    pub rows: Vec<SampledRow>,
}

/// What the rules make of one row.
#[derive(Clone, Debug)]
pub struct SampledRow {
    /// Its primary key, or all of it.
    pub key: Value,
    /// All of it.
    pub cells: Map<String, Value>,
    /// What must pass, one after the other.
    pub hurdles: Vec<Hurdle>,
    /// The columns that the caller sees masked.
    pub masked: Vec<String>,
}

/// One of the conditions that must hold for a row.
#[derive(Clone, Debug)]
pub struct Hurdle {
    /// Whose rules these are: the verb's own, or those of select, which writes must pass as well.
    pub verb: Verb,
    /// Whether the row is stored or would be written.
    pub side: Side,
    /// The rules in the order of the file.
    pub truths: Vec<RuleTruth>,
}

impl Hurdle {
    /// Which rule decides.
    pub fn verdict(&self) -> Verdict<'_> {
        Verdict::of(&self.truths)
    }
}

impl SampledRow {
    /// The first hurdle that it does not pass.
    pub fn stopped_by(&self) -> Option<&Hurdle> {
        self.hurdles.iter().find(|it| !it.verdict().is_allowed())
    }
}

/// Looks at rows that a caller reaches by a verb, and at rows that they do not.
///
/// # Errors
/// When there is no such relation or column, or the database refuses a condition, or takes too
/// long.
pub async fn sample(
    trial: &Trial,
    view: &View<'_>,
    question: SampleQuestion<'_>,
) -> Result<Sample, Error> {
    let asking = Asking::new(trial, view, question)?;
    let mut rows = Vec::new();
    let mut passing = None;
    if question.verb == Verb::Insert {
        let most = usize::try_from(question.rows_max).unwrap_or(usize::MAX);
        for values in question.values.iter().take(most) {
            rows.extend(asking.new_row(values).await?);
        }
    } else {
        let filter = asking.filter();
        for side in [Sift::True, Sift::NotTrue] {
            let which = Which::Sifted {
                sought: question.sought,
                condition: &filter,
                side,
            };
            rows.extend(asking.stored(which).await?);
        }
        let counted = tool::count(view, asking.relation, Some(&filter));
        let counted = counted.map_err(|error| asking.unprintable(error))?;
        // A count that takes too long is left out; the rows are what was asked for.
        passing = trial
            .ask(&counted)
            .await
            .ok()
            .and_then(|it| it.parse().ok());
    }
    Ok(asking.finish(rows, passing))
}

/// Looks at rows of an earlier sample by their keys, under other rules perhaps.
///
/// # Errors
/// As [`sample`].
pub async fn sample_keys(
    trial: &Trial,
    view: &View<'_>,
    question: SampleQuestion<'_>,
    keys: &[Value],
) -> Result<Sample, Error> {
    let asking = Asking::new(trial, view, question)?;
    let keys = Value::from(keys.to_vec()).to_string();
    let rows = asking.stored(Which::Keyed(&keys)).await?;
    Ok(asking.finish(rows, None))
}

struct Asking<'q, 'v> {
    trial: &'q Trial,
    view: &'q View<'v>,
    question: SampleQuestion<'q>,
    relation: &'v Relation,
    access: Option<&'v Access>,
    /// What select grants, for a verb that reads on the way.
    select: Option<&'v Access>,
    rules: Vec<&'v RuleDetail>,
    select_rules: Vec<&'v RuleDetail>,
}

impl<'q, 'v> Asking<'q, 'v> {
    fn new(
        trial: &'q Trial,
        view: &'q View<'v>,
        question: SampleQuestion<'q>,
    ) -> Result<Self, Error> {
        let name = question.relation;
        let relation = view.catalog().relation(name);
        let relation = relation.ok_or_else(|| Error::NoRelation(name.clone()))?;
        for column in question.values.iter().flat_map(Map::keys) {
            if relation.column(column).is_none() {
                let message = format!("`{name}` has no column `{column}`");
                return Err(Error::Question(message));
            }
        }
        let access = |verb| match view.grant(name, verb) {
            Some(Grant::Rules(access)) => Some(access),
            Some(Grant::Bypass) | None => None,
        };
        let rules = |verb| -> Vec<&RuleDetail> {
            let of_role = view
                .role()
                .map(|role| view.bundle().rules_of(name, role, verb));
            of_role.into_iter().flatten().collect()
        };
        let reads = matches!(question.verb, Verb::Update | Verb::Delete);
        Ok(Self {
            trial,
            view,
            question,
            relation,
            access: access(question.verb),
            select: access(Verb::Select).filter(|_| reads),
            rules: rules(question.verb),
            select_rules: if reads {
                rules(Verb::Select)
            } else {
                Vec::new()
            },
        })
    }

    fn reads(&self) -> bool {
        matches!(self.question.verb, Verb::Update | Verb::Delete)
    }

    fn bypasses(&self) -> bool {
        let grant = self.view.grant(self.question.relation, self.question.verb);
        matches!(grant, Some(Grant::Bypass))
    }

    /// What stored rows must satisfy to be reached.
    fn filter(&self) -> Expr {
        if self.bypasses() {
            return Expr::Bool(true);
        }
        let of = |access: Option<&Access>| access.map_or(Expr::Bool(false), |it| it.filter.clone());
        match self.reads() {
            true => Expr::all(vec![of(self.access), of(self.select)]),
            false => of(self.access),
        }
    }

    /// Judges stored rows, and for an update what they would become.
    async fn stored(&self, which: Which<'_>) -> Result<Vec<SampledRow>, Error> {
        let mut hurdles = vec![(self.question.verb, Side::Existing, self.rules.as_slice())];
        if self.reads() {
            hurdles.push((Verb::Select, Side::Existing, &self.select_rules));
        }
        let mut rows = self.ask(Asked::Stored(which), &hurdles).await?;
        let values = self.question.values.first();
        let Some(values) = values.filter(|_| self.question.verb == Verb::Update) else {
            return Ok(rows);
        };
        if rows.is_empty() {
            return Ok(rows);
        }
        let keys = Value::from(rows.iter().map(|it| it.key.clone()).collect::<Vec<_>>());
        let (keys, text) = (keys.to_string(), Value::from(values.clone()).to_string());
        let columns: Vec<_> = values.keys().cloned().collect();
        let asked = Asked::Updated {
            of: Which::Keyed(&keys),
            values: &text,
            columns: &columns,
        };
        let mut hurdles = vec![(Verb::Update, Side::New, self.rules.as_slice())];
        if self.access.is_none_or(|it| it.select_check) {
            hurdles.push((Verb::Select, Side::New, &self.select_rules));
        }
        for changed in self.ask(asked, &hurdles).await? {
            if let Some(row) = rows.iter_mut().find(|it| it.key == changed.key) {
                row.hurdles.extend(changed.hurdles);
            }
        }
        Ok(rows)
    }

    async fn new_row(&self, values: &Map<String, Value>) -> Result<Vec<SampledRow>, Error> {
        let text = Value::from(values.clone()).to_string();
        let hurdles = [(Verb::Insert, Side::New, self.rules.as_slice())];
        self.ask(Asked::New(&text), &hurdles).await
    }

    async fn ask(
        &self,
        asked: Asked<'_>,
        hurdles: &[(Verb, Side, &[&RuleDetail])],
    ) -> Result<Vec<SampledRow>, Error> {
        let masks = match (self.question.verb, asked) {
            (Verb::Select, Asked::Stored(_)) => self.access.map(|it| &it.masks),
            _ => None,
        };
        let masks: Vec<_> = masks.into_iter().flatten().collect();
        let mut conditions: Vec<&Expr> = Vec::new();
        for (_, side, rules) in hurdles {
            conditions.extend(rules.iter().flat_map(|it| RuleTruth::questions(it, *side)));
        }
        let of_rules = conditions.len();
        conditions.extend(masks.iter().map(|(_, mask)| &mask.unless));
        let statement = tool::truths(
            self.view,
            Question {
                relation: self.relation,
                access: self.access,
                conditions: &conditions,
                asked,
                shown: Shown::Cells,
                rows_max: self.question.rows_max,
            },
        );
        let statement = statement.map_err(|error| self.unprintable(error))?;
        let text = self.trial.ask(&statement).await?;
        let shape = || Error::Shape(self.question.relation.clone());
        let mut rows = Vec::new();
        for (key, cells, answers) in read(&text).ok_or_else(shape)? {
            let (truths, unless) = answers.split_at(of_rules.min(answers.len()));
            let hidden = masks.iter().zip(unless);
            let hidden = hidden.filter(|(_, unless)| **unless != Some(true));
            rows.push(SampledRow {
                key,
                cells,
                hurdles: self.hurdles(hurdles, truths),
                masked: hidden.map(|((column, _), _)| (*column).clone()).collect(),
            });
        }
        Ok(rows)
    }

    fn hurdles(
        &self,
        hurdles: &[(Verb, Side, &[&RuleDetail])],
        mut truths: &[Truths],
    ) -> Vec<Hurdle> {
        let mut all = Vec::new();
        for (verb, side, rules) in hurdles {
            let asked: Vec<_> = rules
                .iter()
                .map(|it| RuleTruth::questions(it, *side))
                .collect();
            let count: usize = asked.iter().map(Vec::len).sum();
            let (own, rest) = truths.split_at(count.min(truths.len()));
            truths = rest;
            if self.bypasses() {
                continue;
            }
            all.push(Hurdle {
                verb: *verb,
                side: *side,
                truths: put_together(self.view, rules, (&asked, own), *side),
            });
        }
        all
    }

    fn finish(&self, rows: Vec<SampledRow>, passing: Option<u64>) -> Sample {
        let (claims, now) = (self.view.identity().claims(), self.view.now());
        let grant = self.view.grant(self.question.relation, self.question.verb);
        let columns = match self.question.verb {
            Verb::Delete => Vec::new(),
            verb => self.view.columns(self.relation, verb),
        };
        Sample {
            role: self.view.role_name().to_owned(),
            bypasses: self.bypasses(),
            granted: grant.is_some(),
            assurance: self
                .access
                .and_then(|it| it.assurance)
                .map(|it| (it, it.check(claims, now).is_ok())),
            columns: columns.into_iter().map(ToOwned::to_owned).collect(),
            passing,
            rows,
        }
    }

    fn unprintable(&self, error: postern_query::Error) -> Error {
        Error::Unprintable {
            relation: self.question.relation.clone(),
            reason: error.message,
        }
    }
}

/// A row's key, the row, and the answers about it.
type Answered = (Value, Map<String, Value>, Vec<Truths>);

/// Reads `[{"row": …, "truths": [true, null, …], "cells": {…}}]`.
fn read(text: &str) -> Option<Vec<Answered>> {
    let Value::Array(rows) = serde_json::from_str(text).ok()? else {
        return None;
    };
    let mut read = Vec::new();
    for mut row in rows {
        let key = row.get_mut("row").map(Value::take)?;
        let Value::Object(cells) = row.get_mut("cells").map(Value::take)? else {
            return None;
        };
        let truths = row.get("truths")?.as_array()?;
        read.push((key, cells, truths.iter().map(Value::as_bool).collect()));
    }
    Some(read)
}
