//! The offer `contoso/vm`, planned and applied through the library as `offerctl apply` does, with records in a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use offerctl::execute::{AtHand, Basis, ExecuteSettings, Executor, Job, OfferOutcome};
use offerctl::offer::{Desired, OfferKey, OfferTypeId, PositionTree, Reconcile, Slot, SourcePosition};
use offerctl::plan::{Directives, Guard};
use offerctl::portal::{ClientOptions, PortalError, ReadyToken, WritingClient};
use offerctl::state::{Fingerprinter, Record, StateFolder};
use serde_json::Value;
use tokio::sync::watch;

/// What one process would be made of.
pub struct Engine {
    client: WritingClient,
    records: PathBuf,
    publish_to: Slot,
}

impl Engine {
    pub fn new(options: ClientOptions, records: &Path, publish_to: Slot) -> Self {
        // Plain http needs no TLS, and the client still wants a provider to exist.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let token = Arc::new(ReadyToken::new("token", "the test").unwrap());
        let client = WritingClient::new(options, token).unwrap();
        Self { client, records: records.to_owned(), publish_to }
    }

    pub fn desired(&self, document: &Value) -> Desired {
        let position = SourcePosition { file: "offer.yaml".into(), line: 1, column: 1 };
        Desired {
            key: OfferKey::parse("contoso/vm").unwrap(),
            offer_type: OfferTypeId::new("microsoft-azure-virtualmachines").unwrap(),
            manifest: position.clone(),
            reconcile: Reconcile { publish_to: self.publish_to, ..Reconcile::default() },
            document: document.clone(),
            positions: PositionTree { value: position.clone(), key: position, children: Vec::new() },
            secrets: Vec::new(),
            local_files: Vec::new(),
        }
    }

    pub fn state(&self) -> StateFolder {
        StateFolder::new(&self.records, "loopback")
    }

    /// Plans, with every guard allowed that these documents can trip.
    pub async fn plan(&self, document: &Value, directives: &Directives) -> Result<Job, PortalError> {
        let desired = self.desired(document);
        let record = self.state().load(&desired.key).record;
        let allow = Guard::ALLOWABLE.map(|guard| guard.as_str().parse().unwrap()).to_vec();
        let directives = Directives { allow, ..directives.clone() };
        self.job(desired, record, directives, Basis::Manifest).await
    }

    /// Looks at the offer and plans it from that.
    pub async fn job(
        &self,
        desired: Desired,
        record: Option<Record>,
        directives: Directives,
        basis: Basis,
    ) -> Result<Job, PortalError> {
        let at_hand = AtHand {
            now: much_later(),
            environment: |_| None,
            fingerprinter: Arc::new(Fingerprinter::new(None, || None)),
        };
        Job::plan(self.client.reading(), desired, record, directives, basis, &at_hand).await
    }

    /// Does what was planned.
    pub async fn execute(&self, job: &Job, settings: ExecuteSettings) -> OfferOutcome {
        // The sender is kept until the end: nobody asks to stop.
        let (_nobody, stop) = watch::channel(false);
        Executor::new(self.client.clone(), self.state(), settings, Arc::new(|_, _| {}), stop).execute(job).await
    }
}

/// Long after whatever a record tells of, so that the service's list is not thought to lag.
fn much_later() -> jiff::Timestamp {
    "2100-01-01T00:00:00Z".parse().unwrap()
}
