//! The carrier of the house: mails by templates and a transport, texts by whoever sends them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use postern_base::Secret;
use postern_mail::{Address, MailKind, Templates, Transport, Values};

use super::{Carrier, EmailLetter, Letter, TextLetter, Undeliverable};
use crate::AuthService;

/// What becomes of a delivery.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), Undeliverable>> + Send + 'a>>;

/// Who sends text messages: a vendor, or a hook.
pub trait TextSender: Send + Sync {
    /// Sends one message.
    fn send<'a>(&'a self, letter: &'a TextLetter) -> Delivery<'a>;
}

/// Carries mails and texts.
pub struct Post {
    templates: Templates,
    transport: Transport,
    texts: Option<Arc<dyn TextSender>>,
    site_name: String,
    site_url: String,
}

impl AuthService {
    /// Makes the carrier of this service's letters.
    pub fn post(
        &self,
        templates: Templates,
        transport: Transport,
        texts: Option<Arc<dyn TextSender>>,
    ) -> Arc<dyn Carrier> {
        Arc::new(Post {
            templates,
            transport,
            texts,
            site_name: self.settings.site_name.clone(),
            site_url: self.settings.site_url.clone(),
        })
    }
}

impl Carrier for Post {
    fn carry<'a>(&'a self, letter: &'a Letter) -> Delivery<'a> {
        Box::pin(async move {
            match letter {
                Letter::Email(letter) => self.mail(letter).await,
                Letter::Text(letter) => match &self.texts {
                    Some(texts) => texts.send(letter).await,
                    None => Err(Undeliverable::Never("no vendor of texts is set up".into())),
                },
                Letter::Decoy => Ok(()),
            }
        })
    }
}

impl Post {
    async fn mail(&self, letter: &EmailLetter) -> Result<(), Undeliverable> {
        let unreadable = |what: &str| Undeliverable::Never(format!("{what} makes no sense"));
        let kind = MailKind::parse(&letter.kind).ok_or_else(|| unreadable("its kind"))?;
        let to = Address::parse(&letter.to).map_err(|_| unreadable("its address"))?;
        let values = self
            .values(letter)
            .ok_or_else(|| unreadable("an address"))?;
        let locale = self.templates.locale_for(kind, &letter.languages);
        let rendered = self.templates.render(kind, &locale, &values);
        let rendered = rendered.map_err(|error| Undeliverable::Never(error.to_string()))?;
        if let Some(problem) = &rendered.problem {
            tracing::warn!(%problem, "a mail template failed; the built-in one was sent");
        }
        self.transport
            .send(&rendered.into_mail(to))
            .await
            .map_err(|error| {
                if error.is_transient() {
                    Undeliverable::Later(error.to_string())
                } else {
                    Undeliverable::Never(error.to_string())
                }
            })
    }

    fn values(&self, letter: &EmailLetter) -> Option<Values> {
        let email = Address::parse(&letter.email).ok()?;
        let new_email = match &letter.new_email {
            Some(address) => Some(Address::parse(address).ok()?),
            None => None,
        };
        Some(Values {
            site_url: Some(self.site_url.clone()),
            new_email,
            phone: letter.phone.clone(),
            provider: letter.provider.clone(),
            factor: letter.factor.clone(),
            code: letter.code.clone().map(Secret::new),
            link: letter.link.clone().map(Secret::new),
            minutes: letter.minutes,
            device: letter.device.clone(),
            data: letter.data.clone(),
            ..Values::new(self.site_name.clone(), email)
        })
    }
}
