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

/// A question with a button, and a second one where it may be declined.
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
    /// Whom or what it is about, such as an address.
    pub about: Option<&'a str>,
    /// What stands on the button: a verb.
    pub button: &'a str,
    /// What stands on the second button, which posts `answer=decline` beside the fields.
    pub decline: Option<&'a str>,
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

/// Something that was done, with nothing left to do.
#[derive(Clone, Copy, Debug)]
pub struct NoticePage<'a> {
    /// The name of the site, as its users know it.
    pub site_name: &'a str,
    /// The language of the texts, such as `de`.
    pub locale: &'a str,
    /// What was done, in a few words.
    pub title: &'a str,
    /// What that means.
    pub message: &'a str,
}

#[derive(Template)]
#[template(path = "pages/confirm.html")]
struct ConfirmTemplate<'a> {
    site_name: &'a str,
    locale: &'a str,
    title: &'a str,
    message: &'a str,
    about: Option<&'a str>,
    button: &'a str,
    decline: Option<&'a str>,
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

#[derive(Template)]
#[template(path = "pages/notice.html")]
struct NoticeTemplate<'a> {
    site_name: &'a str,
    locale: &'a str,
    title: &'a str,
    message: &'a str,
    style: &'static str,
}

/// Renders a question.
pub fn confirm_page(page: &ConfirmPage<'_>) -> Page {
    let template = ConfirmTemplate {
        site_name: page.site_name,
        locale: page.locale,
        title: page.title,
        message: page.message,
        about: page.about,
        button: page.button,
        decline: page.decline,
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

/// Renders a notice.
pub fn notice_page(page: &NoticePage<'_>) -> Page {
    let template = NoticeTemplate {
        site_name: page.site_name,
        locale: page.locale,
        title: page.title,
        message: page.message,
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
    use super::{ConfirmPage, ErrorPage, NoticePage, STYLE, confirm_page, error_page, notice_page};

    fn question() -> ConfirmPage<'static> {
        ConfirmPage {
            site_name: "Example",
            locale: "en",
            title: "Sign in",
            message: "Go on as ada@example.com.",
            about: None,
            button: "Sign in",
            decline: None,
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
    fn a_question_may_be_declined_by_a_second_button() {
        let one = confirm_page(&question());
        let two = confirm_page(&ConfirmPage {
            about: Some("ada@example.com"),
            decline: Some("It was not me"),
            ..question()
        });

        assert!(!one.body.contains("decline"), "{}", one.body);
        let decline = r#"type="submit" name="answer" value="decline">It was not me</button>"#;
        assert!(two.body.contains(decline), "{}", two.body);
        assert!(two.body.contains(r#"<p class="about">ada@example.com</p>"#));
        // Enter presses the first button of a form.
        assert!(two.body.find("Sign in</button>") < two.body.find("decline"));
    }

    #[test]
    fn a_notice_asks_for_nothing() {
        let page = notice_page(&NoticePage {
            site_name: "Example",
            locale: "en",
            title: "Done",
            message: "That is all.",
        });

        assert!(page.body.contains("That is all."));
        assert!(!page.body.contains("<form"), "{}", page.body);
        assert!(page.content_security_policy.contains("form-action 'none'"));
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
            about: Some(evil),
            button: evil,
            decline: Some(evil),
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
