//! Scenarios: what people do with offerctl, told as stories. The built program runs in a folder of its own against an
//! emulator of its own, whose clock stands still unless the story moves it.
//!
//! A story knows only what a user knows: commands, files, output, and what the service was asked to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

mod access;
mod adopting;
mod bad_input;
mod beginning;
mod canary;
mod changed_since;
mod commands;
mod comments;
mod complaints;
mod documents;
mod drift;
mod editing;
mod environment;
mod explaining;
mod findings;
mod first_apply;
mod following;
mod forges;
mod git;
mod guards;
mod guide;
mod importing;
mod interposer;
mod interruptions;
mod looking;
mod manifests;
mod media;
mod operations;
mod page;
mod passengers;
mod patterns;
mod plan_files;
mod plan_markdown;
mod portal;
mod quirks;
mod races;
mod records;
mod resuming;
mod rough_service;
mod runner;
mod saved_plans;
mod saved_plans_interrupted;
mod schemas;
mod secrets;
mod several_offers;
mod shared_records;
mod standalone;
mod step_summaries;
mod submissions;
mod thresholds;
mod troubled_submissions;
mod workflows;
