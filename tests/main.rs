//! All tests of the library from outside, in one program, so that it is built and linked once. Separate are those that
//! measure their process's memory (`bad_input`), those that take minutes (`shuffle_large`), and the vectors.

mod attack_checkpoints;
mod attack_histories;
mod attack_parts;
mod attack_writer;
mod board;
mod ceremony;
mod clash;
mod closing;
mod complaint;
mod counting;
mod credential;
mod decrypt;
mod election;
mod floors;
mod forged_records;
mod guard;
mod junk;
mod keys;
mod kinds;
mod machines;
mod manifests;
mod mixing;
mod operator;
mod parts;
mod rehearsal;
mod report;
mod reshare;
mod rest;
mod roll;
mod rules;
mod shares;
mod spoil;
mod tags;
mod tally;
mod writer;
