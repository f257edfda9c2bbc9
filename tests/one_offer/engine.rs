//! The offer `contoso/vm`, planned and applied through the library as `offerctl apply` does, with records in a folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use offerctl::execute::{Beginning, ExecuteSettings, Executor, Job, OfferOutcome};
use offerctl::observe::{InFlight, observe};
use offerctl::offer::{
    Catalogue, Desired, Document, OfferKey, OfferTypeId, PositionTree, Reconcile, Slot, SourcePosition,
};
use offerctl::plan::{Directives, Guard, Known, plan_offer};
use offerctl::portal::{ClientOptions, PortalError, ReadyToken, WritingClient};
use offerctl::state::{Record, StateFolder, Subject};
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
        self.job(desired, record, directives, Beginning::OfPlan).await
    }

    /// Looks at the offer and plans it from that beginning.
    pub async fn job(
        &self,
        desired: Desired,
        record: Option<Record>,
        directives: Directives,
        beginning: Beginning,
    ) -> Result<Job, PortalError> {
        let is_in_flight = record.as_ref().is_some_and(|record| record.in_flight.is_some());
        let in_flight = if is_in_flight { InFlight::Recorded } else { InFlight::Unknown };
        let observed = observe(self.client.reading(), &desired.key, self.publish_to, in_flight).await?;
        let known = record.as_ref().map(Record::known).unwrap_or_default();
        let known = if observed.draft.is_some() { known } else { Known::default() };
        let planned = plan_offer(Catalogue::built_in(), &desired, &observed, &known, &directives);
        let [draft, preview, submitted_content] =
            [observed.draft, observed.preview, observed.submitted_content].map(|found| found.map(Document::into_value));
        Ok(Job {
            subject: Subject::Manifest,
            beginning,
            desired,
            draft,
            preview,
            running: observed.running,
            publishes: observed.publishes,
            submitted_content,
            directives,
            planned,
            record,
        })
    }

    /// Does what was planned.
    pub async fn execute(&self, job: &Job, settings: ExecuteSettings) -> OfferOutcome {
        // The sender is kept until the end: nobody asks to stop.
        let (_nobody, stop) = watch::channel(false);
        Executor::new(self.client.clone(), self.state(), settings, Arc::new(|_, _| {}), stop).execute(job).await
    }
}
