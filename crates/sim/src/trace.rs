//! What happened last, kept only when somebody will read it.

use std::collections::VecDeque;

/// Events, the newest last.
#[derive(Debug, Default)]
pub struct Trace {
    most: usize,
    lines: VecDeque<String>,
}

impl Trace {
    /// Keeps so many lines; none, and then it costs nothing.
    pub fn keeping(most: usize) -> Self {
        Self { most, lines: VecDeque::new() }
    }

    /// Something happened so long after the beginning.
    pub fn say(&mut self, after_ms: i64, what: impl FnOnce() -> String) {
        if self.most == 0 {
            return;
        }
        if self.lines.len() == self.most {
            self.lines.pop_front();
        }
        self.lines.push_back(format!("{:>12.3} s  {}", after_ms as f64 / 1_000.0, what()));
    }

    /// The lines.
    pub fn into_lines(self) -> Vec<String> {
        self.lines.into()
    }
}
