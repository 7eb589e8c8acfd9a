//! What stands around every page: title, rail, theme, who is signed in.

use std::borrow::Cow;

use postern_auth::admins::{AdminRole, AdminSession};

use crate::pages::sign_in::Section;
use crate::place::operate::Operate;
use crate::place::{People, Place, SqlPlace};
use crate::theme::Theme;
use crate::visit::Visit;

/// What is current in the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Overview,
    Tables,
    Sql,
    Map,
    Policies,
    Users,
    SignIn,
    Keys,
    Logs,
    Advisors,
    Settings,
    Audit,
    Admins,
    /// A page that the rail does not name.
    Elsewhere,
}

impl Spot {
    /// The letter that leads there after a `g`.
    pub(crate) fn letter(self) -> Option<&'static str> {
        Some(match self {
            Self::Overview => "o",
            Self::Tables => "t",
            Self::Sql => "s",
            Self::Map => "r",
            Self::Policies => "p",
            Self::Users => "u",
            Self::Keys => "k",
            Self::Logs => "l",
            Self::Advisors => "d",
            Self::Settings => "e",
            Self::Audit => "a",
            Self::Admins => "m",
            _ => return None,
        })
    }
}

/// A link of the rail.
pub(crate) struct Link {
    pub(crate) spot: Spot,
    pub(crate) place: Place,
    pub(crate) icon: &'static str,
    pub(crate) label: &'static str,
}

/// A group of the rail; the first has no name.
pub(crate) struct Group {
    pub(crate) name: Option<&'static str>,
    pub(crate) links: Vec<Link>,
}

/// The frame of a page.
pub(crate) struct Chrome {
    pub(crate) title: String,
    pub(crate) spot: Spot,
    /// The page above, where there is one.
    pub(crate) above: Option<(Place, Cow<'static, str>)>,
    pub(crate) theme: Theme,
    /// The address of this page, for forms that come back to it.
    pub(crate) here: String,
    pub(crate) admin: Option<Who>,
    /// What forms of this session carry.
    pub(crate) form_token: String,
}

/// Who is signed in.
pub(crate) struct Who {
    pub(crate) email: String,
    pub(crate) role: AdminRole,
}

impl Chrome {
    /// The frame of a page for this visit.
    pub(crate) fn new(visit: &Visit, title: impl Into<String>, spot: Spot) -> Self {
        let who = |session: &AdminSession| Who {
            email: session.admin.email.clone(),
            role: session.admin.role,
        };
        let form_token = |session| visit.console.auth.admin_form_token(session);
        let session = visit.session.as_ref();
        Self {
            title: title.into(),
            spot,
            above: None,
            theme: visit.theme,
            here: visit.here(),
            admin: session.map(who),
            form_token: session.map(form_token).unwrap_or_default(),
        }
    }

    /// The same frame below another page.
    pub(crate) fn below(mut self, place: Place, name: impl Into<Cow<'static, str>>) -> Self {
        self.above = Some((place, name.into()));
        self
    }

    /// Whether the one who looks may do what this role may.
    pub(crate) fn may(&self, role: AdminRole) -> bool {
        self.admin.as_ref().is_some_and(|it| it.role >= role)
    }

    /// Whether somebody else than the one who looks has this address.
    pub(crate) fn is_other(&self, email: &str) -> bool {
        self.admin.as_ref().is_some_and(|it| it.email != email)
    }

    /// Whether they may change something.
    pub(crate) fn may_edit(&self) -> bool {
        self.may(AdminRole::Editor)
    }

    /// Whether they may change keys and admins.
    pub(crate) fn may_own(&self) -> bool {
        self.may(AdminRole::Owner)
    }

    /// The rail: what is there, and nothing that is to come.
    pub(crate) fn rail(&self) -> Vec<Group> {
        let link = |spot, place, icon, label| Link {
            spot,
            place,
            icon,
            label,
        };
        vec![
            Group {
                name: None,
                links: vec![link(
                    Spot::Overview,
                    Place::Overview,
                    "overview",
                    t!("rail.overview"),
                )],
            },
            Group {
                name: Some(t!("rail.data")),
                links: vec![
                    link(Spot::Tables, Place::Tables, "table", t!("rail.tables")),
                    link(Spot::Sql, Place::Sql(SqlPlace::Desk), "sql", t!("rail.sql")),
                    link(Spot::Map, Place::Map, "map", t!("map.title")),
                ],
            },
            Group {
                name: Some(t!("rail.access")),
                links: vec![
                    link(
                        Spot::Policies,
                        Place::Policies,
                        "policy",
                        t!("rail.policies"),
                    ),
                    link(Spot::Users, Place::Users, "users", t!("rail.users")),
                    link(
                        Spot::SignIn,
                        Place::People(People::SignIn(Section::Providers)),
                        "enter",
                        t!("sign_in.rail"),
                    ),
                    link(Spot::Keys, Place::Keys, "key", t!("rail.keys")),
                ],
            },
            Group {
                name: Some(t!("rail.operate")),
                links: vec![
                    link(
                        Spot::Logs,
                        Place::Operate(Operate::Logs),
                        "logs",
                        t!("rail.logs"),
                    ),
                    link(Spot::Audit, Place::Audit, "audit", t!("rail.audit")),
                    link(
                        Spot::Advisors,
                        Place::Operate(Operate::Advisors),
                        "advice",
                        t!("rail.advisors"),
                    ),
                    link(
                        Spot::Settings,
                        Place::Operate(Operate::Settings),
                        "settings",
                        t!("rail.settings"),
                    ),
                    link(Spot::Admins, Place::Admins, "settings", t!("rail.admins")),
                ],
            },
        ]
    }
}
