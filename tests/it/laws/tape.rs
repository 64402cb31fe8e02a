//! Choices as a tape of numbers: a world is built by asking it, and proptest shrinks the numbers. Zero always means the plainest choice.

use std::vec::IntoIter;

/// A tape that reads zeros behind its end.
pub struct Tape(IntoIter<u16>);

impl Tape {
    pub fn new(numbers: Vec<u16>) -> Self {
        Self(numbers.into_iter())
    }

    /// A number below `count`.
    pub fn roll(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % count.max(1)
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) >= 100 - percent
    }

    pub fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())].clone()
    }

    pub fn shuffled<T>(&mut self, items: impl IntoIterator<Item = T>) -> Vec<T> {
        let mut items: Vec<T> = items.into_iter().collect();
        for at in 0..items.len() {
            let other = at + self.roll(items.len() - at);
            items.swap(at, other);
        }
        items
    }

    /// Each one of them so many times in a hundred, in any order.
    pub fn some<T: Clone>(&mut self, items: &[T], percent: usize) -> Vec<T> {
        let kept: Vec<T> = items.iter().filter(|_| self.chance(percent)).cloned().collect();
        self.shuffled(kept)
    }
}
