//! What is wrong with a template, with its file and line.

use std::io;

use minijinja::ErrorKind;

/// Why templates cannot be loaded, or one mail cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The system does not let us read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file or folder.
        file: String,
        /// What the system says.
        source: io::Error,
    },
    /// A file that is not one of a template's.
    #[error("{file}: no mail template has this name; {help}")]
    Unknown {
        /// The file.
        file: String,
        /// What to do about it.
        help: String,
    },
    /// A folder whose name is no locale.
    #[error("{file}: the name of this folder is no locale such as `de` or `pt-BR`")]
    Locale {
        /// The folder.
        file: String,
    },
    /// A template without its other parts, in a locale that has none built in.
    #[error(
        "{missing}: is missing; a mail needs `{kind}.subject.txt`, `{kind}.txt` and `{kind}.html` \
         in the same language"
    )]
    Incomplete {
        /// The file that has to be written.
        missing: String,
        /// The occasion.
        kind: &'static str,
    },
    /// A file that is far too long for a mail.
    #[error("{file}: is longer than {bytes_max} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        bytes_max: u64,
    },
    /// The template is wrong in itself, or does not fit the values.
    #[error("{file}:{line}: {message}")]
    Template {
        /// The file.
        file: String,
        /// The line, counted from one; 0 when it is not known.
        line: usize,
        /// What is wrong there, and what to write instead.
        message: String,
    },
    /// A mail that asks for something and gives no way to do it.
    #[error(
        "{file}:1: prints neither `{{{{ code }}}}` nor `{{{{ link }}}}`, so its reader can do \
         nothing"
    )]
    NothingToDo {
        /// The file.
        file: String,
    },
}

impl TemplateError {
    /// Translates an error of the template engine; `shown` says how a template's file is called.
    pub(super) fn of_engine(
        error: &minijinja::Error,
        name: &str,
        shown: impl Fn(&str) -> String,
    ) -> Self {
        let error = innermost(error);
        let detail = error
            .detail()
            .map_or_else(|| error.kind().to_string(), str::to_owned);
        Self::Template {
            file: shown(error.name().unwrap_or(name)),
            line: error.line().unwrap_or(0),
            message: match help(error.kind()) {
                Some(help) => format!("{detail}; {help}"),
                None => detail,
            },
        }
    }
}

/// An error inside of a part is reported by every template around it; the first cause counts.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut innermost = error;
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(deeper) = cause.downcast_ref::<minijinja::Error>() {
            innermost = deeper;
        }
        source = cause.source();
    }
    innermost
}

fn help(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::UndefinedError => Some(
            "a value that may be missing is written `{{ data.name | default('') }}` or asked for \
             with `{% if link is defined %}`",
        ),
        ErrorKind::OutOfFuel => Some("the template does too much for one mail"),
        ErrorKind::WriteFailure => Some("the mail gets too long"),
        ErrorKind::TemplateNotFound | ErrorKind::BadInclude => {
            Some("templates extend and include only parts: files beside them that start with `_`")
        }
        ErrorKind::UnknownFilter => Some(
            "there are `default`, `upper`, `lower`, `title`, `capitalize`, `trim`, `length`, \
             `first`, `last`, `int`, `round` and `escape`",
        ),
        _ => None,
    }
}
