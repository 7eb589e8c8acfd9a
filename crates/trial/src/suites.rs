//! Running test files: each case from the same rows, each outcome compared, the rules explained
//! where it is another.

use std::collections::BTreeMap;

use postern_base::RelationName;
use postern_policy::{Bundle, Case, Suite, Verb, Verdict, describe};
use postern_query::{Grant, View};
use serde_json::Value;

use crate::judge::{Order, judge};
use crate::mutation::{Alive, Sent};
use crate::report::{CaseReport, SuiteReport, TestReport};
use crate::why::{RowVerdict, Why, WhyQuestion, why};
use crate::{Coverage, Error, RequestLine, Stage, caller};

/// Whether mutants are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// They are not.
    Off,
    /// Every one.
    All,
}

/// How far the tests are.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A case has begun.
    Case {
        /// Its file.
        file: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// A mutant is being run.
    Mutant {
        /// Which.
        number: usize,
        /// Of how many.
        of: usize,
    },
}

/// Runs test files on a stage.
///
/// # Errors
/// When the database or the given rows stand in the way; a failing case is no error.
pub async fn test(
    stage: &Stage,
    suites: &[Suite],
    mutation: Mutation,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<TestReport, Error> {
    let mut coverage = Coverage::of(&stage.bundle);
    let mut alive = (mutation == Mutation::All).then(|| Alive::of(stage));
    let mut reports = Vec::new();
    stage.trial.mark().await?;
    for suite in suites {
        stage.trial.rewind().await?;
        stage.set(suite).await?;
        let mut cases = Vec::new();
        for case in &suite.cases {
            let (file, name) = (suite.file.as_str(), case.name.as_str());
            progress(Progress::Case { file, name });
            cases.push(stage.told_case(case, &mut coverage).await?);
        }
        let passed = cases.iter().all(CaseReport::passed);
        reports.push(SuiteReport {
            file: suite.file.clone(),
            cases,
        });
        // Mutants of a suite that fails by itself would all seem to be noticed.
        if let Some(alive) = alive.as_mut().filter(|_| passed) {
            alive.face(stage, suite, progress).await?;
        }
    }
    Ok(TestReport {
        suites: reports,
        coverage,
        mutation: alive.map(Alive::report),
    })
}

impl Stage {
    /// Runs a case and explains what is wrong.
    async fn told_case(&self, case: &Case, coverage: &mut Coverage) -> Result<CaseReport, Error> {
        let mut tables = BTreeMap::new();
        for name in &case.expected.unchanged {
            tables.insert(name.clone(), self.fingerprint(name).await?);
        }
        let problems = self.case(case, &self.bundle, &tables).await?;
        self.trial.rewind().await?;
        let mut reasons = Vec::new();
        for (asked, why) in self.whys(case).await? {
            why.rows.iter().for_each(|row| coverage.note(row));
            if !problems.is_empty() {
                reasons.extend(told(&asked, &why));
            }
        }
        Ok(CaseReport {
            name: case.name.clone(),
            line: case.line,
            problems,
            reasons,
        })
    }

    /// Runs a case under a bundle; what it expects in vain.
    pub(crate) async fn case(
        &self,
        case: &Case,
        bundle: &Bundle,
        tables: &BTreeMap<RelationName, String>,
    ) -> Result<Vec<String>, Error> {
        let identity = caller::identity(&case.caller, bundle)?;
        let view = match self.view(bundle, &identity) {
            Ok(view) => view,
            Err(outcome) => return Ok(judge(&case.expected, &outcome, Order::Any)),
        };
        let Some(request) = &case.request else {
            return self.nothing_of(case, &view).await;
        };
        let line = RequestLine::parse(request)?;
        let outcome = match self.rewritten(&view, case, &line) {
            Ok(rewritten) => {
                self.trial.rewind().await?;
                self.run(&rewritten, &view, &line).await
            }
            Err(outcome) => outcome,
        };
        let order = if line.is_ordered() {
            Order::Asked
        } else {
            Order::Any
        };
        let mut problems = judge(&case.expected, &outcome, order);
        for name in &case.expected.unchanged {
            if tables.get(name) != Some(&self.fingerprint(name).await?) {
                problems.push(format!("`{name}` is not as it was before"));
            }
        }
        Ok(problems)
    }

    /// What a case sends under a bundle.
    pub(crate) fn sent(&self, case: &Case, bundle: &Bundle) -> Result<Sent, Error> {
        let identity = caller::identity(&case.caller, bundle)?;
        let view = match self.view(bundle, &identity) {
            Ok(view) => view,
            Err(outcome) => return Ok(Sent::Refused(Box::new(outcome))),
        };
        let Some(request) = &case.request else {
            let grants = case.nothing_of.iter().map(|name| {
                let of_verb = |verb| view.grant(name, verb);
                format!("{:?}", Verb::ALL.map(of_verb))
            });
            return Ok(Sent::Grants(grants.collect()));
        };
        let line = RequestLine::parse(request)?;
        Ok(match self.rewritten(&view, case, &line) {
            Ok(it) => Sent::Statement(it.sql().to_owned(), it.params().to_vec()),
            Err(outcome) => Sent::Refused(Box::new(outcome)),
        })
    }

    /// Whether the caller gets anything of these tables by any verb.
    async fn nothing_of(&self, case: &Case, view: &View<'_>) -> Result<Vec<String>, Error> {
        let mut problems = Vec::new();
        for name in &case.nothing_of {
            self.relation(name)?;
            for verb in Verb::ALL {
                let access = match view.grant(name, verb) {
                    None => continue,
                    Some(Grant::Bypass) => {
                        problems.push(format!("no policy holds for the caller on `{name}`"));
                        break;
                    }
                    Some(Grant::Rules(access)) => access,
                };
                let claims = view.identity().claims();
                let unmet = |it: postern_policy::Assurance| it.check(claims, view.now()).is_err();
                if access.assurance.is_some_and(unmet) {
                    continue;
                }
                if verb == Verb::Insert {
                    if !access.check.is_false() {
                        let check = describe(&access.check);
                        problems.push(format!("`{name}` can be inserted into where {check}"));
                    }
                    continue;
                }
                let asked = question(name, verb);
                let rows = why(&self.trial, view, &asked).await?.rows;
                if let Some(row) = rows.iter().find(|it| it.verdict().is_allowed()) {
                    let by = verdict_text(row);
                    let verb = verb.as_str();
                    problems.push(format!(
                        "{verb} of `{name}` reaches the row {}: {by}",
                        row.row
                    ));
                }
            }
        }
        Ok(problems)
    }

    /// The rules that a case's request has to do with, for the rows that there are.
    async fn whys(&self, case: &Case) -> Result<Vec<(WhyQuestion, Why)>, Error> {
        let identity = caller::identity(&case.caller, &self.bundle)?;
        let Ok(view) = self.view(&self.bundle, &identity) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for asked in self.questions(case, &view)? {
            // A condition that fails on some row of the table is the request's own failure.
            if let Ok(why) = why(&self.trial, &view, &asked).await {
                found.push((asked, why));
            }
        }
        Ok(found)
    }

    fn questions(&self, case: &Case, view: &View<'_>) -> Result<Vec<WhyQuestion>, Error> {
        let Some(request) = &case.request else {
            let all = case.nothing_of.iter();
            let all = all.flat_map(|name| Verb::ALL.map(|verb| question(name, verb)));
            return Ok(all.collect());
        };
        let line = RequestLine::parse(request)?;
        let mut asked = Vec::new();
        let root = line.relation(&self.schema);
        if let Some(root) = root.as_ref().filter(|it| self.relation(it).is_ok()) {
            asked.push(WhyQuestion {
                values: case.body.clone().filter(Value::is_object_or_array),
                ..question(root, line.verb())
            });
        }
        if let Ok(rewritten) = self.rewritten(view, case, &line) {
            for relation in self.catalog.relations() {
                let name = &relation.name;
                // The rewriter calls what the request reads `b0`, `b1`, ….
                let read = format!("\"{}\".\"{}\" AS \"b", name.schema, name.name);
                let again = root.as_ref() == Some(name) && line.verb() == Verb::Select;
                if rewritten.sql().contains(&read) && !again {
                    asked.push(question(name, Verb::Select));
                }
            }
        }
        Ok(asked)
    }
}

/// Whether a value can be a row or several.
trait Rows {
    fn is_object_or_array(&self) -> bool;
}

impl Rows for Value {
    fn is_object_or_array(&self) -> bool {
        self.is_object() || self.is_array()
    }
}

fn question(relation: &RelationName, verb: Verb) -> WhyQuestion {
    WhyQuestion {
        relation: relation.clone(),
        verb,
        of: Vec::new(),
        values: None,
    }
}

/// The rules behind a case that failed.
fn told(asked: &WhyQuestion, why: &Why) -> Vec<String> {
    const ROWS_TOLD_MAX: usize = 8;
    let what = format!(
        "{} of {} as {}",
        asked.verb.as_str(),
        asked.relation,
        why.role
    );
    if !why.granted {
        return vec![format!(
            "{what}: no allow rule with columns is for this role"
        )];
    }
    if let Some((assurance, false)) = why.assurance {
        return vec![format!("{what}: the sign-in must be {assurance}")];
    }
    let rows = why.rows.iter().take(ROWS_TOLD_MAX).map(|row| {
        let new = match row.side {
            postern_policy::Side::New => "new row",
            postern_policy::Side::Existing => "row",
        };
        format!("{what}: {new} {}: {}", row.row, verdict_text(row))
    });
    rows.collect()
}

/// The rule that decides about a row, with its place.
pub(crate) fn verdict_text(row: &RowVerdict) -> String {
    let place = |it: &postern_policy::RuleTruth| {
        format!(
            "{} `{}` ({}:{})",
            it.rule.kind, it.rule.name, it.rule.file, it.rule.line
        )
    };
    match row.verdict() {
        Verdict::Allowed(by) => format!("allowed by {}", place(by)),
        Verdict::Blocked(by) => format!("stopped by {}", place(by)),
        Verdict::NotAllowed => {
            let allows = row.truths.iter().filter(|it| it.rule.kind == "allow");
            let allows: Vec<_> = allows.map(place).collect();
            format!("not allowed: none is true of {}", allows.join(", "))
        }
    }
}
