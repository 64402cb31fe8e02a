//! Any text as a saved plan: refused, or read into what writes the same text again.
#![no_main]

use cxform_plan::v1;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match v1::read(text) {
        Ok(plan) => {
            let again = v1::read(&v1::write(&plan)).expect("what was written is read");
            assert_eq!(plan, again);
            let _ = cxform_plan::irreversible(&plan);
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
});
