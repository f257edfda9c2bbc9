//! Going on with the rest of a plan that is on record: the job of it, or why there is none. For `resume`, and for `apply`
//! when it is given a saved plan that was begun.

use super::planning::today;
use super::reading::read_manifests;
use super::session::{Connection, Session};
use super::{CommandError, Exit};
use crate::execute::{Basis, Job};
use crate::manifest::RepositoryPath;
use crate::offer::{Desired, OfferKey, Slot};
use crate::plan::Directives;
use crate::state::{Record, Rest, StopCause, Stopped, Subject};

/// Where rests are gone on with.
#[derive(Clone, Copy)]
pub(super) struct Resumption<'command> {
    pub(super) session: &'command Session,
    pub(super) connection: &'command Connection,
}

impl Resumption<'_> {
    /// Says once more why a plan was stopped: a job that runs every half hour must not turn green because of it.
    pub(super) fn stopped(&self, key: &OfferKey, rest: &Rest, stopped: &Stopped) -> CommandError {
        let anew = match rest.subject {
            Subject::Manifest => "plan",
            Subject::LiveDraft if rest.target == Slot::Production => "go-live",
            Subject::LiveDraft => "publish",
        };
        let anew = self.session.command_line(anew, &[key]);
        let exit = match stopped.cause {
            StopCause::Conflict => Exit::Conflict,
            StopCause::Rejected => Exit::Rejected,
            StopCause::Blocked => Exit::Blocked,
            StopCause::Failed => Exit::Failed,
        };
        let Rest { begun_at, .. } = rest;
        CommandError::other(format!("{key}: the plan begun at {begun_at} was stopped: {}", stopped.sentence))
            .hint(format!("`offerctl status {key}` shows how it stands and what the service says"))
            .hint(format!("begin anew with `{anew}`; what applies, publishes or cancels replaces the stopped plan"))
            .ending_as(exit)
    }

    /// The job of what is left.
    pub(super) async fn job(&self, key: &OfferKey, record: Record, rest: &Rest) -> Result<Job, CommandError> {
        let desired = if rest.writes() { self.manifest(key, rest).await? } else { rest.desired(key) };
        let client = self.connection.client.reading();
        let directives =
            Directives { guards: self.session.settings.guards.clone(), today: Some(today()), ..rest.directives() };
        let at_hand = self.session.at_hand();
        let planned =
            Job::plan(client, desired, Some(record), directives, Basis::RestOf(Box::new(rest.clone())), &at_hand).await;
        let job = planned.map_err(|error| {
            let exit = Exit::from(&error);
            CommandError::from(error).about(key).ending_as(if exit == Exit::NotAllowed { exit } else { Exit::Failed })
        })?;
        if rest.writes() && !rest.is_of(&job.to_record(), &job.desired) {
            return Err(CommandError::conflict(format!(
                "{key}: the draft is still to be written, and `{}`, or a file that it names, is not any more what the plan \
                 was made from",
                rest.manifest
            ))
            .hint(format!("plan anew: `offerctl plan {key}`, then `offerctl apply {key}`")));
        }
        Ok(job)
    }

    /// The manifest that the plan was made from: a record holds no signature, so that what is written needs it again.
    async fn manifest(&self, key: &OfferKey, rest: &Rest) -> Result<Desired, CommandError> {
        let missing = || {
            CommandError::bad_input(format!(
                "{key}: the draft is still to be written, and its manifest `{}` cannot be read here",
                rest.manifest
            ))
            .hint("run the command in the repository that the plan was made from")
            .hint(format!("to give the plan up, delete its record `{}`", self.connection.state.path(key).display()))
        };
        let path = RepositoryPath::new(&rest.manifest).map_err(|_| missing())?;
        let repository = self.session.repository()?;
        if !repository.root().join(path.as_str()).exists() {
            return Err(missing());
        }
        let read = read_manifests(repository, vec![path], self.session.printer).await?;
        read.kept.into_iter().find(|desired| desired.key == *key).ok_or_else(missing)
    }
}

/// What is carried on with, in a line.
pub(super) fn going_on(job: &Job) -> String {
    let steps: Vec<_> = job.planned.steps.iter().map(|step| step.action.as_str()).collect();
    let left = if steps.is_empty() { "what was left has happened meanwhile".to_owned() } else { steps.join(", ") };
    let begun = job.record.as_ref().and_then(|record| record.rest.as_ref()).map_or("", |rest| rest.begun_at.as_str());
    format!("{}: going on with the plan begun at {begun}: {left}", job.planned.key)
}
