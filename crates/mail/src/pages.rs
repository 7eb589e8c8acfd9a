//! The pages that people see without an app: mailed links, refusals, and the dev mailbox.
//!
//! Rendering only: whoever serves a page takes its body and all of its [`Page::headers`]. No page
//! runs inline script, is framed, is cached, or loads anything from elsewhere.

mod alone;
mod link;
pub mod mailbox;
mod words;

pub use alone::{ConfirmPage, ErrorPage, NoticePage, confirm_page, error_page, notice_page};
pub use words::{Notice, Question, Refusal};

/// A rendered page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The document.
    pub body: String,
    /// The content security policy that goes with exactly this document.
    pub content_security_policy: String,
}

impl Page {
    /// The headers without which the page must not be served.
    pub fn headers(&self) -> [(&'static str, &str); 6] {
        [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", &self.content_security_policy),
            ("cache-control", "no-store"),
            // The address may hold a token: it goes to nobody else. Not `no-referrer`, because
            // browsers would then send `Origin: null` with the page's own form.
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "SAMEORIGIN"),
        ]
    }
}

fn write(template: &impl askama::Template) -> String {
    template
        .render()
        .expect("INVARIANT: the templates write values that cannot fail to be written")
}
