//! How users sign in: what is configured, where it was said, and whether it works.
//!
//! All of it is read when the server starts, so that nothing is changed here.

pub(crate) mod limits;
pub(crate) mod mails;

use askama::Template;
use postern_auth::Step;

use self::limits::Limits;
use self::mails::Mails;
use crate::answer::{Answer, framing, page};
use crate::backstage::operate::Setting;
use crate::chrome::{Chrome, Spot};
use crate::failure::Failure;
use crate::place::People;
use crate::visit::Visit;

/// A section, and the beginnings of the keys that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Providers,
    Templates,
    Urls,
    Limits,
    Hooks,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    chrome: Chrome,
    section: Section,
    tabs: Vec<(&'static str, String, bool)>,
    settings: Vec<Setting>,
    providers: Vec<ProviderLine>,
    hooks: Vec<HookLine>,
    mails: Option<Mails>,
    limits: Option<Limits>,
    steps: Vec<Step>,
}

/// An identity provider.
struct ProviderLine {
    name: String,
    protocol: &'static str,
    issuer: String,
    is_on: bool,
}

/// A place where the project may have a say.
struct HookLine {
    name: &'static str,
    place: Option<String>,
}

impl Section {
    const ALL: [Self; 5] = [
        Self::Providers,
        Self::Templates,
        Self::Urls,
        Self::Limits,
        Self::Hooks,
    ];

    /// As addresses spell it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Providers => "providers",
            Self::Templates => "templates",
            Self::Urls => "urls",
            Self::Limits => "limits",
            Self::Hooks => "hooks",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Providers => t!("sign_in.providers"),
            Self::Templates => t!("sign_in.templates"),
            Self::Urls => t!("sign_in.urls"),
            Self::Limits => t!("sign_in.limits"),
            Self::Hooks => t!("sign_in.hooks"),
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::Providers => t!("sign_in.providers_text"),
            Self::Templates => t!("sign_in.templates_text"),
            Self::Urls => t!("sign_in.urls_text"),
            Self::Limits => t!("sign_in.limits_text"),
            Self::Hooks => t!("sign_in.hooks_text"),
        }
    }

    /// Whether a key belongs here.
    fn has(self, key: &str) -> bool {
        let begins = |names: &[&str]| names.iter().any(|it| key.starts_with(it));
        match self {
            Self::Providers => begins(&["signup.", "auth.providers_file", "factors."]),
            Self::Templates => begins(&["mail.templates_dir", "mail.from", "codes."]),
            Self::Urls => begins(&["api.external_url", "auth.site_", "auth.redirect_urls"]),
            Self::Limits => begins(&["rates.", "captcha."]),
            Self::Hooks => begins(&["hooks."]),
        }
    }
}

/// `GET /console/sign-in/{section}`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let section = Section::parse(visit.segment("section")).ok_or(Failure::Missing)?;
    let shown = of(visit, section, Vec::new()).await?;
    match section {
        Section::Templates => framing(&shown, visit),
        _ => page(&shown),
    }
}

/// `POST /console/sign-in/providers/check`: fetches what a provider publishes.
pub(crate) async fn check_provider(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let name = visit.form.text("provider");
    let steps = auth.try_provider(name, &visit.context).await?;
    let shown = of(visit, Section::Providers, steps).await?;
    page(&shown)
}

/// `POST /console/sign-in/hooks/try`: calls a hook with made-up values.
pub(crate) async fn try_hook(visit: &Visit) -> Answer {
    let auth = &visit.console.auth;
    let name = visit.form.text("hook");
    let step = auth.try_hook(name, &visit.context).await?;
    let shown = of(visit, Section::Hooks, vec![step]).await?;
    page(&shown)
}

async fn of(visit: &Visit, section: Section, steps: Vec<Step>) -> Result<Page, Failure> {
    let console = &visit.console;
    let sections = console.backstage.settings();
    let settings = sections.into_iter().flat_map(|it| it.settings);
    let tab = |it: Section| (it.label(), People::SignIn(it).to_string(), it == section);
    let mut chrome = Chrome::new(visit, t!("sign_in.title"), Spot::SignIn);
    chrome.here = People::SignIn(section).to_string();
    let limits = match section {
        Section::Limits => Some(limits::of(visit).await?),
        _ => None,
    };
    Ok(Page {
        chrome,
        section,
        tabs: Section::ALL.map(tab).into_iter().collect(),
        settings: settings.filter(|it| section.has(&it.key)).collect(),
        providers: providers(visit),
        hooks: hooks(visit),
        mails: (section == Section::Templates).then(|| mails::of(visit)),
        limits,
        steps,
    })
}

fn providers(visit: &Visit) -> Vec<ProviderLine> {
    let all = visit.console.auth.settings().providers.iter();
    let line = |it: &postern_auth::oauth::Provider| ProviderLine {
        name: it.name().to_owned(),
        protocol: it.protocol_name(),
        issuer: it.issuer().unwrap_or_default().to_owned(),
        is_on: it.is_enabled(),
    };
    all.map(line).collect()
}

fn hooks(visit: &Visit) -> Vec<HookLine> {
    let places = visit.console.auth.hook_places();
    let line = |(point, place): (postern_auth::hooks::HookPoint, _)| HookLine {
        name: point.key(),
        place,
    };
    places.into_iter().map(line).collect()
}
