//! Who may tell: signatures over time and body, and a token of the sender's own. Knows nothing of what is told.

use axum::http::{HeaderMap, HeaderName};
use cxform_record::verifies;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// The header of the signature: `t=SECONDS,v1=HEX`, where `v1` may stand several times.
pub(super) const SIGNATURE: &str = "x-webhook-signature";
/// How old a signature may be, and how far ahead its clock.
const WINDOW: i64 = 300;
/// Below it a secret can be guessed.
const SHORTEST: usize = 16;
/// Signatures that one header may hold: a sender that changes its secret sends two.
const SIGNATURES: usize = 4;

/// What a sender must know.
#[derive(Debug)]
pub struct Keys {
    secrets: Vec<SecretString>,
    token: Option<(HeaderName, Vec<SecretString>)>,
}

/// Why keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// Anybody could tell anything.
    #[error("there is neither a secret nor a token: anybody could tell anything")]
    None,
    /// It can be guessed.
    #[error("{what} is shorter than {SHORTEST} bytes")]
    Short {
        /// Which one.
        what: &'static str,
    },
    /// The header's name is none.
    #[error("`{0}` is no name of a header")]
    Header(String),
}

/// Why somebody is not listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stranger {
    #[error("the token is missing or wrong")]
    Token,
    #[error("`X-Webhook-Signature` is missing, or stands there twice")]
    Unsigned,
    #[error("`X-Webhook-Signature` is not of the form `t=SECONDS,v1=HEX`")]
    Malformed,
    #[error("the signature is {0} seconds old, and {WINDOW} are allowed: send again with a new one, or set the clock")]
    Old(i64),
    #[error("the signature is {0} seconds ahead, and {WINDOW} are allowed: set the clock")]
    Ahead(i64),
    #[error("the signature fits none of the secrets")]
    Forged,
}

/// A signature that is still to be compared with the body.
#[derive(Debug)]
pub(super) struct Claim(Option<String>);

impl Keys {
    /// Every signature must fit one of the secrets, if there are any; the token's header must hold one of its values, if there
    /// are any. Several are for the time in which a sender changes from one to the next.
    ///
    /// # Errors
    /// There is no key at all, or one that cannot be used.
    pub fn new(secrets: Vec<SecretString>, token: Option<(String, Vec<SecretString>)>) -> Result<Self, KeysError> {
        let short = |values: &[SecretString]| values.iter().any(|value| value.expose_secret().len() < SHORTEST);
        if short(&secrets) {
            return Err(KeysError::Short { what: "a secret" });
        }
        let token = match token {
            Some((_, values)) if short(&values) => return Err(KeysError::Short { what: "a token" }),
            Some((header, values)) if !values.is_empty() => {
                Some((header.parse().map_err(|_| KeysError::Header(header))?, values))
            }
            _ => None,
        };
        if secrets.is_empty() && token.is_none() {
            return Err(KeysError::None);
        }
        Ok(Self { secrets, token })
    }

    /// Looks at the headers, before anything of the body is read. `now` is in seconds.
    pub(super) fn admit(&self, headers: &HeaderMap, now: i64) -> Result<Claim, Stranger> {
        if let Some((header, values)) = &self.token {
            let given = only(headers, header.as_str()).ok_or(Stranger::Token)?;
            let fits = |value: &SecretString| bool::from(value.expose_secret().as_bytes().ct_eq(given));
            // Every one is compared, so that the time tells nothing of which one it was.
            if values.iter().filter(|value| fits(value)).count() == 0 {
                return Err(Stranger::Token);
            }
        }
        if self.secrets.is_empty() {
            return Ok(Claim(None));
        }
        let header = only(headers, SIGNATURE).ok_or(Stranger::Unsigned)?;
        let header = std::str::from_utf8(header).map_err(|_| Stranger::Malformed)?;
        let (time, _) = parts(header).ok_or(Stranger::Malformed)?;
        let seconds: i64 = time.parse().map_err(|_| Stranger::Malformed)?;
        match now.saturating_sub(seconds) {
            age if age > WINDOW => Err(Stranger::Old(age)),
            age if age < -WINDOW => Err(Stranger::Ahead(age.saturating_neg())),
            _ => Ok(Claim(Some(header.to_owned()))),
        }
    }

    /// Whether the signature is one of this body.
    pub(super) fn prove(&self, claim: &Claim, body: &[u8]) -> Result<(), Stranger> {
        let Some(header) = &claim.0 else { return Ok(()) };
        let (time, signatures) = parts(header).ok_or(Stranger::Malformed)?;
        let one = |signature: &&str| {
            let header = format!("t={time},v1={signature}");
            self.secrets.iter().any(|secret| verifies(secret.expose_secret().as_bytes(), &header, body))
        };
        if signatures.iter().any(one) { Ok(()) } else { Err(Stranger::Forged) }
    }
}

/// The value of a header that stands there once.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then_some(value.as_bytes())
}

