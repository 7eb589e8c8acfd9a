//! The dev mailbox as pages and as JSON.
//!
//! A mail's own HTML is a document of its own: the frame around it has no rights, and its policy
//! allows nothing but inline styles. It is not put into `srcdoc`, because such a document inherits
//! the policy of the page, which forbids the inline styles that mails are made of.

mod moment;

use std::sync::Arc;

use askama::Template;
use serde_json::{Value, json};

use super::{Page, link};
use crate::{KeptMail, MailKind};
use moment::iso_8601;

/// The style sheet of the pages, served as `/_dev/mailbox/style.css`.
pub const STYLE: &str = concat!(
    include_str!("../../assets/pages.css"),
    include_str!("../../assets/mailbox.css")
);
/// The script of the pages, served as `/_dev/mailbox/script.js`.
pub const SCRIPT: &str = include_str!("../../assets/mailbox.js");

/// What the pages may load and do.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";
/// What a mail may load and do: nothing, but it may be coloured, and its links open elsewhere.
const MAIL_POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; \
    default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'self'";

/// Which form of a mail is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// As HTML, in a frame.
    Html,
    /// As plain text.
    Text,
}

#[derive(Template)]
#[template(path = "pages/mailbox.html")]
struct ListTemplate {
    rows: Vec<Row>,
    newest: u64,
}

#[derive(Template)]
#[template(path = "pages/mail.html")]
struct MailTemplate {
    row: Row,
    as_text: bool,
    links: bool,
}

struct Row {
    mail: Arc<KeptMail>,
    at: String,
    kind: &'static str,
}

impl Row {
    fn of(mail: &Arc<KeptMail>) -> Self {
        Self {
            mail: Arc::clone(mail),
            at: iso_8601(mail.at_unix_secs),
            kind: mail.kind.map_or("other", MailKind::as_str),
        }
    }
}

/// The list, newest first.
pub fn list_page(mails: &[Arc<KeptMail>]) -> Page {
    let template = ListTemplate {
        rows: mails.iter().map(Row::of).collect(),
        newest: mails.first().map_or(0, |it| it.id),
    };
    page(super::write(&template))
}

/// One mail: its code and link first, then what the addressee would see.
pub fn mail_page(mail: &Arc<KeptMail>, view: View) -> Page {
    let template = MailTemplate {
        row: Row::of(mail),
        as_text: view == View::Text,
        links: mail.link.as_deref().and_then(link::clickable).is_some(),
    };
    page(super::write(&template))
}

/// The mail's own HTML, for the frame of [`mail_page`].
pub fn mail_document(mail: &KeptMail) -> Page {
    // Links open beside the mailbox; inside of the frame, most sites refuse to be shown.
    let body = mail
        .html
        .replacen("<head>", "<head>\n<base target=\"_blank\">", 1);
    Page {
        body,
        content_security_policy: MAIL_POLICY.to_owned(),
    }
}

/// The list for programs: tests of apps read their codes here.
pub fn json(mails: &[Arc<KeptMail>]) -> Value {
    mails
        .iter()
        .map(|it| {
            json!({
                "id": it.id,
                "to": it.to.as_str(),
                "subject": it.subject,
                "kind": it.kind.map(MailKind::as_str),
                "code": it.code,
                "link": it.link,
                "at": iso_8601(it.at_unix_secs),
            })
        })
        .collect()
}

fn page(body: String) -> Page {
    Page {
        body,
        content_security_policy: PAGE_POLICY.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{View, json, list_page, mail_document, mail_page};
    use crate::{Address, KeptMail, MailKind};

    fn mail(subject: &str, link: &str) -> Arc<KeptMail> {
        Arc::new(KeptMail {
            id: 7,
            at_unix_secs: 1_767_225_600,
            to: Address::parse("ada@example.com").unwrap(),
            subject: subject.into(),
            text: format!("{subject}\nCode: 123456"),
            html: "<html><head></head><script>alert(1)</script></html>".into(),
            kind: Some(MailKind::Otp),
            code: Some("123456".into()),
            link: Some(link.into()),
        })
    }

    #[test]
    fn the_list_shows_codes_and_leads_to_mails() {
        let page = list_page(&[mail("Hello", "https://example.com/v")]);

        assert!(
            page.body.contains(r#"href="/_dev/mailbox/7""#),
            "{}",
            page.body
        );
        assert!(page.body.contains("<code>123456</code>"), "{}", page.body);
        assert!(
            page.body.contains(r#"datetime="2026-01-01T00:00:00Z""#),
            "{}",
            page.body
        );
        assert!(list_page(&[]).body.contains("No mail yet"));
    }

    #[test]
    fn a_mail_shows_code_and_link_first() {
        let mail = mail("Hello", "https://example.com/v?a=1&b=2");

        let (html, text) = (mail_page(&mail, View::Html), mail_page(&mail, View::Text));

        assert!(
            html.body.contains("sandbox=\"allow-popups"),
            "{}",
            html.body
        );
        assert!(
            html.body
                .contains("href=\"https://example.com/v?a=1&#38;b=2\""),
            "{}",
            html.body
        );
        assert!(text.body.contains("Code: 123456"), "{}", text.body);
        assert!(!text.body.contains("<iframe"), "{}", text.body);
    }

    #[test]
    fn attack_77_mails_run_nothing_in_the_mailbox() {
        let mail = mail("<script>alert(1)</script>", "javascript:alert(1)");

        for page in [
            list_page(&[Arc::clone(&mail)]),
            mail_page(&mail, View::Html),
            mail_page(&mail, View::Text),
        ] {
            assert!(!page.body.contains("<script>"), "{}", page.body);
            assert!(!page.body.contains("href=\"javascript:"), "{}", page.body);
            assert!(!page.content_security_policy.contains("unsafe"));
        }
        let document = mail_document(&mail);
        let policy = &document.content_security_policy;
        assert!(policy.starts_with("sandbox allow-popups "), "{policy}");
        assert!(!policy.contains("script"), "{policy}");
    }

    #[test]
    fn programs_read_codes_and_links() {
        let list = json(&[mail("Hello", "https://example.com/v")]);

        assert_eq!(
            list,
            serde_json::json!([{
                "id": 7,
                "to": "ada@example.com",
                "subject": "Hello",
                "kind": "otp",
                "code": "123456",
                "link": "https://example.com/v",
                "at": "2026-01-01T00:00:00Z",
            }])
        );
    }
}
