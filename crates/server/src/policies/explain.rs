//! `postern policy explain`: what a request becomes for a caller, and why.

use std::fmt::Write as _;

use postern_base::{Clock, FunctionName, Identity, RelationName, RoleName, SystemClock};
use postern_catalog::Function;
use postern_policy::{Access, Bundle, Persona, RuleRef, Verb, describe};
use postern_query::request::{RawRequest, Representation, Target};
use postern_query::{Grant, Param, Rewritten, Route, View};
use postern_trial::RequestLine;

use crate::Config;
use crate::reload::Snapshot;

/// Who asks what.
#[derive(Clone, Debug)]
pub struct Question {
    /// The token's role: `anon`, `authenticated`, `service_role` or one of the policy files.
    pub role: String,
    /// The token's `sub`.
    pub sub: Option<String>,
    /// Further claims, as a JSON object.
    pub claims: Option<String>,
    /// The request's first line: `GET /rest/v1/notes?select=id`.
    pub request: String,
    /// The request's body.
    pub body: Option<String>,
    /// The request's `Prefer` header.
    pub prefer: Option<String>,
}

/// Why a question cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The request line is not one.
    #[error(
        "`{0}` is no request of the data API; write something like \
         \"GET /rest/v1/notes?select=id\""
    )]
    Request(String),
    /// The claims are no JSON object.
    #[error("the claims are no JSON object: {0}")]
    Claims(String),
    /// The role has a condition, and the claims do not meet it.
    #[error("these claims do not make the caller `{role}`; that takes {condition} (add --claims)")]
    Role {
        /// The role that was asked for.
        role: String,
        /// Its condition.
        condition: String,
    },
    /// The gateway would refuse the request.
    #[error("the answer is {status} {code}: {message}{more}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// Details and hint, each on a line of its own.
        more: String,
    },
}

impl From<postern_query::Error> for ExplainError {
    fn from(error: postern_query::Error) -> Self {
        let details = error.details.map(|it| format!("\n  details: {it}"));
        let hint = error.hint.map(|it| format!("\n  hint: {it}"));
        Self::Refused {
            status: error.code.status,
            code: error.code.code,
            message: error.message,
            more: details.unwrap_or_default() + &hint.unwrap_or_default(),
        }
    }
}

impl Question {
    /// Takes the request the way that the gateway takes, and tells of each step.
    ///
    /// # Errors
    /// Returns the refusal that a client would get, or what is wrong with the question.
    pub fn answer(&self, config: &Config, snapshot: &Snapshot) -> Result<String, ExplainError> {
        let identity = self.identity(&snapshot.bundle)?;
        let now = SystemClock.now_unix_secs();
        let view = View::new(&snapshot.catalog, &snapshot.bundle, &identity)?.at(now);
        self.require_role(&snapshot.bundle, &view)?;
        let line = RequestLine::parse(&self.request)
            .map_err(|_| ExplainError::Request(self.request.clone()))?;
        let schema = config.api.schemas.first().map_or("public", String::as_str);
        let raw = RawRequest {
            method: line.method,
            target: line.target.clone(),
            schema,
            query: line.query,
            prefer: self.prefer.as_deref().into_iter().collect(),
            range: None,
            representation: Representation::default(),
            body: self.body.as_deref().map(Into::into),
        };
        let parsed = postern_query::parse(&raw, &config.limits)?;
        let plan = postern_query::plan(parsed, &view, &config.limits)?;
        let rewritten = postern_query::rewrite(&plan, &view)?;

        let mut text = self.caller(&identity, &view);
        let _ = writeln!(text, "request     {}", self.request);
        let _ = writeln!(text, "path        {}", path(rewritten.route()));
        rules(&mut text, &view, &rewritten, (&line, schema));
        statement(&mut text, &rewritten);
        Ok(text)
    }

    fn identity(&self, bundle: &Bundle) -> Result<Identity, ExplainError> {
        let claims = self.claims.as_deref().map(serde_json::from_str).transpose();
        let persona = Persona {
            name: self.role.clone(),
            role: self.role.clone(),
            sub: self.sub.clone(),
            claims: claims
                .map_err(|error| ExplainError::Claims(error.to_string()))?
                .unwrap_or_default(),
        };
        postern_trial::identity(&persona, bundle)
            .map_err(|error| ExplainError::Claims(error.to_string()))
    }

    /// Refuses to explain as somebody else than asked for.
    fn require_role(&self, bundle: &Bundle, view: &View<'_>) -> Result<(), ExplainError> {
        match condition_of(bundle, &RoleName::new(self.role.as_str())) {
            Some(condition) if view.role_name() != self.role => Err(ExplainError::Role {
                role: self.role.clone(),
                condition,
            }),
            _ => Ok(()),
        }
    }

