//! Text messages: the vendors that send them, and the numbers that tests use without any.

mod sender;
mod vendors;

use std::sync::Arc;

use crate::AuthService;
use crate::outbox::TextSender;
use sender::Sender;

impl AuthService {
    /// The fixed code of a test number.
    pub(crate) fn test_code(&self, sent_to: &str) -> Option<String> {
        self.settings.sms.test_codes.get(sent_to).cloned()
    }

    /// Who sends texts; nobody where no vendor is set up.
    ///
    /// An account that is not complete stops texts and nothing else: everybody who signs in by
    /// other means goes on doing so (attack 75).
    pub fn text_sender(&self) -> Option<Arc<dyn TextSender>> {
        let vendor = self.settings.sms.vendor.clone()?;
        let kind = vendor.kind.name();
        match Sender::new(self, vendor) {
            Ok(sender) => Some(Arc::new(sender)),
            Err(reason) => {
                tracing::error!(vendor = kind, reason, "no texts are sent");
                None
            }
        }
    }
}
