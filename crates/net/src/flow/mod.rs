//! Flows: who talks to whom, in a table of fixed size with timers.

mod key;
mod table;
mod timer;

pub use key::{FlowKey, Tuple};
pub use table::{FlowId, FlowTable, TableFull};
pub use timer::TimerWheel;
