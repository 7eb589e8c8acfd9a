//! What the log of requests is told of one: who asked for what, and what came of it.
//!
//! It travels with the stopwatch, since both go where the request goes, and ends up in the
//! request's extensions, where the edge looks for it. Where no log is kept nothing is noted.
//!
//! SECURITY: names, counts and the statement's text; no value of a request, no claim but the
//! subject.

use actix_web::{HttpMessage, HttpRequest};
use postern_base::{Identity, RelationName, codes};
use postern_policy::Verb;
use postern_query::request::{Method, RawRequest, Target};
use postern_query::{Grant, Rewritten, View};
use postern_telemetry::redact;
use postern_telemetry::requests::{Caller, Denial, Reason, Statement, Told};

use crate::timing::Stopwatch;
use crate::{Failure, Outcome, RestService};

/// Most bytes of a subject or role that are kept.
const NAME_BYTES_MAX: usize = 200;

/// Notes who asked for something that is no table, such as a saved query.
pub(crate) fn note(
    service: &RestService,
    request: &HttpRequest,
    identity: &Identity,
    (name, verb): (&str, &'static str),
) {
    let mut stopwatch = Stopwatch::start();
    stopwatch.note_caller(service, identity);
    if let Some(told) = &mut stopwatch.told {
        told.relation = Some(cut(name));
        told.verb = verb;
    }
    stopwatch.hand_over(request);
}

impl Stopwatch {
    /// Begins a note, if there is a log.
    pub(crate) fn note_caller(&mut self, service: &RestService, identity: &Identity) {
        if !service.telemetry().requests().is_on() {
            return;
        }
        self.told = Some(Told {
            caller: match identity {
                Identity::Anonymous(_) => Caller::Anonymous,
                Identity::User(claims) => {
                    let user = cut(claims.sub().unwrap_or_default());
                    match claims.as_value().pointer("/act/email") {
                        Some(admin) => Caller::Acting(user, cut(admin.as_str().unwrap_or("?"))),
                        None => Caller::User(user),
                    }
                }
                Identity::Service(_) => Caller::Secret,
            },
            role: cut(identity.claims().role().unwrap_or_default()),
            ..Told::default()
        });
    }

    /// Notes what is asked for.
    pub(crate) fn note_target(&mut self, view: &View<'_>, request: &RawRequest<'_>) {
        let Some(told) = &mut self.told else { return };
        let (Target::Relation(name) | Target::Function(name)) = &request.target;
        let relation = [request.schema, name].join(".");
        told.relation = Some(cut(&relation));
        told.verb = verb(request).map_or("call", Verb::as_str);
        told.role = cut(view.role_name());
        let hash = view.bundle().hash.get(..16).unwrap_or_default();
        told.policies = u64::from_str_radix(hash, 16).unwrap_or_default();
    }

    /// Notes the statement that is about to run.
    pub(crate) fn note_statement(&mut self, rewritten: &Rewritten) {
        if let Some(told) = &mut self.told {
            told.statement = Some(Statement(rewritten.shared_sql()));
        }
    }

    /// Notes what came of it.
    pub(crate) fn note_outcome(
        &mut self,
        view: &View<'_>,
        request: &RawRequest<'_>,
        outcome: &Result<Outcome, Failure>,
    ) {
        let Some(told) = &mut self.told else { return };
        match outcome {
            Ok(outcome) if outcome.chunks.is_none() => {
                told.rows = i64::try_from(outcome.answer.page_rows).ok();
            }
            Ok(_) => {}
            Err(failure) => told.denial = denial(view, request, failure),
        }
    }

    /// Lays the note where the edge looks for it.
    pub(crate) fn hand_over(&mut self, request: &HttpRequest) {
        let spent = self.spent();
        if let Some(mut told) = self.told.take() {
            told.stages = spent;
            request.extensions_mut().insert(told);
        }
    }
}

/// The verb of the policies; none for a call.
fn verb(request: &RawRequest<'_>) -> Option<Verb> {
    if matches!(request.target, Target::Function(_)) {
        return None;
    }
    Some(match request.method {
        Method::Get | Method::Head => Verb::Select,
        Method::Post | Method::Put => Verb::Insert,
        Method::Patch => Verb::Update,
        Method::Delete => Verb::Delete,
    })
}

/// Which policy refused, if one did.
fn denial(view: &View<'_>, request: &RawRequest<'_>, failure: &Failure) -> Option<Denial> {
    let reason = match failure {
        Failure::Query(error) if error.code == &codes::ASSURANCE => Reason::SignIn,
        Failure::Query(error) if error.code == &codes::DENIED => Reason::NotGranted,
        Failure::Query(error) if error.code == &codes::NO_TABLE && is_hidden(view, request) => {
            Reason::Hidden
        }
        Failure::Db(error) if error.code() == codes::DENIED.code => match view.database_role() {
            None => Reason::Check,
            Some(_) => Reason::Database,
        },
        _ => return None,
    };
    Some(Denial {
        reason,
        rules: rules(view, request, reason),
    })
}

/// Whether the table that is not there for the caller is there for somebody.
fn is_hidden(view: &View<'_>, request: &RawRequest<'_>) -> bool {
    relation(request).is_some_and(|it| view.catalog().relation(&it).is_some())
}

fn relation(request: &RawRequest<'_>) -> Option<RelationName> {
    match &request.target {
        Target::Relation(name) => Some(RelationName::new(request.schema, name.as_str())),
        Target::Function(_) => None,
    }
}

/// The names of the rules that were asked: of a refused row, which of them it failed is not told
/// by the database.
fn rules(view: &View<'_>, request: &RawRequest<'_>, reason: Reason) -> Box<str> {
    if !matches!(reason, Reason::Check | Reason::SignIn) {
        return Box::default();
    }
    let (Some(relation), Some(verb)) = (relation(request), verb(request)) else {
        return Box::default();
    };
    match view.grant(&relation, verb) {
        Some(Grant::Rules(access)) => {
            let names: Vec<_> = access.rules.iter().map(|it| it.name.as_str()).collect();
            cut(&names.join(", "))
        }
        Some(Grant::Bypass) | None => Box::default(),
    }
}

/// A name as it may be kept: some are what a client wrote into the address.
fn cut(text: &str) -> Box<str> {
    let text = redact(text);
    text[..text.floor_char_boundary(NAME_BYTES_MAX)].into()
}
