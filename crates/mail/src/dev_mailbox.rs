//! The mailbox of `postern dev`: mails are kept in memory for the developer to read.
//!
//! Nothing leaves the machine and nothing is written to disk. Old mails make room for new ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use postern_base::Clock;

use crate::{Address, Mail, MailKind};

/// Most mails that are kept.
const MAILS_MAX: usize = 200;
/// Longest text, and longest HTML, of a kept mail in bytes; together 256 KiB.
const BODY_BYTES_MAX: usize = 128 * 1024;

/// Mails in memory, newest first.
pub struct DevMailbox {
    kept: Mutex<Kept>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Kept {
    mails: VecDeque<Arc<KeptMail>>,
    last_id: u64,
}

/// One mail that was not sent.
#[derive(Clone, Debug)]
pub struct KeptMail {
    /// Counts up from one; never used twice while the program runs.
    pub id: u64,
    /// When it would have been sent, in seconds since the Unix epoch.
    pub at_unix_secs: i64,
    /// To whom it would have been sent.
    pub to: Address,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The occasion.
    pub kind: Option<MailKind>,
    /// The code in it. Not a secret any more: showing it is what this mailbox is for.
    pub code: Option<String>,
    /// The link in it.
    pub link: Option<String>,
}

impl DevMailbox {
    /// An empty mailbox.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            kept: Mutex::new(Kept::default()),
            clock,
        }
    }

    /// Keeps a mail; the oldest makes room when there are too many.
    pub fn keep(&self, mail: &Mail) {
        let mut kept = self.kept();
        kept.last_id += 1;
        let mail = KeptMail {
            id: kept.last_id,
            at_unix_secs: self.clock.now_unix_secs(),
            to: mail.to.clone(),
            subject: mail.subject.clone(),
            text: cut(&mail.text),
            html: cut(&mail.html),
            kind: mail.kind,
            code: mail.code.as_ref().map(|it| it.expose().clone()),
            link: mail.link.as_ref().map(|it| it.expose().clone()),
        };
        kept.mails.push_front(Arc::new(mail));
        kept.mails.truncate(MAILS_MAX);
    }

    /// All mails, newest first.
    pub fn list(&self) -> Vec<Arc<KeptMail>> {
        self.kept().mails.iter().cloned().collect()
    }

    /// One mail.
    pub fn find(&self, id: u64) -> Option<Arc<KeptMail>> {
        self.kept().mails.iter().find(|it| it.id == id).cloned()
    }

    /// Throws all mails away.
    pub fn clear(&self) {
        self.kept().mails.clear();
    }

    /// A panic elsewhere leaves the list whole, so a poisoned lock is no reason to stop.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(BODY_BYTES_MAX)].to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use postern_base::SystemClock;

    use super::{BODY_BYTES_MAX, DevMailbox, MAILS_MAX};
    use crate::{Address, Mail};

    fn mail(subject: &str, text: String) -> Mail {
        Mail {
            to: Address::parse("ada@example.com").unwrap(),
            subject: subject.into(),
            text,
            html: String::new(),
            headers: Vec::new(),
            kind: None,
            code: None,
            link: None,
        }
    }

    fn mailbox() -> DevMailbox {
        DevMailbox::new(Arc::new(SystemClock))
    }

    #[test]
    fn newest_mails_come_first_and_ids_find_them() {
        let mailbox = mailbox();
        mailbox.keep(&mail("one", String::new()));
        mailbox.keep(&mail("two", String::new()));

        let list = mailbox.list();

        assert_eq!(list[0].subject, "two");
        assert_eq!(mailbox.find(list[1].id).unwrap().subject, "one");
        assert!(mailbox.find(99).is_none());
    }

    #[test]
    fn old_mails_make_room_and_long_ones_are_cut() {
        let mailbox = mailbox();
        mailbox.keep(&mail("first", String::new()));
        for _ in 0..MAILS_MAX {
            mailbox.keep(&mail("more", "ä".repeat(BODY_BYTES_MAX)));
        }

        let list = mailbox.list();

        assert_eq!(list.len(), MAILS_MAX);
        assert!(
            list.iter()
                .all(|it| it.subject == "more" && it.text.len() <= BODY_BYTES_MAX)
        );
    }

    #[test]
    fn clearing_forgets_mails_but_no_ids() {
        let mailbox = mailbox();
        mailbox.keep(&mail("one", String::new()));
        mailbox.clear();
        mailbox.keep(&mail("two", String::new()));

        let ids: Vec<_> = mailbox.list().iter().map(|it| it.id).collect();

        assert_eq!(ids, [2]);
    }
}
