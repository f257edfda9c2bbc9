//! Fingerprints of secrets: what a record keeps of the values that were sent, so that another run can tell whether the
//! environment holds other ones now.
//!
//! Terms: the **salt** is random and anew with each write, so that equal secrets look unlike each other; a secret is
//! **stretched** when guessing it is made slow, for the salt lies beside the fingerprint; with a **key** from outside
//! nobody can guess without it. What the fingerprints are compared for is the planner's business.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ring::{hmac, pbkdf2};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Record;
use crate::offer::{FieldPath, Fingerprint, Slot};

/// How often PBKDF2 hashes: what OWASP's Password Storage Cheat Sheet asks for with HMAC-SHA-256.
const ROUNDS: u32 = 600_000;
/// How a record names that way. Another number of rounds needs another name.
const STRETCHED: &str = "pbkdf2-sha256-600000";
/// The shortest key that is taken, in characters: 32 hexadecimal digits are 128 bits.
const SHORTEST_KEY: usize = 32;

/// The secrets that were sent with the last write of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentSecrets {
    /// How the fingerprints were made.
    method: String,
    /// Random, in hexadecimal digits.
    salt: String,
    sent: Vec<SentSecret>,
}

/// One secret that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentSecret {
    /// Where it stands.
    pub path: FieldPath,
    /// The environment variable that it came from.
    pub variable: String,
    /// What is kept of its value.
    pub fingerprint: Fingerprint,
    /// How far this value was seen to get.
    pub reached: Slot,
}

/// A key for fingerprints that is kept apart from the records.
pub struct FingerprintKey {
    key: hmac::Key,
    method: String,
}

/// A key that is too short to be one.
#[derive(Debug, thiserror::Error)]
#[error("it has {0} characters, and a key needs at least {SHORTEST_KEY}")]
pub struct WeakKey(usize);

impl FingerprintKey {
    /// Takes the text as the key.
    pub fn new(text: &str) -> Result<Self, WeakKey> {
        let length = text.chars().count();
        if length < SHORTEST_KEY {
            return Err(WeakKey(length));
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        // Enough to tell keys apart; it says nothing about a key that cannot be guessed.
        let id = hex(&hmac::sign(&key, b"offerctl fingerprint key").as_ref()[..8]);
        Ok(Self { key, method: format!("key-{id}") })
    }
}

/// Makes fingerprints. What is slow is done once for each secret.
pub struct Fingerprinter {
    key: Option<FingerprintKey>,
    /// 32 bytes that nobody can foresee, or nothing where there is no such source.
    chance: fn() -> Option<[u8; 32]>,
    /// Stretched secrets by a digest of what they were made from; neither leaves the process.
    stretched: Mutex<HashMap<[u8; 32], Stretched>>,
}

/// A secret that is stretched, or being stretched by one thread while others wait for it.
type Stretched = Arc<OnceLock<[u8; 32]>>;

impl Fingerprinter {
    /// With a key from outside, if there is one.
    pub fn new(key: Option<FingerprintKey>, chance: fn() -> Option<[u8; 32]>) -> Self {
        Self { key, chance, stretched: Mutex::default() }
    }

    /// The fingerprints of secrets that were just sent, each `(path, variable, value, how far it got)`; `None` where there
    /// is no chance to take a salt from.
    pub fn sent(&self, record: &Record, secrets: &[(FieldPath, String, &str, Slot)]) -> Option<SentSecrets> {
        let salt = hex(&(self.chance)()?);
        let method = self.key.as_ref().map_or(STRETCHED, |key| &key.method).to_owned();
        let sent = secrets.iter().map(|(path, variable, value, reached)| {
            let fingerprint = self.make(record, &method, &salt, path, value)?;
            Some(SentSecret { path: path.clone(), variable: variable.clone(), fingerprint, reached: *reached })
        });
        let sent = sent.collect::<Option<Vec<_>>>()?;
        Some(SentSecrets { method, salt, sent })
    }

    /// The fingerprint of a value as the record would have it at the path; `None` when the record's were made with a key
    /// that is not at hand.
    pub fn of(&self, record: &Record, path: &FieldPath, value: &str) -> Option<Fingerprint> {
        let SentSecrets { method, salt, sent: _ } = record.secrets.as_ref()?;
        self.make(record, method, salt, path, value)
    }

    /// Whether the record's fingerprints were made without a key, and this has one.
    pub fn would_strengthen(&self, record: &Record) -> bool {
        self.key.is_some() && record.secrets.as_ref().is_some_and(|secrets| secrets.method == STRETCHED)
    }

    fn make(&self, record: &Record, method: &str, salt: &str, path: &FieldPath, value: &str) -> Option<Fingerprint> {
        let hardened: [u8; 32] = match &self.key {
            _ if method == STRETCHED => self.stretch(record, value),
            Some(key) if key.method == method => hmac::sign(&key.key, value.as_bytes()).as_ref().try_into().ok()?,
            _ => return None,
        };
        let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes()));
        signing.update(&hardened);
        signing.update(path.to_string().as_bytes());
        Some(Fingerprint::new(hex(signing.sign().as_ref())))
    }

    /// Not with the record's own salt, but with one for each publisher: a thousand offers that share a secret cost one
    /// stretch, and whoever guesses can use no work done for somebody else.
    fn stretch(&self, record: &Record, value: &str) -> [u8; 32] {
        let publisher = record.publisher_id.to_string().to_ascii_lowercase();
        let salt = Sha256::digest(format!("offerctl\0{}\0{publisher}", record.service));
        let name = Sha256::new().chain_update(salt).chain_update(value).finalize().into();
        let place = {
            let mut stretched = self.stretched.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(stretched.entry(name).or_default())
        };
        *place.get_or_init(|| {
            let rounds = NonZeroU32::new(ROUNDS).unwrap_or(NonZeroU32::MAX);
            let mut out = [0; 32];
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, value.as_bytes(), &mut out);
            out
        })
    }
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Fingerprinter")
    }
}

