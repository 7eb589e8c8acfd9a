//! A mail as the bytes that travel: headers encoded, text and HTML as alternatives.
//!
//! SECURITY: every header goes through the encoder of the mail library as one value, and before
//! that loses its line breaks here. The envelope is made of two checked addresses and never read
//! back from headers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use uuid::Uuid;

use super::SendError;
use crate::header::HEADERS_MAX;
use crate::{Address, Header, Mail, clean};

/// Longest subject in characters.
const SUBJECT_CHARS_MAX: usize = 200;

/// What is the same on every mail.
pub(super) struct Letterhead {
    pub(super) from: Address,
    pub(super) from_name: Option<String>,
    pub(super) headers: Vec<Header>,
}

impl Letterhead {
    /// Writes a mail down.
    pub(super) fn write(&self, mail: &Mail, now_unix_secs: i64) -> Result<Message, SendError> {
        let from = to_lettre(&self.from)?;
        let to = to_lettre(&mail.to)?;
        let envelope = lettre::address::Envelope::new(Some(from.clone()), vec![to.clone()])
            .map_err(|error| unwritable(&error))?;
        let subject = clean::one_line(&mail.subject, SUBJECT_CHARS_MAX);
        let mut builder = Message::builder()
            .envelope(envelope)
            .from(Mailbox::new(self.from_name.clone(), from))
            .to(Mailbox::new(None, to))
            .subject(subject)
            .date(at(now_unix_secs))
            .message_id(Some(format!("<{}@{}>", Uuid::new_v4(), self.from.domain())));
        for (name, value) in self.raw_headers(mail) {
            let name = HeaderName::new_from_ascii(name).map_err(|error| unwritable(&error))?;
            builder = builder.raw_header(HeaderValue::new(name, value));
        }
        let bodies = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
        builder
            .multipart(bodies)
            .map_err(|error| unwritable(&error))
    }

    fn raw_headers(&self, mail: &Mail) -> Vec<(String, String)> {
        let chosen = self.headers.iter().chain(&mail.headers).take(HEADERS_MAX);
        let mut headers: Vec<_> = chosen
            .map(|it| (it.name().to_owned(), it.value().to_owned()))
            .collect();
        // Out-of-office programs do not answer such mails.
        headers.push(("Auto-Submitted".into(), "auto-generated".into()));
        headers
    }
}

fn to_lettre(address: &Address) -> Result<lettre::Address, SendError> {
    lettre::Address::new(address.local(), address.domain()).map_err(|error| unwritable(&error))
}

fn unwritable(error: &dyn std::error::Error) -> SendError {
    SendError::Unwritable {
        why: error.to_string(),
    }
}

fn at(unix_secs: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(unix_secs).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::Letterhead;
    use crate::{Address, Header, Mail};

    fn letterhead() -> Letterhead {
        Letterhead {
            from: Address::parse("post@example.org").unwrap(),
            from_name: Some("Grüße \"& Co\"".into()),
            headers: vec![Header::parse("Reply-To", "help@example.org").unwrap()],
        }
    }

    fn mail(subject: &str, text: &str) -> Mail {
        Mail {
            to: Address::parse("ada@bücher.example").unwrap(),
            subject: subject.into(),
            text: text.into(),
            html: "<p>Hi</p>".into(),
            headers: Vec::new(),
            kind: None,
            code: None,
            link: None,
        }
    }

    fn written(mail: &Mail) -> (String, lettre::Message) {
        let message = letterhead().write(mail, 1_767_225_600).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().to_owned();
        (head, message)
    }

    #[test]
    fn a_mail_says_when_by_whom_and_to_whom() {
        let (head, message) = written(&mail("Hello", "Hi"));

        assert!(
            head.contains("\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000"),
            "{head}"
        );
        assert!(head.contains("@example.org>"), "{head}");
        assert!(head.contains("To: ada@xn--bcher-kva.example"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(head.contains("Reply-To: help@example.org"), "{head}");
        assert!(
            head.contains("Content-Type: multipart/alternative"),
            "{head}"
        );
        assert!(head.is_ascii());
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn every_mail_has_an_id_of_its_own() {
        let id = |head: &str| {
            let line = head.lines().find(|it| it.starts_with("Message-ID: "));
            line.unwrap().to_owned()
        };

        let (one, two) = (written(&mail("a", "b")).0, written(&mail("a", "b")).0);

        assert_ne!(id(&one), id(&two));
    }

    #[test]
    fn attack_37_a_subject_stays_one_header() {
        for subject in [
            "Hi\r\nBcc: eve@evil.example",
            "Hi\nBcc: eve@evil.example\n\n<b>body</b>",
            "Hi\rBcc: eve@evil.example",
            "Hi\u{2028}Bcc: eve@evil.example",
            "Hi\0\u{b}\u{c}\u{85}Bcc: eve@evil.example",
            &format!("{}\r\nBcc: eve@evil.example", "long ".repeat(60)),
        ] {
            let (head, message) = written(&mail(subject, "text"));

            assert!(!head.contains("\r\nBcc"), "{head}");
            assert!(!head.contains("\nBcc"), "{head}");
            assert_eq!(head.matches("Subject:").count(), 1, "{head}");
            assert_eq!(message.envelope().to().len(), 1);
        }
    }

    #[test]
    fn attack_37_a_sender_name_stays_a_name() {
        let mut letterhead = letterhead();
        letterhead.from_name = Some("x\" <eve@evil.example>, \"y".into());

        let message = letterhead.write(&mail("Hi", "text"), 0).unwrap();

        let from = message.envelope().from().unwrap().to_string();
        assert_eq!(from, "post@example.org");
        let text = String::from_utf8(message.formatted()).unwrap();
        let line = text.lines().find(|it| it.starts_with("From: ")).unwrap();
        assert!(line.ends_with("<post@example.org>"), "{line}");
        assert!(!line.contains("eve@evil.example>,"), "{line}");
    }

    #[test]
    fn attack_37_a_body_ends_no_smtp_dialogue() {
        let (_, message) = written(&mail("Hi", "one\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n"));

        // The transport doubles leading dots; what matters here is that nothing became a header.
        assert_eq!(message.envelope().to().len(), 1);
    }
}
