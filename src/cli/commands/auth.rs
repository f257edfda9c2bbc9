//! `offerctl auth check`: which credential, why, who that is, until when, and which publishers answer.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::cli::arguments::{AuthCheckArguments, Global, Output, WaitOptions};
use crate::cli::printer::Printer;
use crate::cli::reading::read_keeping;
use crate::cli::selection::select;
use crate::cli::session::{Connection, Session};
use crate::cli::{CommandError, Exit};
use crate::credential::{Claims, CredentialChoice, Selection, remedy};
use crate::offer::{Desired, PublisherId};
use crate::portal::{ErrorKind, PortalError, ReadingClient};
use crate::render::single_line;

/// Everything that was found out.
struct Report {
    service: String,
    credential: Credential,
    claims: Option<Claims>,
    no_token: Option<CommandError>,
    publishers: Vec<Publisher>,
}

/// What the caller signs in with.
enum Credential {
    NotNeeded,
    Missing,
    Selected(Selection),
}

/// A publisher, and how the service answered about it; no name stands for whichever there are.
struct Publisher {
    name: Option<PublisherId>,
    refusal: Option<PortalError>,
}

pub(super) async fn run(global: &Global, own: &AuthCheckArguments, printer: Printer) -> Result<Exit, CommandError> {
    let session = Session::open(global, &[], WaitOptions::default(), printer)?;
    let publishers = publishers(&session, &own.publishers).await?;
    let mut report = Report {
        service: session.settings.service.to_string(),
        credential: Credential::Missing,
        claims: None,
        no_token: None,
        publishers: Vec::new(),
    };
    match session.connect().await {
        Ok(connection) => {
            report.check(&connection, publishers).await;
            connection.close().await;
        }
        Err(error) if error.exit() == Exit::NotAllowed => report.no_token = Some(error),
        Err(error) => return Err(error),
    }
    match global.output {
        Output::Text => printer.result(&report.text(SystemTime::now()))?,
        Output::Json => printer.json(&report.json())?,
    }
    Ok(report.finish(printer))
}

/// The named publishers, else those of the manifests; a repository without manifests has none.
async fn publishers(session: &Session, named: &[String]) -> Result<BTreeSet<PublisherId>, CommandError> {
    if !named.is_empty() {
        let publishers = named.iter().map(|text| PublisherId::new(text.as_str())).collect::<Result<_, _>>();
        return publishers.map_err(|error| CommandError::bad_input(error.to_string()));
    }
    let Ok(selected) = select(session, &[]) else { return Ok(BTreeSet::new()) };
    let publisher = |desired: Desired| Some(desired.key.publisher);
    let read = read_keeping(session.repository()?, selected.manifests, session.printer, publisher).await?;
    Ok(read.kept.into_iter().collect())
}

/// Which publishers answer: those that the service names, and those that were asked about, each by its listing.
async fn ask(client: &ReadingClient, asked: BTreeSet<PublisherId>) -> Vec<Publisher> {
    let known: BTreeSet<PublisherId> = match client.publishers().await {
        Ok(known) => known.into_iter().collect(),
        Err(error) if asked.is_empty() => return vec![Publisher { name: None, refusal: Some(error) }],
        // Not every caller is told all publishers; the listings below tell more.
        Err(error) if error.status().is_some() && error.kind() != ErrorKind::NotAuthenticated => BTreeSet::new(),
        Err(error) => {
            let refused = |publisher| Publisher { name: Some(publisher), refusal: Some(error.clone()) };
            return asked.into_iter().map(refused).collect();
        }
    };
    let mut publishers = Vec::new();
    for publisher in known.union(&asked) {
        let refusal = if known.contains(publisher) { None } else { client.offers(publisher).await.err() };
        publishers.push(Publisher { name: Some(publisher.clone()), refusal });
    }
    publishers
}

impl Publisher {
    fn name(&self) -> &str {
        self.name.as_ref().map_or("any", PublisherId::as_str)
    }
}

impl Report {
    async fn check(&mut self, connection: &Connection, asked: BTreeSet<PublisherId>) {
        self.credential = Credential::NotNeeded;
        if let Some(selection) = &connection.credential {
            match selection.tokens.token().await {
                Ok(token) => self.claims = Claims::read(&token),
                Err(error) => self.no_token = Some(error.into()),
            }
            self.credential = Credential::Selected(selection.clone());
        }
        if self.no_token.is_none() {
            self.publishers = ask(connection.client.reading(), asked).await;
        }
    }

    fn selection(&self) -> Option<&Selection> {
        match &self.credential {
            Credential::Selected(selection) => Some(selection),
            Credential::NotNeeded | Credential::Missing => None,
        }
    }

    fn remedy(&self, publisher: &Publisher, refusal: &PortalError) -> String {
        let scope = self.selection().and_then(|selection| selection.scope.as_deref());
        remedy(refusal, self.claims.as_ref(), scope, publisher.name.as_ref().map(PublisherId::as_str))
    }

    /// Says what is in the way, each thing once, and how bad it is.
    fn finish(&self, printer: Printer) -> Exit {
        let mut exit = Exit::Done;
        if let Some(error) = &self.no_token {
            printer.error(error);
            exit = exit.or_worse(error.exit());
        }
        for publisher in &self.publishers {
            if let Some(refusal) = &publisher.refusal {
                let mut error = CommandError::other(refusal.to_string()).hint(self.remedy(publisher, refusal));
                if publisher.name.is_none() && refusal.kind() != ErrorKind::NotAuthenticated {
                    error = error.hint("the service does not tell every caller its publishers; name one: `offerctl auth check contoso`");
                }
                printer.error(&error);
                exit = exit.or_worse(Exit::from(refusal));
            }
        }
        exit
    }

