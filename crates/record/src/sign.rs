//! The signature of a webhook: `X-Webhook-Signature: t=TIMESTAMP,v1=HEX`.

use cxform_model::hexadecimal;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 over the timestamp, a full stop and the body, in hexadecimal. The timestamp is part of it, so that a receiver
/// can refuse a copy of an old message.
#[must_use]
pub fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    mac(secret, timestamp, body).map_or_else(String::new, |mac| hexadecimal(&mac.finalize().into_bytes()))
}

/// The whole header value: `t=TIMESTAMP,v1=SIGNATURE`.
#[must_use]
pub fn signature_header(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    format!("t={timestamp},v1={}", sign(secret, timestamp, body))
}

/// Whether a header value is the signature of this body under this secret. Takes the same time wherever it differs.
#[must_use]
pub fn verifies(secret: &[u8], header: &str, body: &[u8]) -> bool {
    let Some((timestamp, signature)) = header.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return false;
    };
    let bytes = signature.as_bytes().chunks(2).map(|pair| {
        std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())
    });
    match (mac(secret, timestamp, body), bytes.collect::<Option<Vec<u8>>>()) {
        (Some(mac), Some(bytes)) => mac.verify_slice(&bytes).is_ok(),
        _ => false,
    }
}

fn mac(secret: &[u8], timestamp: &str, body: &[u8]) -> Option<Hmac<Sha256>> {
    // HMAC takes keys of every length, so this is never `None`.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_openssl_computes() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
        assert_eq!(
            sign(b"key", "1700000000", br#"{"a":1}"#),
            "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
        );
        // printf '2026-11-21T02:52:09Z.' | openssl dgst -sha256 -hmac 'Jefe'
        assert_eq!(
            sign(b"Jefe", "2026-11-21T02:52:09Z", b""),
            "9da9088a9c4dd68d1d27e27e2683ea1f3b04ca008d5b81f4a4245a886d692f83"
        );
    }

    #[test]
    fn a_receiver_accepts_the_header_and_no_other() {
        let header = signature_header(b"key", "1700000000", b"body");
        assert!(verifies(b"key", &header, b"body"));
        assert!(!verifies(b"kez", &header, b"body"));
        assert!(!verifies(b"key", &header, b"bodx"));
        assert!(!verifies(b"key", &header.replace("1700000000", "1700000001"), b"body"));
        for broken in ["", "t=1", "t=1,v1=", "t=1,v1=é", "t=1,v1=abc", &header[..header.len() - 2]] {
            assert!(!verifies(b"key", broken, b"body"), "{broken}");
        }
    }
}
