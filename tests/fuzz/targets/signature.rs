//! Any header as the signature of a webhook: only the right one verifies.
#![no_main]

use cxform_record::{signature_header, verifies};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &str, &[u8], u32)| {
    let (secret, header, body, timestamp) = input;
    let right = signature_header(secret, &timestamp.to_string(), body);
    assert!(verifies(secret, &right, body));
    if verifies(secret, header, body) {
        let stamp = header.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).expect("a signature has this form").0;
        assert!(signature_header(secret, stamp, body).eq_ignore_ascii_case(header));
    }
});
