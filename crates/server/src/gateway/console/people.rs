//! Mail templates behind the console, read as they lie at this moment.

use postern_console::{MailPreview, PeopleRoom};
use postern_mail::{MailKind, Templates, Values};

use super::Stage;

impl PeopleRoom for Stage {
    fn mail_kinds(&self) -> Vec<&'static str> {
        MailKind::ALL.iter().map(|it| it.as_str()).collect()
    }

    fn mail_folder(&self) -> String {
        let folder = &self.config.people.templates_dir;
        let shown = folder.strip_prefix(&self.config.folder).unwrap_or(folder);
        shown.display().to_string()
    }

    fn mail_preview(&self, kind: &str, locale: &str) -> Result<MailPreview, String> {
        let kind = MailKind::parse(kind).ok_or("There is no such mail")?;
        let folder = self.config.people.templates_dir.as_path();
        let templates = Templates::load(Some(folder)).map_err(|error| error.to_string())?;
        let rendered = templates.render(kind, locale, &Values::sample());
        let rendered = rendered.map_err(|error| error.to_string())?;
        match rendered.problem {
            Some(problem) => Err(problem.to_string()),
            None => Ok(MailPreview {
                subject: rendered.subject,
                text: rendered.text,
                html: rendered.html,
                locale: rendered.locale,
            }),
        }
    }
}
