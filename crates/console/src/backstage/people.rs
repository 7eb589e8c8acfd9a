//! What signing in is made of beside the auth service.

/// A mail with made-up values.
#[derive(Clone, Debug)]
pub struct MailPreview {
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The language whose template was taken.
    pub locale: String,
    /// The files that it was made of.
    pub files: Vec<MailFile>,
}

/// A template, as its author wrote it.
#[derive(Clone, Debug)]
pub struct MailFile {
    /// Its name below the project's folder, where the project's own would lie.
    pub name: String,
    /// What stands in it.
    pub text: String,
    /// Whether it is the project's own.
    pub is_own: bool,
}

/// Mail templates behind the console.
pub trait PeopleRoom {
    /// The kinds of mails, by the names of their files.
    fn mail_kinds(&self) -> Vec<&'static str>;
    /// Whether the project has templates of its own in this folder.
    fn mail_folder(&self) -> String;
    /// The languages that mails are written in; the error says what is wrong with a template.
    ///
    /// # Errors
    /// When a template cannot be read.
    fn mail_locales(&self) -> Result<Vec<String>, String>;
    /// A mail as it would be sent now; the error says what is wrong with the template.
    ///
    /// # Errors
    /// When there is no such mail, or a template cannot be read.
    fn mail_preview(&self, kind: &str, locale: &str) -> Result<MailPreview, String>;
}
