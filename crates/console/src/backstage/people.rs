//! What signing in is made of beside the auth service.

/// A mail with made-up values.
#[derive(Clone, Debug)]
pub struct MailPreview {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML, to be shown as source.
    pub html: String,
    /// The language whose template was taken.
    pub locale: String,
}

/// Mail templates behind the console.
pub trait PeopleRoom {
    /// The kinds of mails, by the names of their files.
    fn mail_kinds(&self) -> Vec<&'static str>;
    /// Whether the project has templates of its own in this folder.
    fn mail_folder(&self) -> String;
    /// A mail as it would be sent now; the error says what is wrong with the template.
    ///
    /// # Errors
    /// When there is no such mail, or a template cannot be read.
    fn mail_preview(&self, kind: &str, locale: &str) -> Result<MailPreview, String>;
}