impl SentSecrets {
    /// The secrets, in the order of the manifest.
    pub fn iter(&self) -> impl Iterator<Item = &SentSecret> {
        self.sent.iter()
    }

    /// Notes that a slot was seen to hold what was submitted. What goes live is the preview, and not a draft that was
    /// written since.
    pub fn have_reached(&mut self, slot: Slot) {
        let comes_along = |reached: Slot| slot != Slot::Production || reached >= Slot::Preview;
        for secret in self.sent.iter_mut().filter(|secret| comes_along(secret.reached)) {
            secret.reached = secret.reached.max(slot);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offer::OfferKey;

    fn record(offer: &str) -> Record {
        Record::new(&OfferKey::parse(offer).unwrap(), "https://service")
    }

    fn path() -> FieldPath {
        FieldPath::parse("/definition/offer/x.tableLeadConfiguration/connectionString").unwrap()
    }

    fn keyed(key: &str) -> Fingerprinter {
        Fingerprinter::new(Some(FingerprintKey::new(key).unwrap()), || Some([7; 32]))
    }

    fn recorded(fingerprinter: &Fingerprinter, offer: &str, value: &str) -> Record {
        let mut record = record(offer);
        record.secrets = fingerprinter.sent(&record, &[(path(), "LEADS".to_owned(), value, Slot::Draft)]);
        record
    }

    fn fingerprint(record: &Record) -> &Fingerprint {
        &record.secrets.as_ref().unwrap().iter().next().unwrap().fingerprint
    }

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_fingerprint_tells_the_same_value_from_another_with_a_key_and_without() {
        for fingerprinter in [keyed(KEY), Fingerprinter::new(None, || Some([7; 32]))] {
            let record = recorded(&fingerprinter, "contoso/vm", "hunter2");
            assert_eq!(fingerprinter.of(&record, &path(), "hunter2").as_ref(), Some(fingerprint(&record)));
            assert_ne!(fingerprinter.of(&record, &path(), "hunter3").as_ref(), Some(fingerprint(&record)));
            assert_ne!(
                fingerprinter.of(&record, &path().child("other"), "hunter2").as_ref(),
                Some(fingerprint(&record))
            );
        }
    }

    #[test]
    fn it_holds_no_value_is_always_as_long_and_differs_with_each_write() {
        let value = "a secret of the story";
        let long = value.repeat(100);
        let written = |salt: fn() -> Option<[u8; 32]>, value: &str| {
            let fingerprinter = Fingerprinter::new(Some(FingerprintKey::new(KEY).unwrap()), salt);
            recorded(&fingerprinter, "contoso/vm", value)
        };
        let (one, other) = (written(|| Some([1; 32]), value), written(|| Some([2; 32]), value));
        assert_ne!(fingerprint(&one), fingerprint(&other));
        for record in [&one, &written(|| Some([1; 32]), &long), &written(|| Some([1; 32]), "a")] {
            assert_eq!(fingerprint(record).to_string().len(), 64);
            let text = serde_json::to_string(record).unwrap();
            assert!(!text.contains(value) && !text.contains(KEY), "{text}");
            assert!(!text.contains(&hex(&Sha256::digest(value))), "{text}");
        }
        let unforeseen = Fingerprinter::new(None, || None);
        assert_eq!(recorded(&unforeseen, "contoso/vm", value).secrets, None);
    }

    #[test]
    fn another_key_can_tell_nothing() {
        let record = recorded(&keyed(KEY), "contoso/vm", "hunter2");
        let other = keyed("ffffffffffffffffffffffffffffffff");
        assert_eq!(other.of(&record, &path(), "hunter2"), None);
        assert_eq!(Fingerprinter::new(None, || Some([7; 32])).of(&record, &path(), "hunter2"), None);
        // Whoever begins to use a key can still tell what was recorded without one.
        let before = recorded(&Fingerprinter::new(None, || Some([7; 32])), "contoso/vm", "hunter2");
        assert_eq!(keyed(KEY).of(&before, &path(), "hunter2").as_ref(), Some(fingerprint(&before)));
        assert_eq!(
            FingerprintKey::new("short").err().unwrap().to_string(),
            "it has 5 characters, and a key needs at least 32"
        );
    }

    #[test]
    fn publishers_and_services_share_no_stretched_secret() {
        let fingerprinter = Fingerprinter::new(None, || Some([7; 32]));
        let ours = recorded(&fingerprinter, "contoso/vm", "hunter2");
        for other in ["contoso/other", "Contoso/vm"] {
            assert_eq!(fingerprint(&recorded(&fingerprinter, other, "hunter2")), fingerprint(&ours), "{other}");
        }
        let theirs = recorded(&fingerprinter, "fabrikam/vm", "hunter2");
        assert_ne!(fingerprint(&theirs), fingerprint(&ours));
    }
}
