//! Text messages, and the numbers that tests use without any.

use crate::AuthService;

impl AuthService {
    /// The fixed code of a test number.
    pub(crate) fn test_code(&self, sent_to: &str) -> Option<String> {
        self.settings.sms.test_codes.get(sent_to).cloned()
    }
}
