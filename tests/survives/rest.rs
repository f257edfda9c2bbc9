//! What `offerctl resume` makes of the records: the rest of a plan that another process began.

use offerctl::execute::{Basis, Job};
use offerctl::portal::PortalError;
use serde_json::Value;

use super::engine::Engine;

impl Engine {
    /// Plans what is left of a plan that was begun; `None` when none is on record.
    pub async fn plan_rest(&self, document: &Value) -> Result<Option<Job>, PortalError> {
        let manifest = self.desired(document);
        let record = self.state().load(&manifest.key).record;
        let rest = record.as_ref().and_then(|record| record.rest.clone());
        // What was stopped is said again and again, until somebody applies.
        let Some(rest) = rest.filter(|rest| rest.stopped.is_none()) else { return Ok(None) };
        // A record holds no signature, so that what is still to be written is read from the manifest again.
        let desired = if rest.writes() { manifest } else { rest.desired(&manifest.key) };
        let directives = rest.directives();
        self.job(desired, record, directives, Basis::RestOf(Box::new(rest))).await.map(Some)
    }
}
