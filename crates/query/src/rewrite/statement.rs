//! The statement under construction: text, parameters, and why it needs a session.
//!
//! SECURITY: text enters in three ways only: string constants of this crate (`push`), names out
//! of the catalogue (`ident`, quoted) and catalogue expressions (`catalog_sql`). Whatever the
//! client or the token says becomes a parameter.

use std::sync::Arc;

use postern_base::{Identity, RelationName};
use postern_catalog::Relation;
use postern_policy::{Access, Assurance, Claim, Expr, Verb};

use super::Rules;
use crate::plan::is_result;
use crate::request::Format;
use crate::rewritten::{Param, Route};
use crate::view::Grant;
use crate::{Error, View};

/// A statement under construction.
pub(crate) struct Statement<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) rules: Rules,
    text: String,
    params: Vec<Param>,
    /// The parameter numbers of the claims that have been bound.
    claims: [Option<usize>; 4],
    session: Option<String>,
    /// What all the rules that took part demand of the caller's sign-in.
    assurance: Option<Assurance>,
    /// The form of the body.
    pub(super) format: Format,
    /// How many `scope = "caller"` subqueries stand around the text being printed.
    pub(super) caller_depth: usize,
}

impl<'v, 'a> Statement<'v, 'a> {
    pub(crate) fn new(view: &'v View<'a>, rules: Rules) -> Self {
        Self {
            view,
            rules,
            text: String::with_capacity(1024),
            params: Vec::with_capacity(8),
            claims: [None; 4],
            session: None,
            assurance: None,
            format: Format::Json,
            caller_depth: 0,
        }
    }

    /// Which parameters are claims, by index.
    pub(super) fn claims(&self) -> Vec<(usize, Claim)> {
        let all = [Claim::Uid, Claim::Role, Claim::Email, Claim::Jwt];
        let bound = self.claims.iter().zip(all);
        bound
            .filter_map(|(number, claim)| Some((number.as_ref()? - 1, claim)))
            .collect()
    }

    /// What all the rules that took part demand of the caller's sign-in.
    pub(super) fn assurance(&self) -> Option<Assurance> {
        self.assurance
    }

    /// The text, its parameters, and the way that it takes to the database.
    pub(crate) fn finish(self) -> (String, Vec<Param>, Route) {
        let session = self.session;
        let route = session.map_or(Route::Fast, |reason| Route::Session { reason });
        (self.text, self.params, route)
    }

    /// Adds text of our own.
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds an expression that the database itself printed (defaults).
    pub(super) fn catalog_sql(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// Adds a number of our own.
    pub(super) fn number(&mut self, number: u64) {
        self.text.push_str(&number.to_string());
    }

    /// Adds a quoted identifier.
    pub(super) fn ident(&mut self, name: &str) {
        self.text.push('"');
        for character in name.chars() {
            if character == '"' {
                self.text.push('"');
            }
            self.text.push(character);
        }
        self.text.push('"');
    }

    /// Adds `"alias"."column"`.
    pub(super) fn column(&mut self, alias: &str, column: &str) {
        self.ident(alias);
        self.text.push('.');
        self.ident(column);
    }

    /// Adds the relation's full name.
    pub(super) fn relation(&mut self, relation: &RelationName) {
        self.column(&relation.schema, &relation.name);
    }

    /// Adds a text literal; only for texts of the catalogue and of policy files.
    pub(super) fn literal(&mut self, text: &str) {
        self.text
            .push_str(if text.contains('\\') { " E'" } else { "'" });
        for character in text.chars() {
            if matches!(character, '\'' | '\\') {
                self.text.push(character);
            }
            self.text.push(character);
        }
        self.text.push('\'');
    }

    /// Adds a parameter of the client's value.
    pub(super) fn text_param(&mut self, value: impl Into<String>) {
        self.param(Param::Text(value.into()));
    }

    /// Adds a parameter that is shared with the request.
    pub(super) fn shared_param(&mut self, value: &Arc<str>) {
        self.param(Param::Shared(Arc::clone(value)));
    }

    fn param(&mut self, param: Param) {
        self.params.push(param);
        let number = self.params.len();
        self.placeholder(number);
    }

    fn placeholder(&mut self, number: usize) {
        self.text.push('$');
        self.text.push_str(&number.to_string());
    }

    /// Adds a claim as a typed parameter, bound once per statement.
    pub(super) fn claim(&mut self, claim: Claim) {
        let (slot, cast) = match claim {
            Claim::Uid => (0, "::uuid"),
            Claim::Role => (1, "::text"),
            Claim::Email => (2, "::text"),
            Claim::Jwt => (3, "::jsonb"),
        };
        match self.claims[slot] {
            Some(number) => self.placeholder(number),
            None => {
                self.params.push(claim_param(claim, self.view.identity()));
                self.claims[slot] = Some(self.params.len());
                self.placeholder(self.params.len());
            }
        }
        self.push(cast);
    }

    /// Notes that the statement reads the session, for the first reason given.
    pub(super) fn require_session(&mut self, reason: impl FnOnce() -> String) {
        if self.session.is_none() {
            self.session = Some(reason());
        }
    }

    /// Asks for the grant of a verb; fails closed, and notes what the verb needs.
    pub(super) fn grant(&mut self, relation: &Relation, verb: Verb) -> Result<Grant<'a>, Error> {
        if is_result(relation) {
            return Ok(Grant::Bypass);
        }
        let grant = self.view.grant(&relation.name, verb).ok_or_else(|| {
            let message = format!("permission denied for table {}", relation.name.name);
            Error::new(&postern_base::codes::DENIED, message)
        })?;
        if let Some(reason) = super::session_reason(relation, verb) {
            self.require_session(|| reason.clone());
        }
        self.note_rules(&relation.name, grant);
        Ok(grant)
    }

