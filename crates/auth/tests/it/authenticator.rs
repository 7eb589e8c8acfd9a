//! An authenticator in software, written after the WebAuthn specification (level 2, sections 6
//! and 7), which can also lie.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Flags of authenticator data: somebody was there, was verified, and a credential follows.
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const CREDENTIAL: u8 = 0x40;

/// An authenticator that holds one credential.
pub(crate) struct Authenticator {
    /// The page that the browser says it is on.
    pub(crate) origin: String,
    /// The relying party that the browser says it is.
    pub(crate) rp_id: String,
    /// What the authenticator says about who was there.
    pub(crate) flags: u8,
    /// How often the credential was used.
    pub(crate) counter: u32,
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: Option<Value>,
}

impl Authenticator {
    /// An authenticator on the app's page that verifies its user.
    pub(crate) fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let id = Sha256::digest(key.public_key().as_ref()).to_vec();
        Self {
            origin: "http://localhost:3000".into(),
            rp_id: "localhost".into(),
            flags: PRESENT | VERIFIED,
            counter: 0,
            key,
            id,
            user: None,
        }
    }

    /// The same, but it verifies nobody.
    pub(crate) fn without_verification(mut self) -> Self {
        self.flags = PRESENT;
        self
    }

    /// Says that the credential belongs to somebody else.
    pub(crate) fn claim_user(&mut self, handle: &Value) {
        self.user = Some(handle.clone());
    }

    /// What `navigator.credentials.create` answers.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        self.user = Some(options["user"]["id"].clone());
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(self.flags | CREDENTIAL);
        // The model's id, of which there is none.
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        self.credential(&json!({
            "attestationObject": encode(&object),
            "clientDataJSON": encode(&client_data),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` answers.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        self.counter += 1;
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(self.flags);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = self.key.sign(&SystemRandom::new(), &signed);
        let signature = signature.expect("a signature");
        self.credential(&json!({
            "authenticatorData": encode(&data),
            "clientDataJSON": encode(&client_data),
            "signature": encode(signature.as_ref()),
            "userHandle": self.user,
        }))
    }

    fn credential(&self, response: &Value) -> Value {
        let id = encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": response,
            "clientExtensionResults": {}, "authenticatorAttachment": "platform",
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key as COSE has it: a map of type, algorithm, curve and both coordinates.
    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let head = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice();
        [head, x, b"\x22\x58\x20", y].concat()
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
