//! The tests of the policies: run from the page, and a case of the bench saved as one.

use askama::Template;
use postern_policy::{SourceFile, read_suite};
use postern_trial::TestReport;
use serde_json::{Map, Value, json};

use super::case::case_text;
use super::draft::{Draft, may_edit};
use super::trial::Form;
use crate::answer::{Answer, page};
use crate::backstage::{PolicyEdit, PolicyFault, PublishFault};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// What every test file ends with.
const ENDING: &str = ".test.toml";

/// What came of the tests.
pub(crate) struct Tested {
    pub(crate) passed: usize,
    pub(crate) all: usize,
    pub(crate) failures: Vec<Failing>,
    /// Why they could not be run.
    pub(crate) problem: Option<String>,
}

/// A case that failed.
pub(crate) struct Failing {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) problems: Vec<String>,
    pub(crate) reasons: Vec<String>,
}

impl Tested {
    /// Runs them where the database is the project's own, which nobody else waits for.
    pub(crate) async fn where_it_harms_nobody(
        visit: &Visit,
        edit: Option<&PolicyEdit>,
    ) -> Option<Self> {
        let backstage = &visit.console.backstage;
        let files = backstage.policy_tests().await.unwrap_or_default();
        let is_own = backstage.has_own_database();
        match may_edit(visit) && is_own && !files.is_empty() {
            true => Some(Self::run(visit, edit).await),
            false => None,
        }
    }

    /// Runs them with a change.
    pub(crate) async fn run(visit: &Visit, edit: Option<&PolicyEdit>) -> Self {
        match visit.console.backstage.test_policies(edit).await {
            Ok(report) => Self::of(&report),
            Err(PolicyFault::Wrong(found)) => {
                Self::problem(found.first().map_or_else(String::new, |it| {
                    format!("{}:{}: {}", it.file, it.line, it.message)
                }))
            }
            Err(PolicyFault::Unavailable(message)) => Self::problem(message),
        }
    }

    fn of(report: &TestReport) -> Self {
        let (passed, all) = report.counted();
        let mut failures = Vec::new();
        for suite in &report.suites {
            for case in suite.cases.iter().filter(|it| !it.passed()) {
                failures.push(Failing {
                    file: suite.file.clone(),
                    line: case.line,
                    name: case.name.clone(),
                    problems: case.problems.clone(),
                    reasons: case.reasons.clone(),
                });
            }
        }
        Self {
            passed,
            all,
            failures,
            problem: None,
        }
    }

    fn problem(message: String) -> Self {
        Self {
            passed: 0,
            all: 0,
            failures: Vec::new(),
            problem: Some(message),
        }
    }
}

#[derive(Template)]
#[template(path = "policy_tests.html")]
struct Page {
    chrome: Chrome,
    files: Vec<TestFile>,
    tested: Option<Tested>,
    run: Place,
    saved: bool,
}

/// A test file.
struct TestFile {
    path: String,
    cases: Vec<(String, usize, String)>,
    /// What is wrong with it.
    problem: Option<String>,
}

impl TestFile {
    fn of(source: &SourceFile) -> Self {
        match read_suite(source) {
            Ok(suite) => Self {
                path: source.path.clone(),
                cases: suite
                    .cases
                    .into_iter()
                    .map(|it| (it.name, it.line, it.caller.name))
                    .collect(),
                problem: None,
            },
            Err(found) => Self {
                path: source.path.clone(),
                cases: Vec::new(),
                problem: found
                    .first()
                    .map(|it| format!("{}: {}", it.line, it.message)),
            },
        }
    }
}

/// `GET /console/policies/{file}/tests`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    page_of(visit, &draft, None).await
}

/// `POST /console/policies/{file}/tests/run`: in a transaction that is rolled back.
pub(crate) async fn run(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let tested = Tested::run(visit, None).await;
    page_of(visit, &draft, Some(tested)).await
}

