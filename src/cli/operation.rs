//! What `publish`, `go-live` and `cancel` have in common: look, show, ask, carry out, tell.

use futures::{Stream, StreamExt as _};

use super::arguments::{Global, OperationArguments, Output};
use super::execution::{Execution, confirm, exit_of_outcome, summarize_run};
use super::offers::{Target, targets};
use super::printer::Printer;
use super::secrets::hide;
use super::session::{Connection, Session};
use super::{CommandError, Exit};
use crate::diff::{MediaRecords, between};
use crate::execute::{Concurrency, Job, OfferOutcome, what_is_in_flight};
use crate::observe::{InFlight, observe};
use crate::offer::{Catalogue, Document, Observed, OfferKey, Revision, Slot};
use crate::plan::{Action, Operation, OperationPlan, plan_operation};
use crate::render::{
    Compared, Ending, OfferOperation, Side, operation_json, operation_result, operation_summary_line, operation_text,
    unfinished_text,
};
use crate::state::Loaded;

/// What the person asked for.
struct Request<'own> {
    operation: Operation,
    own: &'own OperationArguments,
    /// Whom to tell besides those that a manifest names.
    notify: &'own [String],
    output: Output,
}

/// What one offer came to, and what is to be done about it.
type Looked = (OfferOperation, Option<Job>);

pub(super) async fn run(
    global: &Global,
    operation: Operation,
    own: &OperationArguments,
    notify: &[String],
    printer: Printer,
) -> Result<Exit, CommandError> {
    let session = Session::open(global, &own.offers, own.waiting.clone(), printer)?;
    let request = Request { operation, own, notify, output: global.output };
    session.following(operation.as_str(), request.connect_and_serve(&session)).await
}