    fn caller(&self, identity: &Identity, view: &View<'_>) -> String {
        let role = view.role_name();
        let mut text = format!("role        {role}");
        if identity.is_service() {
            text.push_str(" (policies do not apply)");
        } else if role != self.role {
            let _ = write!(text, " (the token says `{}`)", self.role);
        }
        let _ = writeln!(text, "\nclaims      {}", identity.claims().as_json());
        if identity.claims().uid().is_none() && role != RoleName::ANON && !identity.is_service() {
            text.push_str("            auth.uid() is NULL: there is no --sub, or it is no UUID\n");
        }
        text
    }
}

/// The condition that a defined role has, if it has one.
fn condition_of(bundle: &Bundle, role: &RoleName) -> Option<String> {
    let (_, definition) = bundle.roles().find(|(name, _)| *name == role)?;
    definition.when.as_ref().map(describe)
}

fn path(route: &Route) -> String {
    match route {
        Route::Fast => "fast: one prepared statement on a shared connection".into(),
        Route::Session { reason } => {
            format!("session: a transaction with the caller's settings, because {reason}")
        }
    }
}

/// The rules of every relation that the statement names.
fn rules(
    text: &mut String,
    view: &View<'_>,
    rewritten: &Rewritten,
    (line, schema): (&RequestLine<'_>, &str),
) {
    let (root, verb) = (line.relation(schema), line.verb());
    if let Target::Function(name) = &line.target {
        function_rules(text, view, rewritten, &FunctionName::new(schema, name));
    }
    if let Some(root) = root.as_ref().filter(|_| verb != Verb::Select) {
        relation_rules(text, view, root, verb);
    }
    for relation in view.catalog().relations() {
        let name = &relation.name;
        // The rewriter calls what the request reads `b0`, `b1`, …; relations that policies look
        // into have other aliases, and no rules of their own apply to them.
        let read = format!("\"{}\".\"{}\" AS \"b", name.schema, name.name);
        if rewritten.sql().contains(&read) {
            relation_rules(text, view, name, Verb::Select);
        }
    }
}

/// How the called function runs, and what its rule asks for.
fn function_rules(text: &mut String, view: &View<'_>, rewritten: &Rewritten, name: &FunctionName) {
    let given = |function: &&Function| {
        let arguments = function.arguments.iter().filter(|it| !it.has_default);
        arguments
            .into_iter()
            .all(|it| rewritten.sql().contains(&format!("\"{}\" => ", it.name)))
    };
    for function in view.catalog().overloads(name).iter().filter(given) {
        let Some(access) = view.function(function) else {
            continue;
        };
        let mode = format!("{:?}", access.mode).to_lowercase();
        let _ = writeln!(
            text,
            "rules       {}, call\n            mode:    {mode}",
            function.signature()
        );
        let _ = writeln!(text, "            where:   {}", describe(&access.condition));
        if let Some(assurance) = access.assurance {
            let _ = writeln!(text, "            sign-in: {assurance}");
        }
        if let Some(relation) = &access.returns {
            let _ = writeln!(
                text,
                "            returns: rows of {relation} that its rules let through"
            );
        }
    }
}

fn relation_rules(text: &mut String, view: &View<'_>, relation: &RelationName, verb: Verb) {
    let verb_name = format!("{verb:?}").to_lowercase();
    let rules = match view.grant(relation, verb) {
        Some(Grant::Rules(access)) => described(access, verb),
        Some(Grant::Bypass) => "            none apply\n".into(),
        None => return,
    };
    let _ = write!(text, "rules       {relation}, {verb_name}\n{rules}");
}

fn described(access: &Access, verb: Verb) -> String {
    let mut text: String = access.rules.iter().map(described_rule).collect();
    if verb != Verb::Insert {
        let _ = writeln!(text, "            rows:    {}", describe(&access.filter));
    }
    if matches!(verb, Verb::Insert | Verb::Update) {
        let _ = writeln!(text, "            check:   {}", describe(&access.check));
    }
    if let Some(assurance) = access.assurance {
        let _ = writeln!(text, "            sign-in: {assurance}");
    }
    let _ = writeln!(text, "            columns: {}", access.columns.join(", "));
    for column in access.masks.keys() {
        let _ = writeln!(text, "            masked:  {column}");
    }
    for column in access.presets.keys() {
        let _ = writeln!(text, "            preset:  {column}");
    }
    text
}

fn described_rule(rule: &RuleRef) -> String {
    format!(
        "            {} \"{}\"  {}:{}\n",
        rule.kind, rule.name, rule.file, rule.line
    )
}

fn statement(text: &mut String, rewritten: &Rewritten) {
    if let Some(role) = rewritten.native_role() {
        let _ = writeln!(text, "run as      {role}");
    }
    let _ = writeln!(text, "\n{}\n", rewritten.sql());
    for (index, param) in rewritten.params().iter().enumerate() {
        let value = match param {
            Param::Null => "NULL".into(),
            Param::Text(value) => format!("'{value}'"),
            Param::Shared(value) => format!("'{value}'"),
        };
        let _ = writeln!(text, "${} = {value}", index + 1);
    }
}
