mod answers;
mod blocks;
mod lab;
mod pipeline;
mod records;
mod splits;
mod usage;