impl Request<'_> {
    async fn connect_and_serve(&self, session: &Session) -> Result<Exit, CommandError> {
        let targets = targets(session, &self.own.offers).await?;
        let connection = session.connect().await?;
        let exit = self.serve(session, &connection, targets).await;
        connection.close().await;
        exit
    }

    async fn serve(
        &self,
        session: &Session,
        connection: &Connection,
        targets: Vec<Target>,
    ) -> Result<Exit, CommandError> {
        let looks = futures::stream::iter(targets).map(|target| self.look(session, connection, target));
        let mut looks = looks.buffered(session.settings.parallelism);
        let (mut offers, mut jobs) = (Vec::new(), Vec::new());
        while let Some((mut offer, job)) = self.next_of(&mut looks, session, connection).await? {
            let differences = offer.compared.iter_mut().flat_map(|compared| &mut compared.differences);
            differences.for_each(|difference| hide(session.printer.secrets(), difference));
            self.show(session.printer, &offer)?;
            match &job {
                Some(job) => session.events.offer_planned(&job.planned),
                None => session.events.offer_ended(operation_result(self.operation, &offer), exit_of(&offer.ending)),
            }
            offers.push(offer);
            jobs.extend(job);
        }
        if let Err(error) = self.ask(session, &jobs).await {
            if self.output == Output::Json {
                session.printer.json(&operation_json(self.operation, &offers))?;
            }
            return Err(error);
        }
        let execution =
            Execution { session, connection, concurrency: Concurrency::Optimistic, command: self.operation.as_str() };
        for (key, outcome) in execution.carry_out(jobs, Vec::new()).await? {
            let Some(offer) = offers.iter_mut().find(|offer| offer.key == key) else { continue };
            offer.complaints = connection.tracer.remedy(&key, &outcome, String::new()).complaints;
            if !matches!(outcome, OfferOutcome::Done) {
                let palette = session.printer.stderr_palette();
                session.printer.note(&unfinished_text(self.operation, offer, &outcome, &palette));
            }
            offer.ending = Ending::Begun(outcome);
        }
        let totals = operation_summary_line(self.operation, &offers);
        let results: Vec<_> = offers.iter().map(|offer| operation_result(self.operation, offer)).collect();
        summarize_run(session, &totals, &results);
        match self.output {
            Output::Text => session.printer.result(&totals)?,
            Output::Json => session.printer.json(&operation_json(self.operation, &offers))?,
        }
        Ok(offers.iter().map(|offer| exit_of(&offer.ending)).fold(Exit::Done, Exit::or_worse))
    }

    /// The next offer that was looked at, unless the person wants to stop.
    async fn next_of(
        &self,
        looks: &mut (impl Stream<Item = Result<Looked, CommandError>> + Unpin),
        session: &Session,
        connection: &Connection,
    ) -> Result<Option<Looked>, CommandError> {
        session.looking(async { looks.next().await.transpose() }).await.map_err(|error| match self.operation {
            Operation::Publish | Operation::GoLive => {
                session.with_unfinished(error, &connection.state, &self.own.offers)
            }
            // Whoever wants an end of it does not want to go on with it.
            Operation::Cancel => error,
        })
    }

    /// Observes an offer and decides what the operation comes to.
    async fn look(&self, session: &Session, connection: &Connection, target: Target) -> Result<Looked, CommandError> {
        let Target { key, mut notification_emails } = target;
        let Loaded { record, warning } = connection.state.load(&key);
        if let Some(warning) = warning {
            session.printer.warning(&warning.to_string());
        }
        // As if a submission were in flight: whatever a report that lags says, the submissions are asked for.
        let in_flight = match record.as_ref().map(|record| what_is_in_flight(record, jiff::Timestamp::now())) {
            Some(just_accepted @ InFlight::JustAccepted { .. }) => just_accepted,
            _ => InFlight::Recorded,
        };
        let observed = observe(connection.client.reading(), &key, Slot::Production, in_flight).await;
        let command = session.command_line(self.operation.as_str(), &[&key]);
        let without_steps = |key: OfferKey, command, ending| OfferOperation {
            key,
            compared: None,
            steps: Vec::new(),
            command,
            ending,
            complaints: Vec::new(),
        };
        let observed = match observed {
            Ok(observed) => observed,
            Err(error) => return Ok((without_steps(key, command, Ending::Unreadable(Box::new(error))), None)),
        };
        let media = record.as_ref().map(|record| record.media.clone()).unwrap_or_default();
        let steps = match plan_operation(Catalogue::built_in(), self.operation, &observed, &media) {
            OperationPlan::Nothing(reason) => return Ok((without_steps(key, command, Ending::Nothing(reason)), None)),
            OperationPlan::Refused(refusal) => {
                return Ok((without_steps(key, command, Ending::Refused(refusal)), None));
            }
            OperationPlan::ToDo(steps) => steps,
        };
        let compared = self.compared(&observed, &media);
        for email in self.notify {
            if !notification_emails.contains(email) {
                notification_emails.push(email.clone());
            }
        }
        let job = Job::of_operation(self.operation, observed, steps.clone(), notification_emails, record)
            .map_err(|error| CommandError::other(format!("the draft of {key} names no usable offer type: {error}")))?;
        Ok((
            OfferOperation { key, compared, steps, command, ending: Ending::NotBegun, complaints: Vec::new() },
            Some(job),
        ))
    }

    /// What would be shipped, compared with what it replaces.
    fn compared(&self, observed: &Observed, media: &MediaRecords) -> Option<Compared> {
        let (from, to) = match self.operation {
            Operation::Publish => ((Slot::Preview, &observed.preview), (Slot::Draft, &observed.draft)),
            Operation::GoLive => ((Slot::Production, &observed.production), (Slot::Preview, &observed.preview)),
            Operation::Cancel => return None,
        };
        let (before, after) = (from.1.as_ref()?, to.1.as_ref()?);
        let side = |slot, document: &Document| Side { revision: Revision::Slot(slot), version: document.version() };
        Some(Compared {
            key: observed.key.clone(),
            from: side(from.0, before),
            to: side(to.0, after),
            differences: between(Catalogue::built_in(), media, before.as_value(), after.as_value()),
        })
    }

    fn show(&self, printer: Printer, offer: &OfferOperation) -> Result<(), CommandError> {
        match &offer.ending {
            Ending::Refused(refusal) => printer.error(
                &CommandError::other(format!("{}: {}", offer.key, refusal.sentence)).hint(refusal.way_out.as_str()),
            ),
            Ending::Unreadable(error) => {
                printer.error(&CommandError::other(format!("{}: {error}", offer.key)).hint(error.advice()));
            }
            Ending::NotBegun | Ending::Nothing(_) | Ending::Begun(_) => {}
        }
        match self.output {
            Output::Text => printer.text([operation_text(self.operation, offer, &printer.stdout_palette())]),
            // The result comes at the end; whoever is asked has to see before what it is about.
            Output::Json if !self.own.yes && !offer.steps.is_empty() => {
                printer.advise(operation_text(self.operation, offer, &printer.stderr_palette()).trim_end());
                Ok(())
            }
            Output::Json => Ok(()),
        }
    }

    /// Nothing is submitted or canceled without a clear yes; waiting for what runs needs none.
    async fn ask(&self, session: &Session, jobs: &[Job]) -> Result<(), CommandError> {
        let acting = |job: &&Job| job.planned.steps.iter().any(|step| step.action != Action::Wait);
        let offers = match jobs.iter().filter(acting).count() {
            0 => return Ok(()),
            1 => "1 offer".to_owned(),
            count => format!("{count} offers"),
        };
        let question = match self.operation {
            Operation::Publish => format!("Publish {offers}? [y/N]"),
            Operation::GoLive => format!("Take {offers} live, which cannot be taken back? [y/N]"),
            Operation::Cancel => format!("Cancel what runs for {offers}? [y/N]"),
        };
        confirm(session, self.own.yes, "what is shown", question).await
    }
}

fn exit_of(ending: &Ending) -> Exit {
    match ending {
        Ending::NotBegun | Ending::Nothing(_) => Exit::Done,
        Ending::Refused(refusal) => refusal.reason.into(),
        Ending::Unreadable(error) => (&**error).into(),
        Ending::Begun(outcome) => exit_of_outcome(outcome),
    }
}