    fn text(&self, now: SystemTime) -> String {
        let mut rows: Vec<(&str, String)> = vec![("Service", self.service.clone())];
        match &self.credential {
            Credential::NotNeeded => rows.push(("Credential", "none is needed".to_owned())),
            Credential::Missing => rows.push(("Credential", "there is none".to_owned())),
            Credential::Selected(selection) => rows.extend(selection_rows(selection)),
        }
        match (&self.claims, &self.credential, &self.no_token) {
            (Some(claims), ..) => rows.extend(claim_rows(claims, now)),
            (None, Credential::Selected(_), None) => {
                rows.push(("Token", "not readable, so who and until when is unknown".to_owned()));
            }
            (None, Credential::Selected(_), Some(_)) => rows.push(("Token", "none was obtained".to_owned())),
            (None, Credential::NotNeeded | Credential::Missing, _) => {}
        }
        let width = self.publishers.iter().map(|publisher| publisher.name().len()).max().unwrap_or(0);
        for (index, publisher) in self.publishers.iter().enumerate() {
            let answer = publisher.refusal.as_ref().map_or_else(|| "answers".to_owned(), short);
            rows.push((if index == 0 { "Publishers" } else { "" }, format!("{:<width$}  {answer}", publisher.name())));
        }
        if self.publishers.is_empty() && self.no_token.is_none() {
            rows.push(("Publishers", "none yet".to_owned()));
        }
        let line = |(name, value): &(&str, String)| format!("{name:<11} {}\n", single_line(value));
        rows.iter().map(line).collect::<Vec<_>>().concat()
    }

    fn json(&self) -> Value {
        let claims = self.claims.as_ref();
        json!({
            "format": "offerctl-auth-check",
            "version": 1,
            "service": self.service,
            "credential": self.selection().map(|credential| json!({
                "kind": credential.kind.name(),
                "choice": credential.choice.to_string(),
                "description": credential.tokens.describe(),
                "scope": credential.scope,
                "passedOver": credential.passed_over.iter()
                    .map(|passed| json!({"kind": passed.kind.name(), "reason": passed.reason})).collect::<Vec<_>>(),
            })),
            "identity": claims.map(|claims| json!({
                "applicationId": claims.application,
                "applicationName": claims.application_name,
                "objectId": claims.object,
                "tenantId": claims.tenant,
                "user": claims.user,
                "audience": claims.audience,
                "expires": claims.expires.and_then(timestamp),
            })),
            "error": self.no_token.as_ref().map(|error| json!({
                "message": error.message(), "whatNext": error.hints().join(" "),
            })),
            "publishers": self.publishers.iter().map(|publisher| json!({
                "publisherId": publisher.name.as_ref().map(PublisherId::as_str),
                "answers": publisher.refusal.is_none(),
                "status": publisher.refusal.as_ref().and_then(PortalError::status),
                "error": publisher.refusal.as_ref().map(ToString::to_string),
                "whatNext": publisher.refusal.as_ref().map(|refusal| self.remedy(publisher, refusal)),
            })).collect::<Vec<_>>(),
        })
    }
}

fn selection_rows(selection: &Selection) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Credential", format!("{}: {}", selection.kind, selection.tokens.describe()))];
    if selection.choice == CredentialChoice::Auto {
        let others = if selection.passed_over.is_empty() { "" } else { "; passed over:" };
        rows.push(("", format!("chosen automatically{others}")));
    }
    rows.extend(selection.passed_over.iter().map(|passed| ("", format!("- {}: {}", passed.kind, passed.reason))));
    rows.extend(selection.scope.as_ref().map(|scope| ("Asked for", scope.clone())));
    rows
}

fn claim_rows(claims: &Claims, now: SystemTime) -> Vec<(&'static str, String)> {
    let mut rows = Vec::new();
    let mut row = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    let application = match (&claims.application, &claims.application_name) {
        (Some(id), Some(name)) => Some(format!("{id} ({name})")),
        (id, name) => id.clone().or_else(|| name.clone()),
    };
    row("User", claims.user.clone());
    row("Application", application);
    row("Object ID", claims.object.clone());
    row("Tenant", claims.tenant.clone());
    row("Made for", claims.audience.clone());
    row("Until", claims.expires.and_then(|end| until(end, now)));
    rows
}

fn until(end: SystemTime, now: SystemTime) -> Option<String> {
    let left = match end.duration_since(now) {
        Ok(left) => format!("in {}", humantime::format_duration(std::time::Duration::from_secs(left.as_secs()))),
        Err(_) => "it has expired".to_owned(),
    };
    Some(format!("{} ({left})", timestamp(end)?))
}

fn timestamp(moment: SystemTime) -> Option<String> {
    jiff::Timestamp::try_from(moment).ok().map(|timestamp| timestamp.to_string())
}

/// The answer in a word or two; the whole of it follows as an error.
fn short(refusal: &PortalError) -> String {
    match (refusal.kind(), refusal.status()) {
        (ErrorKind::NotAuthenticated, _) => "401, not authenticated".to_owned(),
        (ErrorKind::NotAllowed, _) => "403, not allowed".to_owned(),
        (_, Some(status)) => format!("no answer that can be used ({status})"),
        (_, None) => "no answer".to_owned(),
    }
}
