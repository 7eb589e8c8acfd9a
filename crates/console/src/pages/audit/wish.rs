//! Which entries the address asks for. What it spells wrongly is as if it were not there.

use postern_auth::audit::AuditQuery;
use time::{Date, Duration, Month, OffsetDateTime};

use crate::form::{Form, address};

/// The groups that entries are filed under.
const KINDS: [&str; 7] = [
    "account", "admin", "data", "factor", "team", "token", "user",
];

/// What somebody wants to see.
pub(super) struct Wish {
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) kind: String,
    pub(super) subject: String,
    /// Days as the address spells them.
    pub(super) from: String,
    pub(super) until: String,
}

impl Wish {
    /// Reads the parameters of an address.
    pub(super) fn read(query: &Form) -> Self {
        let text = |name| query.text(name).trim().to_owned();
        Self {
            actor: text("actor"),
            action: text("action").replace(' ', "_"),
            kind: text("kind"),
            subject: text("subject"),
            from: text("from"),
            until: text("until"),
        }
    }

    /// The same for the log. Both days count whole.
    pub(super) fn query(&self) -> AuditQuery {
        let until = day(&self.until).and_then(|it| it.checked_add(Duration::days(1)));
        AuditQuery::narrowed(&self.actor, &self.action, &self.kind)
            .about(&self.subject)
            .between(day(&self.from), until)
    }

    /// The parameters once more.
    pub(super) fn parameters(&self) -> [(&'static str, &str); 6] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("subject", &self.subject),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    /// The same entries at another address.
    pub(super) fn at(&self, path: &str) -> String {
        address(path, &self.parameters())
    }

    /// The kinds, and which one is chosen.
    pub(super) fn kinds(&self) -> Vec<(&'static str, bool)> {
        KINDS.map(|it| (it, it == self.kind)).to_vec()
    }
}

/// The beginning of a day such as `2026-05-31`, in UTC.
fn day(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.splitn(3, '-');
    let year = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    Some(date.midnight().assume_utc())
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn a_day_is_a_day_of_the_calendar() {
        let begin = day("2026-05-31").expect("a day");
        assert_eq!(begin.unix_timestamp(), 1_780_185_600);
        for odd in [
            "",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "x-y-z",
            "2026-05-31-1",
        ] {
            assert_eq!(day(odd), None, "{odd}");
        }
    }
}
