//! The judges of `make soak` say nothing if they see nothing; its rounds take minutes, and no part of them fits in here.

#[path = "../soak/watch.rs"]
#[allow(dead_code, reason = "the soak uses the rest")]
mod watch;

use watch::{Sample, Trend};

fn samples(of: impl Fn(f64) -> Sample) -> Vec<Sample> {
    (0..120).map(|second| of(f64::from(second))).collect()
}

#[test]
fn what_stays_level_is_flat_however_much_starting_up_took() {
    let level = samples(|second| Sample {
        mebibytes: if second < 12.0 { 10.0 + second } else { 40.0 + second % 3.0 },
        descriptors: if second % 10.0 < 1.0 { 90.0 } else { 14.0 },
    });
    let trends = Trend::of(&level);
    assert_eq!(trends.len(), 2);
    assert!(trends.iter().all(|trend| trend.flat().is_ok()), "{trends:?}");
}

#[test]
fn what_grows_slowly_is_found() {
    let growing =
        samples(|second| Sample { mebibytes: 40.0 + second / 8.0, descriptors: 14.0 + (second / 10.0).floor() });
    let trends = Trend::of(&growing);
    assert!(trends.iter().all(|trend| trend.flat().is_err()), "{trends:?}");
}
