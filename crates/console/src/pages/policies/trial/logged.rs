//! A request of the log as something to ask about: its address, its caller, and what the log does
//! not keep.
//!
//! The log has neither bodies nor tokens, and of addresses no secrets. So the caller is who they
//! would be if they signed in now, and whatever is missing is said.

use std::sync::Arc;

use postern_policy::{Persona, Verb};
use postern_telemetry::requests::{Caller as Asker, Record, Told};
use serde_json::{Value, json};

use super::form::Form;
use crate::pages::logs::trace::is_under_others;
use crate::pages::policies::caller::{Who, users};
use crate::place::Place;
use crate::place::operate::Operate;
use crate::visit::Visit;

/// What the log writes in the place of a secret.
const HIDDEN: &str = "[hidden]";
/// From this length on an address may have been cut.
const BYTES_CUT: usize = 1020;

/// A request of the log.
pub(crate) struct Logged {
    pub(crate) place: Place,
    pub(crate) line: String,
    /// What was answered.
    pub(crate) answer: String,
    /// The role that decided.
    pub(crate) role: String,
    /// What is not known of it, or is no longer so.
    pub(crate) notes: Vec<String>,
}

/// Whether this is the id of a request, and no request.
pub(crate) fn is_id(text: &str) -> bool {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it);
    !text.is_empty() && text.chars().all(is_plain)
}

/// Fills the form with a request of the log; none where the log has none of this id, or it was
/// about no table.
pub(crate) async fn fill(visit: &Visit, id: &str, form: &mut Form) -> Option<Logged> {
    let found = visit.console.telemetry.requests().find(id);
    let record = found.first().map(Arc::clone)?;
    let told = record.told.as_ref()?;
    let (schema, _) = told.relation.as_deref()?.split_once('.')?;
    let verb = Verb::parse(told.verb)?;
    let mut notes = Vec::new();
    let line = line(&record, &mut notes);
    form.is_logged = true;
    form.verb = verb;
    let schemas = &visit.console.rest.settings().schemas;
    form.request = match schemas.first().is_some_and(|it| it == schema) {
        true => line.clone(),
        false => format!("{line}\nAccept-Profile: {schema}"),
    };
    told.relation.as_deref()?.clone_into(&mut form.table);
    if matches!(verb, Verb::Insert | Verb::Update) && form.values.is_empty() {
        notes.push(t!("policies.logged_no_body").to_owned());
    }
    caller(visit, told, form, &mut notes).await;
    if is_under_others(&visit.console.rest.snapshot().bundle, told) {
        notes.push(t!("policies.logged_other_policies").to_owned());
    }
    let code = record.code.as_deref().unwrap_or_default();
    let message = record.message.as_deref().unwrap_or_default();
    Some(Logged {
        place: Place::Operate(Operate::Log(record.id.to_string())),
        answer: format!("{} {code} {message}", record.status)
            .trim()
            .to_owned(),
        role: told.role.to_string(),
        line,
        notes,
    })
}

/// The request line without what the log has hidden or cut off.
fn line(record: &Record, notes: &mut Vec<String>) -> String {
    let address = &*record.address;
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut kept: Vec<&str> = query.split('&').filter(|it| !it.is_empty()).collect();
    if address.len() > BYTES_CUT {
        kept.pop();
        notes.push(t!("policies.logged_cut").to_owned());
    }
    for hidden in kept.iter().filter(|it| it.contains(HIDDEN)) {
        let name = hidden.split('=').next().unwrap_or_default();
        notes.push(t!("policies.logged_hidden", name));
    }
    kept.retain(|it| !it.contains(HIDDEN));
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{} {path}{mark}{}", record.method, kept.join("&"))
}

/// Puts the caller into the form.
async fn caller(visit: &Visit, told: &Told, form: &mut Form, notes: &mut Vec<String>) {
    let claims = |claims: Value| claims.to_string();
    match &told.caller {
        Asker::User(id) | Asker::Acting(id, _) => {
            form.caller.user = id.to_string();
            form.caller.who = Who::User;
            if matches!(told.caller, Asker::Acting(..)) {
                notes.push(t!("policies.logged_acting").to_owned());
            }
            let known = users(visit, id).await.unwrap_or_default();
            match known.is_empty() {
                false => notes.push(t!("policies.logged_user").to_owned()),
                true => {
                    form.caller.who = Who::Claims;
                    form.caller.claims = claims(stranger(visit, told, id));
                    notes.push(t!("policies.logged_stranger").to_owned());
                }
            }
        }
        Asker::Secret => {
            form.caller.who = Who::Claims;
            form.caller.claims = claims(json!({ "role": "service_role" }));
        }
        Asker::Anonymous | Asker::Unknown | Asker::Admin(_) => form.caller.who = Who::Anon,
    }
}

/// The claims of somebody whom this server does not know: a token of another issuer.
fn stranger(visit: &Visit, told: &Told, id: &str) -> Value {
    let persona = Persona {
        name: String::new(),
        role: told.role.to_string(),
        sub: Some(id.to_owned()),
        claims: serde_json::Map::new(),
    };
    let snapshot = visit.console.rest.snapshot();
    let identity = postern_trial::identity(&persona, &snapshot.bundle);
    identity.map_or(Value::Null, |it| it.claims().as_value().clone())
}
