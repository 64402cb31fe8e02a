//! From a draft to the steps of a plan: every step after what it needs, and among those that could go, the ones
//! that stop, tighten and stand higher first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Step;
use crate::draft::Draft;
use crate::refusal::{Problem, code};

/// Orders the steps of a draft. They must not wait for each other in a circle.
pub(crate) fn steps(draft: &mut Draft) -> Result<Vec<Step>, Box<Problem>> {
    let drafts = std::mem::take(&mut draft.steps);
    let ids: Vec<String> = drafts.iter().map(crate::draft::DraftStep::id).collect();
    let mut waiting: Vec<usize> = drafts.iter().map(|step| step.needs.len()).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); drafts.len()];
    for (at, step) in drafts.iter().enumerate() {
        for &need in &step.needs {
            dependants[need].push(at);
        }
    }
    let key = |at: usize| {
        let step = &drafts[at];
        Reverse(((step.stage, step.direction, step.depth), ids[at].as_str(), at))
    };
    let mut ready: BinaryHeap<_> = (0..drafts.len()).filter(|at| waiting[*at] == 0).map(key).collect();
    let mut order = Vec::with_capacity(drafts.len());
    while let Some(Reverse((_, _, at))) = ready.pop() {
        order.push(at);
        for &dependant in &dependants[at] {
            waiting[dependant] -= 1;
            if waiting[dependant] == 0 {
                ready.push(key(dependant));
            }
        }
    }
    if order.len() < drafts.len() {
        let mut stuck: Vec<_> =
            (0..drafts.len()).filter(|at| waiting[*at] > 0).map(|at| format!("`{}`", ids[at])).collect();
        stuck.sort();
        return Err(Box::new(
            Problem::new(code::INTERNAL, format!("these steps wait for each other: {}", stuck.join(", ")))
                .hint("apply the renames and moves among them in a run of their own"),
        ));
    }
    let mut drafts: Vec<Option<_>> = drafts.into_iter().map(Some).collect();
    Ok(order
        .into_iter()
        .filter_map(|at| {
            let step = drafts[at].take()?;
            let mut needs: Vec<String> = step.needs.iter().map(|need| ids[*need].clone()).collect();
            needs.sort();
            Some(step.finish(needs))
        })
        .collect())
}