async fn page_of(visit: &Visit, draft: &Draft, tested: Option<Tested>) -> Answer {
    let files = visit.console.backstage.policy_tests().await;
    let files = files.map_err(crate::failure::Failure::Unavailable)?;
    let part = |part| Place::Policy(draft.file.clone(), part);
    let chrome = Chrome::new(visit, t!("policies.tests_title"), Spot::Policies);
    page(&Page {
        chrome: chrome.below(part(""), t!("policies.title")),
        files: files.iter().map(TestFile::of).collect(),
        tested,
        run: part("/tests/run"),
        saved: visit.query.has("saved"),
    })
}

#[derive(Template)]
#[template(path = "policy_case.html")]
struct CasePage {
    chrome: Chrome,
    nonce: String,
    name: String,
    text: String,
    problem: Option<String>,
    save: Place,
}

/// `POST /console/policies/{file}/case`: the case of the bench as a test file, to be looked at
/// before it is saved.
pub(crate) async fn draft_case(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let outcome = draft.check(visit).await;
    let form = Form::read(visit, draft.relation.as_ref());
    let (text, problem) = match case_text(visit, &outcome, &form).await {
        Ok(text) => (text, None),
        Err(problem) => (String::new(), Some(problem)),
    };
    let stem = form
        .table
        .replace(|it: char| !it.is_ascii_alphanumeric() && it != '.', "-");
    let name = format!("{stem}.{}.{}", form.caller.who.as_str(), form.verb.as_str());
    case_page(visit, &draft, (name, text), problem)
}

fn case_page(
    visit: &Visit,
    draft: &Draft,
    (name, text): (String, String),
    problem: Option<String>,
) -> Answer {
    let part = |part| Place::Policy(draft.file.clone(), part);
    let chrome = Chrome::new(visit, t!("policies.case_title"), Spot::Policies);
    page(&CasePage {
        chrome: chrome.below(part(""), t!("policies.title")),
        nonce: visit.nonce.clone(),
        name,
        text,
        problem,
        save: part("/tests"),
    })
}

/// `POST /console/policies/{file}/tests`: saves a test file of a new name.
pub(crate) async fn save(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let name = visit.form.text("name").trim().to_owned();
    let text = visit.form.text("case").replace("\r\n", "\n");
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let problem = if name.is_empty() || name.starts_with('.') || !name.chars().all(is_plain) {
        Some(t!("policies.bad_name").to_owned())
    } else {
        let path = format!("tests/{name}{ENDING}");
        let source = SourceFile {
            path,
            text: text.clone(),
        };
        match read_suite(&source) {
            Ok(_) => write(visit, &name, &text).await?,
            Err(found) => found
                .first()
                .map(|it| format!("{}: {}", t!("policies.line", it.line), it.message)),
        }
    };
    match problem {
        Some(_) => case_page(visit, &draft, (name, text), problem),
        None => {
            let here = Place::Policy(draft.file, "/tests").to_string();
            Ok(crate::answer::see_other(&format!("{here}?saved")))
        }
    }
}

async fn write(
    visit: &Visit,
    name: &str,
    text: &str,
) -> Result<Option<String>, crate::failure::Failure> {
    let file = format!("{name}{ENDING}");
    let staged = visit.console.backstage.stage_policy_test(&file, text).await;
    let staged = match staged {
        Ok(staged) => staged,
        Err(PublishFault::Moved) => return Ok(Some(t!("policies.name_taken").to_owned())),
        Err(PublishFault::ReadOnly(message)) => {
            return Ok(Some(t!("policies.read_only", message)));
        }
        Err(PublishFault::Failed(message)) => return Ok(Some(message)),
    };
    let traits = [("file", json!(file))];
    let traits: Map<String, Value> = traits
        .map(|(name, it)| (name.to_owned(), it))
        .into_iter()
        .collect();
    let auth = &visit.console.auth;
    auth.note_admin("admin_policy_test_saved", traits, &visit.context)
        .await?;
    Ok(staged.commit().err())
}
