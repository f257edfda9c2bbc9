//! offerctl keeps Microsoft commercial marketplace offers as code.
//!
//! Data flows from left to right, and no room knows a room to its right:
//! [`manifest`] → [`observe`] → [`diff`] → [`plan`] → [`execute`], with [`drift`] and [`render`] beside them; [`cli`] only wires.
//! `docs/architecture.md` tells the words and the way of the data.

pub mod authoring;
pub mod cli;
pub mod complaint;
pub mod config;
pub mod credential;
pub mod diff;
pub mod drift;
pub mod emulator;
pub mod execute;
pub mod explain;
pub mod findings;
pub mod forge;
pub mod git;
pub mod manifest;
pub mod observe;
pub mod offer;
pub mod plan;
pub mod portal;
mod processors;
pub mod render;
pub mod schema;
pub mod state;
