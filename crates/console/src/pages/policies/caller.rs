//! Whose eyes a draft is looked at with: a visitor, a user as they would sign in, a token, claims
//! that somebody writes, a persona of the tests.

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use postern_auth::admin::{Browse, Direction, Group, Order, PageWish};
use postern_auth::store::User;
use postern_base::{Claims, Identity, Trust};
use postern_policy::{Bundle, Persona, SourceFile, read_suite};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::failure::Failure;
use crate::visit::Visit;

/// Longest token that is looked at, in bytes.
const TOKEN_BYTES_MAX: usize = 16 * 1024;
/// Most users that a search offers.
const USERS_MAX: &str = "12";

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Anon,
    User,
    Token,
    Claims,
    Persona,
}

impl Who {
    /// All, in the order of the choice.
    pub(crate) const ALL: [Self; 5] = [
        Self::Anon,
        Self::User,
        Self::Token,
        Self::Claims,
        Self::Persona,
    ];

    /// As forms spell it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Anon => "anon",
            Self::User => "user",
            Self::Token => "token",
            Self::Claims => "claims",
            Self::Persona => "persona",
        }
    }

    /// Reads it; what is unknown is a visitor.
    pub(crate) fn parse(text: &str) -> Self {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.unwrap_or(Self::Anon)
    }

    /// What it is called.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Anon => t!("policies.who_anon"),
            Self::User => t!("policies.who_user"),
            Self::Token => t!("policies.who_token"),
            Self::Claims => t!("policies.who_claims"),
            Self::Persona => t!("policies.who_persona"),
        }
    }
}

/// What the form says about the caller.
#[derive(Clone, Debug)]
pub(crate) struct CallerForm {
    pub(crate) who: Who,
    pub(crate) user: String,
    pub(crate) token: String,
    pub(crate) claims: String,
    pub(crate) persona: String,
}

/// A caller, and what they are called.
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) identity: Identity,
}

impl CallerForm {
    /// Reads the form, or the address that leads to it.
    pub(crate) fn read(visit: &Visit) -> Self {
        let text = |name| visit.given(name).trim().to_owned();
        let user = text("user");
        let who = match visit.given("who") {
            "" if !user.is_empty() => Who::User,
            who => Who::parse(who),
        };
        Self {
            who,
            user,
            token: text("token"),
            claims: text("claims"),
            persona: text("persona"),
        }
    }

    /// Finds out who that is.
    ///
    /// # Errors
    /// What is wrong with the choice, in a sentence.
    pub(crate) async fn caller(&self, visit: &Visit, bundle: &Bundle) -> Result<Caller, String> {
        match self.who {
            Who::Anon => Ok(Caller {
                name: "anon".into(),
                identity: Identity::anonymous(),
            }),
            Who::User => self.user(visit).await,
            Who::Token => self.token(visit),
            Who::Claims => self.claims(),
            Who::Persona => self.persona(visit, bundle).await,
        }
    }

    async fn user(&self, visit: &Visit) -> Result<Caller, String> {
        let user = find_user(visit, &self.user).await?;
        let claims = visit.console.auth.rehearse_claims(user.id, &visit.context);
        let claims = claims.await.map_err(|error| error.message().to_owned())?;
        Ok(Caller {
            name: crate::pages::users::name(&user),
            identity: verified(claims)?,
        })
    }

    /// A token, verified as the API does.
    fn token(&self, visit: &Visit) -> Result<Caller, String> {
        if self.token.is_empty() || self.token.len() > TOKEN_BYTES_MAX {
            return Err(t!("policies.no_token").to_owned());
        }
        let bearer = self.token.strip_prefix("Bearer ").unwrap_or(&self.token);
        let bearer = HeaderValue::from_str(&format!("Bearer {bearer}"));
        let mut headers = HeaderMap::new();
        headers.insert(
            AUTHORIZATION,
            bearer.map_err(|_| t!("policies.no_token").to_owned())?,
        );
        let key = visit.console.settings.publishable_keys.first();
        if let Some(Ok(key)) = key.map(|it| HeaderValue::from_str(it)) {
            headers.insert(HeaderName::from_static("apikey"), key);
        }
        let identity = visit.console.rest.authenticator().authenticate(&headers);
        let identity = identity.map_err(|error| t!("policies.bad_token", error))?;
        Ok(Caller {
            name: identity.claims().sub().unwrap_or("token").to_owned(),
            identity,
        })
    }

    fn claims(&self) -> Result<Caller, String> {
        let claims: Map<String, Value> =
            serde_json::from_str(&self.claims).map_err(|error| t!("policies.bad_claims", error))?;
        let identity = verified(claims)?;
        Ok(Caller {
            name: identity.claims().sub().unwrap_or("claims").to_owned(),
            identity,
        })
    }

    async fn persona(&self, visit: &Visit, bundle: &Bundle) -> Result<Caller, String> {
        let all = personas(visit).await;
        let found = all.into_iter().find(|it| it.name == self.persona);
        let found = found.ok_or_else(|| t!("policies.no_persona").to_owned())?;
        let identity = postern_trial::identity(&found, bundle);
        Ok(Caller {
            identity: identity.map_err(|error| error.to_string())?,
            name: found.name,
        })
    }
}

fn verified(claims: Map<String, Value>) -> Result<Identity, String> {
    Identity::from_verified(Claims::new(claims), Trust::Project)
}

/// The personas that the test files speak of.
pub(crate) async fn personas(visit: &Visit) -> Vec<Persona> {
    let files = visit.console.backstage.policy_tests().await;
    let suites = files.unwrap_or_default();
    let suites = suites
        .iter()
        .filter_map(|it: &SourceFile| read_suite(it).ok());
    let mut all: Vec<Persona> = Vec::new();
    for case in suites.flat_map(|it| it.cases) {
        if !all.iter().any(|it| it.name == case.caller.name) {
            all.push(case.caller);
        }
    }
    all
}

/// Users whose address, number or id this is, or is a part of.
pub(crate) async fn users(visit: &Visit, search: &str) -> Result<Vec<User>, Failure> {
    let browse = Browse {
        search: search.to_owned(),
        group: Group::default(),
        order: Order::default(),
        direction: Direction::default(),
        page: PageWish::parse(None, Some(USERS_MAX))?,
    };
    let found = visit.console.auth.browse_users(&browse, &visit.context);
    Ok(found.await?.users)
}

/// The user that a field names; several that fit are none.
async fn find_user(visit: &Visit, search: &str) -> Result<User, String> {
    if search.is_empty() {
        return Err(t!("policies.no_user").to_owned());
    }
    let found = users(visit, search).await;
    let mut found = found.map_err(|_| t!("policies.no_users").to_owned())?;
    let is_exact = |it: &User| {
        let id = search.parse::<Uuid>().ok();
        id == Some(it.id)
            || it.email.as_deref() == Some(search)
            || it.phone.as_deref() == Some(search.trim_start_matches('+'))
    };
    if let Some(index) = found.iter().position(is_exact) {
        return Ok(found.swap_remove(index));
    }
    match (found.pop(), found.len()) {
        (Some(user), 0) => Ok(user),
        (Some(_), others) => Err(t!("policies.many_users", others + 1)),
        (None, _) => Err(t!("policies.no_such_user").to_owned()),
    }
}
