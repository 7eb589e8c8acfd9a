//! One comparison: the request planned under both bundles, and tried where trying does no harm.
//!
//! A read without functions of the project's own runs under both, and so do the checks of an
//! insert. Everything else is judged by its plan alone: a call, an update or a delete would have
//! to happen to be seen, and by now has happened.

use postern_db::{Answer, Caller, RequestSettings};
use postern_policy::Bundle;
use postern_query::request::{Format, Payload, RawRequest};
use postern_query::{AnswerKind, Can, Rewritten, Route, View};

use super::difference::{Change, Finding, Kind};
use super::sample::Sample;
use super::{Candidate, rows};
use crate::{Enforce, Failure, RestService};

/// SQLSTATE classes and codes that say nothing about policies: no time, room or connection, a
/// moment that cannot be had, and a function that wants to write.
const NO_VERDICT: [&str; 6] = ["08", "25", "40", "53", "57", "XX"];

/// What one bundle makes of a request.
struct Planned {
    rewritten: Rewritten,
    /// The question whether an insert would be let through, and for how many rows.
    question: Option<(Rewritten, u64)>,
    /// Whether nothing of the project's own runs in it: it takes the fast path.
    is_harmless: bool,
    role: String,
}

impl RestService {
    /// Compares what both bundles make of a request.
    pub(super) async fn compare(&self, sample: &Sample) -> Finding {
        let Candidate::Ready(candidate) = &sample.snapshot.candidate else {
            return Finding::Failed;
        };
        let request = sample.request();
        let in_force = &sample.snapshot.bundle;
        let in_force = self.planned_under(in_force, sample, &request).await;
        let candidate = self.planned_under(candidate, sample, &request).await;
        let anybody = sample.identity.claims().role().unwrap_or("anon");
        match (in_force, candidate) {
            (Ok(one), Ok(other)) => self.tried(sample, &one, &other).await,
            (Ok(one), Err(Failure::Query(error))) => {
                Finding::differs(&one.role, Kind::Refused, Some(error.code.code))
            }
            (Err(Failure::Query(error)), Ok(other)) => {
                Finding::differs(&other.role, Kind::Allowed, Some(error.code.code))
            }
            (Err(Failure::Query(_)), Err(Failure::Query(_))) => Finding::Equal,
            _ => {
                tracing::debug!(role = anybody, "a request could not be compared");
                Finding::Failed
            }
        }
    }

    async fn planned_under(
        &self,
        bundle: &Bundle,
        sample: &Sample,
        request: &RawRequest<'_>,
    ) -> Result<Planned, Failure> {
        let limits = &self.settings().limits;
        let mut parsed = postern_query::parse(request, limits)?;
        self.settle(&mut parsed).await?;
        let rows = match &parsed.payload {
            Payload::Json(json) => json.rows as u64,
            Payload::None | Payload::Form(_) | Payload::Whole(_) => 0,
        };
        let (catalog, identity) = (&*sample.snapshot.catalog, &sample.identity);
        let bare = View::new(catalog, bundle, identity)?.at(self.authenticator().now_unix_secs());
        // What the policies make of it, before the database has its own say.
        let plan = postern_query::plan(parsed.clone(), &bare, limits)?;
        let is_harmless = postern_query::rewrite(&plan, &bare)?.route() == &Route::Fast;
        let view = match self.settings().enforce {
            Enforce::Both => bare.in_database_role(self.role(identity)),
            Enforce::Rewrite | Enforce::Native => bare,
        };
        let plan = postern_query::plan(parsed, &view, limits)?;
        let rewritten = postern_query::rewrite(&plan, &view)?;
        let question = match rewritten.answer().kind {
            AnswerKind::Insert => postern_query::can(&plan, &view, Can::Write)?,
            _ => None,
        };
        Ok(Planned {
            rewritten,
            question: question.map(|it| (it, rows)),
            is_harmless,
            role: view.role_name().to_owned(),
        })
    }

    /// Runs what can be run without harm.
    async fn tried(&self, sample: &Sample, one: &Planned, other: &Planned) -> Finding {
        if is_same(&one.rewritten, &other.rewritten) {
            return Finding::Equal;
        }
        let not_evaluated = |reason| Finding::differs(&one.role, Kind::NotEvaluated, Some(reason));
        if !one.is_harmless || !other.is_harmless {
            return not_evaluated("session");
        }
        // Its answer as one value is what the live request was spared.
        if one.rewritten.export().is_some() || other.rewritten.export().is_some() {
            return not_evaluated("export");
        }
        let kind = one.rewritten.answer().kind;
        let (pair, rows) = match (kind, &one.question, &other.question) {
            (AnswerKind::Read, _, _) => ([&one.rewritten, &other.rewritten], None),
            (AnswerKind::Insert, Some((one, rows)), Some((other, _))) => {
                ([one, other], Some(*rows))
            }
            (AnswerKind::RpcVoid | AnswerKind::RpcValue | AnswerKind::RpcRows, _, _) => {
                return not_evaluated("function");
            }
            (
                AnswerKind::Insert | AnswerKind::Upsert | AnswerKind::Update | AnswerKind::Delete,
                _,
                _,
            ) => return not_evaluated("write"),
        };
        let settings = RequestSettings {
            method: sample.method().to_owned(),
            ..RequestSettings::default()
        };
        let caller = Caller {
            identity: &sample.identity,
            role: &one.role,
            request: &settings,
        };
        let timeout = self.settings().shadow.timeout;
        let answers = self.db().rehearse(pair, &caller, timeout).await;
        let finding = match answers {
            Err(_) => return Finding::Failed,
            Ok([Ok(one), Ok(other)]) => match rows {
                None => answers_of(pair[0].answer().format, &one, &other),
                Some(rows) => verdicts(rows, &one, &other),
            },
            Ok([Ok(_), Err(error)]) => refused(Kind::Refused, &error),
            Ok([Err(error), Ok(_)]) => refused(Kind::Allowed, &error),
            Ok([Err(_), Err(_)]) => None,
        };
        match finding {
            None => Finding::Equal,
            Some((kind, reason, change)) => Finding::Differs {
                role: one.role.clone(),
                kind,
                reason,
                change,
            },
        }
    }
}

/// What differs, why, and by how much.
type Difference = Option<(Kind, Option<String>, Change)>;

fn is_same(one: &Rewritten, other: &Rewritten) -> bool {
    one.sql() == other.sql()
        && one.params() == other.params()
        && one.native_role() == other.native_role()
}

fn answers_of(format: Format, one: &Answer, other: &Answer) -> Difference {
    let change = rows::change(format, one, other);
    (!change.is_none()).then_some((Kind::Answer, None, change))
}

/// An insert passes when every row of it does.
fn verdicts(rows: u64, one: &Answer, other: &Answer) -> Difference {
    let kind = match (one.page_rows == rows, other.page_rows == rows) {
        (true, false) => Kind::Refused,
        (false, true) => Kind::Allowed,
        (true, true) | (false, false) => return None,
    };
    let denied = postern_base::codes::DENIED.code.to_owned();
    Some((kind, Some(denied), Change::default()))
}

fn refused(kind: Kind, error: &postern_db::Error) -> Difference {
    let code = error.code().to_owned();
    let is_verdict =
        error.rejection().is_some() && !NO_VERDICT.iter().any(|it| code.starts_with(it));
    let kind = if is_verdict { kind } else { Kind::NotEvaluated };
    Some((kind, Some(code), Change::default()))
}
