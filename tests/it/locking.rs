//! One writer per tenant.

use crate::recorded::Desk;

#[test]
fn a_second_writer_waits_and_then_fails_with_the_name_of_the_first() {
    let desk = Desk::new("");
    desk.slow(1);
    let first = desk.cxform("apply --auto-approve").env("GITHUB_ACTOR", "ada").start();
    desk.until_writes(1);
    let second = desk.run("apply --auto-approve --lock-timeout 300ms").exits(1);
    let second = second.says(&["is being written by `ada`", "hint: wait for it"]);
    assert!(second.took.as_millis() >= 300, "{second}");
    desk.run("plan").exits(0).says(&["to create"]);
    desk.run("runs unlock").exits(1).says(&["is being written by `ada`"]);
    // An owner that is dead needs no patience.
    first.signal("KILL");
    first.wait();
    desk.quick();
    desk.run("apply --auto-approve --lock-timeout 0").exits(0);
    desk.run("runs unlock").exits(0);
}

#[test]
fn two_writers_at_once_do_the_work_once() {
    let desk = Desk::new("");
    let both = [(); 2].map(|()| desk.cxform("apply --auto-approve").start());
    for process in both {
        process.wait().exits(0);
    }
    assert_eq!(desk.codes(), ["A", "A-1", "A-2"]);
    let state = desk.tenant.state();
    assert_eq!(state["campaigns"].as_array().unwrap().len(), 1);
    desk.run("audit verify").exits(0);
}
