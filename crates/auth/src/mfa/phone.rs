//! Codes that are texted to a phone factor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_db::own::OwnTx;
use uuid::Uuid;

use crate::outbox::{Letter, TextLetter};
use crate::store::{Factor, FactorChallenge};
use crate::{AuthService, Context, Identifier, Letters, Phone, Result};

impl AuthService {
    /// Makes the code of a challenge, unless the last one was sent just now.
    pub(super) async fn new_phone_code(
        &self,
        factor: &Factor,
        challenge: &mut FactorChallenge,
        context: &Context,
    ) -> Result<String> {
        let number = factor.phone.as_deref().unwrap_or_default();
        let to = Identifier::Phone(Phone::parse(number)?);
        self.count_letter(Letters::Factor, &to, context).await?;
        let code = self
            .test_code(number)
            .unwrap_or_else(|| postern_vault::digits(&*self.random, self.settings.codes.digits));
        challenge.code_mac = Some(URL_SAFE_NO_PAD.encode(self.phone_code_mac(challenge.id, &code)));
        Ok(code)
    }

    /// Writes the text message that holds the code.
    pub(super) async fn text_phone_code(
        &self,
        tx: &OwnTx,
        factor: &Factor,
        code: String,
        channel: &str,
        context: &Context,
    ) -> Result<()> {
        let to = factor.phone.clone().unwrap_or_default();
        let letter = if self.test_code(&to).is_some() {
            Letter::Decoy
        } else {
            Letter::Text(TextLetter {
                user_id: Some(factor.user_id),
                to,
                code,
                channel: channel.into(),
            })
        };
        self.outbox.write(tx, &letter, context.now).await
    }

    /// Whether a code is the one that was texted for the challenge.
    pub(super) fn is_phone_code(&self, challenge: &FactorChallenge, typed: &str) -> bool {
        let stored = challenge.code_mac.as_deref().unwrap_or_default();
        let stored = URL_SAFE_NO_PAD.decode(stored).unwrap_or_default();
        let mac = self.phone_code_mac(challenge.id, typed);
        postern_vault::same(&mac, &stored)
    }

    fn phone_code_mac(&self, challenge: Uuid, code: &str) -> [u8; 32] {
        let message = format!("{challenge}|{code}");
        self.vault.mac("mfa_phone", message.as_bytes())
    }
}
