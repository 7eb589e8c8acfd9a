//! Mail templates: built-in ones in English and German, and the project's own over them.
//!
//! A project overrides single files in `mail/<locale>/`: `recovery.subject.txt`, `recovery.txt`,
//! `recovery.html`. Files whose name starts with `_` are parts that others extend or include; in
//! `mail/` itself they serve every locale, so that one `mail/_layout.html` changes the look of
//! all mails. A template sees [`Values`] and nothing else: no files, no settings, no other mail.
//!
//! Everything is tried with sample values when it is loaded, so that a mistake shows at start.
//! What still fails later, with the values of one account, falls back to the built-in template:
//! nobody is locked out by a template.

mod builtin;
mod environment;
mod error;
mod files;
mod locale;
mod set;
#[cfg(test)]
mod tests;

use std::path::Path;

use postern_base::Secret;

use crate::{Address, Mail, MailKind, Values};
use files::Files;
use set::Set;

pub use error::TemplateError;

/// The locale whose templates are complete and stand in for all others.
pub const DEFAULT_LOCALE: &str = "en";

/// All templates, compiled.
pub struct Templates {
    builtin: Set,
    /// The built-in ones with the project's files over them; none when there are no such files.
    custom: Option<Set>,
}

/// The texts of one mail.
#[derive(Debug)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The locale whose template was taken.
    pub locale: String,
    /// Why the project's template was not taken; worth a line in the log.
    pub problem: Option<TemplateError>,
    kind: MailKind,
    code: Option<Secret<String>>,
    link: Option<Secret<String>>,
}

/// A file that a mail is made of, as its author wrote it.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// Its name below the folder, such as `en/recovery.html`.
    pub name: String,
    /// The template.
    pub text: String,
    /// Whether it is the project's own; else it is built in.
    pub is_own: bool,
}

impl Templates {
    /// Compiles the built-in templates and the project's files over them.
    ///
    /// A folder that does not exist is an empty one.
    ///
    /// # Errors
    /// Names the file and the line, and what to write instead where that is known.
    pub fn load(folder: Option<&Path>) -> Result<Self, TemplateError> {
        let builtin = Set::compile(&builtin::files(), &Files::default())?;
        let project = folder.map_or_else(|| Ok(Files::default()), files::read)?;
        let custom = if project.is_empty() {
            None
        } else {
            let custom = Set::compile(&builtin::files(), &project)?;
            custom.try_all()?;
            Some(custom)
        };
        Ok(Self { builtin, custom })
    }

    /// The texts of a mail in the nearest locale there is: `de-AT`, then `de`, then `en`.
    ///
    /// # Errors
    /// Fails when the built-in template fails, too: a value that it needs is missing.
    pub fn render(
        &self,
        kind: MailKind,
        locale: &str,
        values: &Values,
    ) -> Result<Rendered, TemplateError> {
        let Some(custom) = &self.custom else {
            return self.builtin.render(kind, locale, values);
        };
        match custom.render(kind, locale, values) {
            Ok(rendered) => Ok(rendered),
            Err(problem) => Ok(Rendered {
                problem: Some(problem),
                ..self.builtin.render(kind, locale, values)?
            }),
        }
    }

    /// The first of somebody's languages, best first, that has this mail; else the default.
    pub fn locale_for(&self, kind: MailKind, languages: &[String]) -> String {
        let set = self.custom.as_ref().unwrap_or(&self.builtin);
        let spoken = languages.iter().find_map(|it| set.find(kind, it));
        spoken.unwrap_or_else(|| DEFAULT_LOCALE.to_owned())
    }

    /// Every kind in every locale with made-up values, in a fixed order.
    ///
    /// # Errors
    /// Returns the first error, which loading would have returned already.
    pub fn preview(&self) -> Result<Vec<Rendered>, TemplateError> {
        let set = self.custom.as_ref().unwrap_or(&self.builtin);
        let each_kind = |locale: &String| {
            let render = |kind: &MailKind| set.render(*kind, locale, &sample(*kind));
            MailKind::ALL.iter().map(render).collect::<Vec<_>>()
        };
        self.locales().iter().flat_map(each_kind).collect()
    }

    /// One mail with made-up values.
    ///
    /// # Errors
    /// When a template fails.
    pub fn rehearse(&self, kind: MailKind, locale: &str) -> Result<Rendered, TemplateError> {
        let rendered = self.render(kind, locale, &sample(kind))?;
        match rendered.problem {
            Some(problem) => Err(problem),
            None => Ok(rendered),
        }
    }

    /// The files of one mail: the project's where there are such, else the built-in ones.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn files_of(
        folder: &Path,
        kind: MailKind,
        locale: &str,
    ) -> Result<Vec<TemplateFile>, TemplateError> {
        let (own, builtin) = (files::read(folder)?, builtin::files());
        let file = |suffix| {
            let name = format!("{kind}{suffix}");
            let given = own.get(locale, &name);
            let found = given.or(builtin.get(locale, &name))?;
            Some(TemplateFile {
                name: format!("{locale}/{name}"),
                text: found.text.clone(),
                is_own: given.is_some(),
            })
        };
        Ok(files::SUFFIXES.into_iter().filter_map(file).collect())
    }

    /// The locales that have at least one template, sorted.
    pub fn locales(&self) -> Vec<String> {
        self.custom.as_ref().unwrap_or(&self.builtin).locales()
    }
}

impl Rendered {
    /// The occasion.
    pub fn kind(&self) -> MailKind {
        self.kind
    }

    /// Makes a mail of the texts.
    pub fn into_mail(self, to: Address) -> Mail {
        Mail {
            to,
            subject: self.subject,
            text: self.text,
            html: self.html,
            headers: Vec::new(),
            kind: Some(self.kind),
            code: self.code,
            link: self.link,
        }
    }
}

/// Made-up values; a notice has neither code nor link.
fn sample(kind: MailKind) -> Values {
    let sample = Values::sample();
    if kind.asks() {
        return sample;
    }
    Values {
        code: None,
        link: None,
        minutes: None,
        ..sample
    }
}
