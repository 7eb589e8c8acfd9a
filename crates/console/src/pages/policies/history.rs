//! The versions of a file that were published here, from the audit log: who, when, why, and the
//! way back.

use askama::Template;
use postern_auth::admin::PageWish;
use postern_auth::audit::{AuditOut, AuditQuery};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::draft::Draft;
use super::lines::{Line, hunks};
use super::review::PUBLISHED;
use crate::answer::{Answer, page};
use crate::chrome::{Chrome, Spot};
use crate::place::Place;
use crate::visit::Visit;

/// Most publications that are looked through.
const ENTRIES_MAX: &str = "500";

#[derive(Template)]
#[template(path = "policy_history.html")]
struct Page {
    chrome: Chrome,
    versions: Vec<Version>,
    review: Place,
    remove: Place,
    is_there: bool,
}

/// A publication.
struct Version {
    at: Option<OffsetDateTime>,
    author: String,
    reason: String,
    bundle: String,
    /// The text before; none where the file was not there.
    before: Option<String>,
    /// The text from then on; none where the file was taken away.
    after: Option<String>,
    is_current: bool,
    /// Whether somebody changed the file without the console.
    is_from_disk: bool,
}

impl Version {
    /// A change that nobody published here: what lay there differs from what was published last.
    fn from_disk(before: Option<&str>, after: Option<&str>) -> Self {
        Self {
            at: None,
            author: String::new(),
            reason: t!("policies.from_disk").to_owned(),
            bundle: String::new(),
            before: before.map(ToOwned::to_owned),
            after: after.map(ToOwned::to_owned),
            is_current: false,
            is_from_disk: true,
        }
    }

    fn read(entry: &AuditOut, stored: Option<&str>) -> Self {
        let traits = &entry.payload["traits"];
        let text = |name: &str| traits[name].as_str().map(ToOwned::to_owned);
        let at = entry.created_at.as_deref();
        let after = text("after");
        Self {
            at: at.and_then(|it| OffsetDateTime::parse(it, &Rfc3339).ok()),
            author: entry.payload["actor_username"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            reason: text("reason").unwrap_or_default(),
            bundle: text("bundle")
                .unwrap_or_default()
                .chars()
                .take(12)
                .collect(),
            is_current: after.as_deref() == stored,
            before: text("before"),
            after,
            is_from_disk: false,
        }
    }

    fn hunks(&self) -> Vec<super::lines::Hunk<'_>> {
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        hunks(before.unwrap_or_default(), after.unwrap_or_default())
    }
}

/// The publications, the newest first, with what was changed in the folder between them: each
/// knows the text that it found.
///
/// The log tells seconds. Of publications in the same one, the texts say which came later.
fn with_gaps(mut published: Vec<Version>, stored: Option<&str>) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    let mut found = stored.map(ToOwned::to_owned);
    while let Some(newest) = published.first() {
        let mut at_once = published.iter().take_while(|it| it.at == newest.at);
        let latest = at_once.position(|it| it.after == found).unwrap_or(0);
        let version = published.remove(latest);
        if version.after != found {
            let (before, after) = (version.after.as_deref(), found.as_deref());
            let is_current = versions.is_empty();
            versions.push(Version {
                is_current,
                ..Version::from_disk(before, after)
            });
        }
        found.clone_from(&version.before);
        versions.push(version);
    }
    versions
}

/// `GET /console/policies/{file}/history`
pub(crate) async fn show(visit: &Visit) -> Answer {
    let draft = Draft::read(visit).await?;
    let wish = PageWish::parse(None, Some(ENTRIES_MAX))?;
    let query = AuditQuery::narrowed("", PUBLISHED, "");
    let entries = visit.console.auth.audit_page(&query, wish).await?.items;
    let mine = entries
        .iter()
        .filter(|it| it.payload["traits"]["file"] == *draft.file);
    let published = mine.map(|it| Version::read(it, draft.stored.as_deref()));
    let mut versions = with_gaps(published.collect(), draft.stored.as_deref());
    let newest = versions.iter().position(|it| it.is_current);
    for (index, version) in versions.iter_mut().enumerate() {
        version.is_current = Some(index) == newest;
    }
    let part = |part| Place::Policy(draft.file.clone(), part);
    let chrome = Chrome::new(
        visit,
        t!("policies.history_title", draft.file),
        Spot::Policies,
    );
    page(&Page {
        chrome: chrome.below(part(""), t!("policies.title")),
        is_there: draft.stored.is_some(),
        review: part("/review"),
        remove: part("/remove"),
        versions,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published(before: Option<&str>, after: Option<&str>) -> Version {
        Version {
            is_from_disk: false,
            ..Version::from_disk(before, after)
        }
    }

    #[test]
    fn what_nobody_published_stands_between_what_somebody_did() {
        let second = published(Some("b, edited"), Some("c"));
        let first = published(None, Some("b"));

        let versions = with_gaps(vec![second, first], Some("d"));

        let told: Vec<_> = versions
            .iter()
            .map(|it| (it.is_from_disk, it.before.as_deref(), it.after.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (true, Some("c"), Some("d")),
                (false, Some("b, edited"), Some("c")),
                (true, Some("b"), Some("b, edited")),
                (false, None, Some("b")),
            ]
        );
        assert!(versions[0].is_current);
    }

    #[test]
    fn publications_of_one_second_are_told_apart_by_their_texts() {
        let second = published(Some("b"), Some("c"));
        let first = published(Some("a"), Some("b"));

        let versions = with_gaps(vec![first, second], Some("c"));

        let told: Vec<_> = versions.iter().map(|it| it.after.as_deref()).collect();
        assert_eq!(told, [Some("c"), Some("b")]);
    }

    #[test]
    fn an_unbroken_row_of_publications_has_no_gap() {
        let second = published(Some("b"), Some("c"));
        let first = published(None, Some("b"));

        let versions = with_gaps(vec![second, first], Some("c"));

        assert!(versions.iter().all(|it| !it.is_from_disk));
        assert!(with_gaps(Vec::new(), Some("a")).is_empty());
    }
}