    /// Notes that a relation that a policy looks into reads the session, if it does.
    pub(super) fn session_of(&mut self, name: &RelationName) {
        let relation = self.view.catalog().relation(name);
        if let Some(reason) = relation.and_then(|it| it.session.select.as_ref()) {
            self.require_session(|| reason.clone());
        }
    }

    /// Notes what rules ask for beside their conditions: a session, when they call an opaque
    /// function, and a sure and recent sign-in.
    pub(super) fn note_rules(&mut self, name: &RelationName, grant: Grant<'_>) {
        let Some(access) = rules_of(grant) else {
            return;
        };
        if access.native {
            self.require_session(|| format!("a rule of {name} calls an opaque function"));
        }
        self.demand(access.assurance);
    }

    /// Notes what a rule demands of the caller's sign-in.
    pub(super) fn demand(&mut self, assurance: Option<Assurance>) {
        let all = self.assurance.into_iter().chain(assurance);
        self.assurance = all.reduce(Assurance::and);
    }

    /// Refuses the statement when the caller's sign-in is not what all its rules demand together,
    /// so that one step up is enough.
    pub(super) fn require_assurance(&self) -> Result<(), Error> {
        match self.assurance {
            Some(assurance) => self.view.require(assurance),
            None => Ok(()),
        }
    }
}

/// The rules of a grant; none for the service identity.
pub(super) fn rules_of(grant: Grant<'_>) -> Option<&Access> {
    match grant {
        Grant::Bypass => None,
        Grant::Rules(access) => Some(access),
    }
}

/// The filter of a grant unless it lets everything pass.
pub(super) fn filter_of(grant: Grant<'_>) -> Option<&Expr> {
    rules_of(grant)
        .map(|access| &access.filter)
        .filter(|it| !it.is_true())
}

/// The check of a grant unless it lets everything pass.
pub(super) fn check_of(grant: Grant<'_>) -> Option<&Expr> {
    rules_of(grant)
        .map(|access| &access.check)
        .filter(|it| !it.is_true())
}

/// The parameter that a claim of the caller is.
pub(crate) fn claim_param(claim: Claim, identity: &Identity) -> Param {
    let claims = identity.claims();
    let text = |value: Option<&str>| value.map_or(Param::Null, |it| Param::Text(it.to_owned()));
    match claim {
        Claim::Uid => claims
            .uid()
            .map_or(Param::Null, |uid| Param::Text(uid.to_string())),
        Claim::Role => text(claims.role()),
        Claim::Email => text(claims.email()),
        Claim::Jwt => Param::Text(claims.as_json().to_owned()),
    }
}
