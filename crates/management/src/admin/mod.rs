pub trait Control {}