/// The time and the signatures. Kinds of signatures that nobody knows yet are passed over.
fn parts(header: &str) -> Option<(&str, Vec<&str>)> {
    let mut pieces = header.split(',').map(|piece| piece.trim().split_once('='));
    let Some(Some(("t", time))) = pieces.next() else { return None };
    let digits = (1..=12).contains(&time.len()) && time.bytes().all(|byte| byte.is_ascii_digit());
    let signatures = pieces.map(|piece| piece.map(|(kind, value)| (kind == "v1").then_some(value)));
    let signatures: Vec<_> = signatures.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    (digits && (1..=SIGNATURES).contains(&signatures.len())).then_some((time, signatures))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use cxform_record::{sign, signature_header};

    use super::*;

    const NOW: i64 = 1_700_000_000;
    const NEW: &str = "the-secret-of-today";
    const OLD: &str = "the-secret-of-yesterday";

    fn secrets(of: &[&str]) -> Vec<SecretString> {
        of.iter().map(|text| SecretString::from(*text)).collect()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn asked(keys: &Keys, value: &str, body: &[u8]) -> Result<(), Stranger> {
        let claim = keys.admit(&headers(&[(SIGNATURE, value)]), NOW)?;
        keys.prove(&claim, body)
    }

    #[test]
    fn both_secrets_hold_while_a_sender_changes_from_one_to_the_next() {
        let keys = Keys::new(secrets(&[NEW, OLD]), None).unwrap();
        let now = NOW.to_string();
        for secret in [NEW, OLD] {
            assert_eq!(asked(&keys, &signature_header(secret.as_bytes(), &now, b"body"), b"body"), Ok(()));
        }
        let other = signature_header(b"the-secret-of-tomorrow", &now, b"body");
        assert_eq!(asked(&keys, &other, b"body"), Err(Stranger::Forged));
        let both = format!("{other},v1={}", sign(OLD.as_bytes(), &now, b"body"));
        assert_eq!(asked(&keys, &both, b"body"), Ok(()), "the sender signs with both");
        assert_eq!(asked(&keys, &both, b"bodx"), Err(Stranger::Forged));
    }

    #[test]
    fn a_signature_ages_and_a_clock_ahead_is_told() {
        let keys = Keys::new(secrets(&[NEW]), None).unwrap();
        for (time, said) in [
            (NOW - 300, Ok(())),
            (NOW + 300, Ok(())),
            (NOW - 301, Err(Stranger::Old(301))),
            (NOW + 301, Err(Stranger::Ahead(301))),
            (0, Err(Stranger::Old(NOW))),
        ] {
            let header = signature_header(NEW.as_bytes(), &time.to_string(), b"body");
            assert_eq!(asked(&keys, &header, b"body"), said, "{time}");
        }
    }

    #[test]
    fn what_is_no_signature_is_refused_before_the_body_is_read() {
        let keys = Keys::new(secrets(&[NEW]), None).unwrap();
        let good = signature_header(NEW.as_bytes(), &NOW.to_string(), b"body");
        assert_eq!(keys.admit(&headers(&[]), NOW).err(), Some(Stranger::Unsigned));
        assert_eq!(
            keys.admit(&headers(&[(SIGNATURE, &good), (SIGNATURE, &good)]), NOW).err(),
            Some(Stranger::Unsigned)
        );
        let many = format!("t={NOW}{}", ",v1=00".repeat(5));
        for bad in [
            "",
            "t=",
            "v1=00",
            "t=1700000000",
            "t=-1,v1=00",
            "t=9999999999999999999,v1=00",
            "t=1e9,v1=00",
            "t=1700000000,v1",
            &many,
        ] {
            assert_eq!(keys.admit(&headers(&[(SIGNATURE, bad)]), NOW).err(), Some(Stranger::Malformed), "{bad}");
        }
    }

    #[test]
    fn a_token_is_needed_beside_the_signature() {
        let token = Some(("X-CXone-Sync-Token".to_owned(), secrets(&["the-token-of-today", "the-token-of-yesterday"])));
        let keys = Keys::new(secrets(&[NEW]), token.clone()).unwrap();
        let good = signature_header(NEW.as_bytes(), &NOW.to_string(), b"body");
        let admitted =
            |value: &str| keys.admit(&headers(&[(SIGNATURE, &good), ("x-cxone-sync-token", value)]), NOW).err();
        assert_eq!(admitted("the-token-of-yesterday"), None);
        assert_eq!(admitted("the-token-of-yesterdaz"), Some(Stranger::Token));
        assert_eq!(keys.admit(&headers(&[(SIGNATURE, &good)]), NOW).err(), Some(Stranger::Token));
        let alone = Keys::new(Vec::new(), token).unwrap();
        let claim = alone.admit(&headers(&[("x-cxone-sync-token", "the-token-of-today")]), NOW).unwrap();
        assert_eq!(alone.prove(&claim, b"anything"), Ok(()));
    }

    #[test]
    fn keys_that_protect_nothing_are_none() {
        let refused = |secrets: Vec<SecretString>, token| Keys::new(secrets, token).err();
        assert_eq!(refused(Vec::new(), None), Some(KeysError::None));
        assert_eq!(refused(Vec::new(), Some(("X".into(), Vec::new()))), Some(KeysError::None));
        assert_eq!(refused(secrets(&[NEW, "short"]), None), Some(KeysError::Short { what: "a secret" }));
        assert_eq!(
            refused(secrets(&[NEW]), Some(("X".into(), secrets(&["short"])))),
            Some(KeysError::Short { what: "a token" })
        );
        assert_eq!(refused(Vec::new(), Some(("a b".into(), secrets(&[NEW])))), Some(KeysError::Header("a b".into())));
    }
}
