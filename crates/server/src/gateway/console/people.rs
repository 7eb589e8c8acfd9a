//! Mail templates behind the console, read as they lie at this moment.

use postern_console::{MailFile, MailPreview, PeopleRoom};
use postern_mail::{MailKind, TemplateFile, Templates};

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

    fn mail_locales(&self) -> Result<Vec<String>, String> {
        let folder = self.config.people.templates_dir.as_path();
        let templates = Templates::load(Some(folder)).map_err(|error| error.to_string())?;
        Ok(templates.locales())
    }

    fn mail_preview(&self, kind: &str, locale: &str) -> Result<MailPreview, String> {
        let kind = MailKind::parse(kind).ok_or("There is no such mail")?;
        let folder = self.config.people.templates_dir.as_path();
        let text = |error: postern_mail::TemplateError| error.to_string();
        let templates = Templates::load(Some(folder)).map_err(text)?;
        let rendered = templates.rehearse(kind, locale).map_err(text)?;
        let files = Templates::files_of(folder, kind, &rendered.locale).map_err(text)?;
        let shown = self.mail_folder();
        let file = |it: TemplateFile| MailFile {
            name: format!("{shown}/{}", it.name),
            text: it.text,
            is_own: it.is_own,
        };
        Ok(MailPreview {
            subject: rendered.subject,
            text: rendered.text,
            html: rendered.html,
            locale: rendered.locale,
            files: files.into_iter().map(file).collect(),
        })
    }
}
