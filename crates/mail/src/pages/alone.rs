//! A question or a refusal, alone on its page: what a mailed link opens.
//!
//! A mailed link is opened by scanners, too, so opening it only shows the question; the button
//! answers it. The style sheet stands in the page, allowed by its hash, so that the pages need no
//! second address.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{Page, link};

const STYLE: &str = include_str!("../../assets/pages.css");

/// Allows exactly our style sheet.
static STYLE_SOURCE: LazyLock<String> =
    LazyLock::new(|| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE))));

/// A question with one button.
#[derive(Clone, Debug)]
pub struct ConfirmPage<'a> {
    /// The name of the site, as its users know it.
    pub site_name: &'a str,
    /// The language of the texts, such as `de`.
    pub locale: &'a str,
    /// What it is about, in a few words.
    pub title: &'a str,
    /// What the button does, in a sentence or two.
    pub message: &'a str,
    /// What stands on the button: a verb.
    pub button: &'a str,
    /// Where the button posts to.
    pub action_url: &'a str,
    /// What it posts.
    pub fields: &'a [(&'a str, &'a str)],
    /// Where the answer leads afterwards; browsers refuse the redirect when they are not told.
    pub continue_to: Option<&'a str>,
}

/// Something that did not work, and the way back.
#[derive(Clone, Debug)]
pub struct ErrorPage<'a> {
    /// The name of the site, as its users know it.
    pub site_name: &'a str,
    /// The language of the texts, such as `de`.
    pub locale: &'a str,
    /// What did not work, in a few words.
    pub title: &'a str,
    /// Why, and what to do now.
    pub message: &'a str,
    /// The code that clients get for it.
    pub code: &'a str,
    /// Where to go from here. An address that does not merely lead somewhere is left out.
    pub back: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "pages/confirm.html")]
struct ConfirmTemplate<'a> {
    site_name: &'a str,
    locale: &'a str,
    title: &'a str,
    message: &'a str,
    button: &'a str,
    action_url: &'a str,
    fields: &'a [(&'a str, &'a str)],
    style: &'static str,
}

#[derive(Template)]
#[template(path = "pages/error.html")]
struct ErrorTemplate<'a> {
    site_name: &'a str,
    locale: &'a str,
    title: &'a str,
    message: &'a str,
    code: &'a str,
    back: Option<&'a str>,
    back_label: &'static str,
    style: &'static str,
}

/// Renders a question.
pub fn confirm_page(page: &ConfirmPage<'_>) -> Page {
    let template = ConfirmTemplate {
        site_name: page.site_name,
        locale: page.locale,
        title: page.title,
        message: page.message,
        button: page.button,
        action_url: link::clickable(page.action_url).unwrap_or_default(),
        fields: page.fields,
        style: STYLE,
    };
    let mut targets = String::from("'self'");
    for address in [Some(page.action_url), page.continue_to]
        .into_iter()
        .flatten()
    {
        if let Some(source) = link::source_expression(address) {
            targets.push(' ');
            targets.push_str(&source);
        }
    }
    rendered(&template, &targets)
}

/// Renders a refusal.
pub fn error_page(page: &ErrorPage<'_>) -> Page {
    let template = ErrorTemplate {
        site_name: page.site_name,
        locale: page.locale,
        title: page.title,
        message: page.message,
        code: page.code,
        back: page.back.and_then(link::clickable),
        back_label: if page.locale.starts_with("de") {
            "Zurück"
        } else {
            "Back"
        },
        style: STYLE,
    };
    rendered(&template, "'none'")
}

fn rendered(template: &impl Template, form_targets: &str) -> Page {
    let style = &*STYLE_SOURCE;
    Page {
        body: super::write(template),
        content_security_policy: format!(
            "default-src 'none'; style-src {style}; form-action {form_targets}; \
             base-uri 'none'; frame-ancestors 'none'"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{ConfirmPage, ErrorPage, STYLE, confirm_page, error_page};

    fn question() -> ConfirmPage<'static> {
        ConfirmPage {
            site_name: "Example",
            locale: "en",
            title: "Sign in",
            message: "Go on as ada@example.com.",
            button: "Sign in",
            action_url: "/auth/v1/verify",
            fields: &[("token", "abc"), ("type", "magiclink")],
            continue_to: Some("https://app.example.com/welcome?a=b"),
        }
    }

    #[test]
    fn a_question_posts_its_fields() {
        let page = confirm_page(&question());

        assert!(
            page.body
                .contains(r#"<form method="post" action="/auth/v1/verify">"#)
        );
        assert!(
            page.body
                .contains(r#"<input type="hidden" name="token" value="abc">"#)
        );
        let policy = &page.content_security_policy;
        assert!(policy.contains("form-action 'self' https:;"), "{policy}");
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn a_refusal_leads_back() {
        let page = error_page(&ErrorPage {
            site_name: "Beispiel",
            locale: "de-AT",
            title: "Dieser Link gilt nicht mehr",
            message: "Fordern Sie einen neuen an.",
            code: "otp_expired",
            back: Some("https://example.com"),
        });

        assert!(
            page.body.contains(r#"href="https://example.com">Zurück"#),
            "{}",
            page.body
        );
        assert!(page.body.contains("otp_expired"));
        assert!(page.body.contains(r#"lang="de-AT""#));
    }

    #[test]
    fn attack_77_values_stay_text() {
        let evil = "\"><script>alert(1)</script>";
        let page = confirm_page(&ConfirmPage {
            site_name: evil,
            locale: evil,
            title: evil,
            message: evil,
            button: evil,
            action_url: "javascript:alert(1)",
            fields: &[(evil, evil)],
            continue_to: Some("https://x;script-src 'unsafe-inline'"),
        });

        assert!(!page.body.contains("<script"), "{}", page.body);
        assert!(!page.body.contains("javascript:"), "{}", page.body);
        assert!(!page.content_security_policy.contains("unsafe-inline"));
    }

    #[test]
    fn attack_77_the_way_back_runs_nothing() {
        let page = error_page(&ErrorPage {
            site_name: "Example",
            locale: "en",
            title: "No",
            message: "No",
            code: "x",
            back: Some("javascript:alert(1)"),
        });

        assert!(!page.body.contains("<a "), "{}", page.body);
    }

    #[test]
    fn the_style_sheet_cannot_end_its_element() {
        assert!(!STYLE.contains('<'));
    }
}
