//! The schema of `offerctl.yaml`.

use serde_json::{Value, json};

use super::words::{DRAFT, closed, guards};
use crate::offer::Guard;

/// The whole schema.
pub(super) fn schema() -> Value {
    let duration = "A number with a unit, such as 30m, 2h or 1h 30m; 0 looks once and leaves.";
    let mut schema = json!({
        "$schema": DRAFT,
        "title": "offerctl.yaml",
        "description": "The settings of a repository; the file stands at its root.",
    });
    let keys = json!({
        "offers": {
            "title": "Manifests",
            "description": "Globs that find the manifests, relative to this file; `!` in front takes away.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        "endpoint": {
            "title": "Service",
            "description": "Where the service is: cloudpartner.azure.com, or this machine for the emulator.",
            "type": "string",
            "pattern": "^https?://",
        },
        "parallelism": {
            "title": "Parallelism",
            "description": "How many offers are worked on side by side; 10 by default.",
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 256}, {"type": "string", "pattern": "^[0-9]+$"}],
        },
        "wait": {
            "title": "Wait",
            "description": format!("How long one offer is waited for; 30m by default. {duration}"),
            "anyOf": [{"const": 0}, {"type": "string", "pattern": "^(0|[0-9]+ ?[a-z]+( ?[0-9]+ ?[a-z]+)*)$"}],
        },
        "state": {
            "title": "Records",
            "description": "Where records of what was applied are kept: a folder, or git:BRANCH.",
            "type": "string",
        },
        "guards": guards(Guard::ALLOWABLE),
    });
    if let Some(schema) = schema.as_object_mut() {
        schema.extend(closed(&keys));
    }
    schema
}
