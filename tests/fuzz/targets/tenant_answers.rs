//! Any answer of a tenant: status, the headers that are read (`Retry-After`, `etag`, `Location`, `Date`), body, next link.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, &str, &str, &str, &[u8])| {
    let (status, wait, date, tag, body) = input;
    let headers = [("retry-after", wait), ("date", date), ("etag", tag), ("location", wait), ("x-request-id", tag)];
    cxform_tenant::fuzzing::answer(status, &headers, body);
});
