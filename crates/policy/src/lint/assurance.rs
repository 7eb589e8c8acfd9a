//! Lints on what rules demand of the caller's sign-in.

use postern_base::RoleName;

use super::Subject;
use crate::report::{Report, Site};
use crate::{Assurance, Level, Verb};

/// Runs them.
pub(super) fn lint(subject: &Subject<'_>, report: &mut Report<'_>) {
    let anon = RoleName::new(RoleName::ANON);
    for rule in &subject.table.rules {
        let Some(assurance) = rule.assurance() else {
            continue;
        };
        let (name, site) = (&rule.entry.name, &rule.entry.site);
        idle(assurance, name, site, report);
        let chain = std::slice::from_ref(&anon);
        let shut =
            |verb: &Verb| rule.applies(chain, *verb) && subject.access(&anon, *verb).is_some();
        if let Some(verb) = Verb::ALL.into_iter().find(shut) {
            visitors(name, verb.as_str(), site, report);
        }
    }
}

/// A demand that every sign-in satisfies.
pub(crate) fn idle(assurance: Assurance, name: &str, site: &Site, report: &mut Report<'_>) {
    if assurance.level == Level::Aal1 && assurance.within_secs.is_none() {
        report.warning(
            site,
            "assurance-idle",
            format!("`{name}` demands `aal1`, which every sign-in is"),
            "say how recent it must be (`aal1 within 10m`), or ask for `aal2`",
        );
    }
}

/// A demand of those who have not signed in at all.
pub(crate) fn visitors(name: &str, verb: &str, site: &Site, report: &mut Report<'_>) {
    report.warning(
        site,
        "assurance-anon",
        format!(
            "`{name}` shuts out visitors, whom something else lets {verb}: they cannot sign in \
             more surely"
        ),
        "name the `roles` that it is for, or take `anon` out of the other one",
    );
}
