//! Findings as SARIF 2.1.0, for code scanning and for viewers: one run, with every rule and its help.
//!
//! What GitHub takes and shows of it is at <https://docs.github.com/code-security/reference/code-scanning/sarif-files>: of
//! results no more than 5,000 a run ([`crate::findings::MOST`]), the most serious first, and none of a run with more than
//! five times as many; of other places no more than 100 a result.

mod format;
mod rules;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::json;

use self::format::{
    ArtifactLocation, AutomationDetails, Driver, Fingerprints, Invocation, Location, Log, Message, Notification,
    PhysicalLocation, Region, Result, ResultProperties, Run, RunProperties, Tool,
};
use super::redaction::Redaction;
use super::safe::single_line;
use crate::findings::{Finding, Findings, Level, Place, Rule};
use crate::offer::canonical_digest;

/// How many other places are shown of a result.
const MOST_RELATED: usize = 100;

/// What cannot stand in the relative address of a file. A colon would make a scheme of what stands before it.
const NO_ADDRESS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b':')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The log of one run of a command. The findings are settled, and their files named from the top of the git repository.
pub fn sarif(command: &str, findings: &Findings, summary: String) -> impl serde::Serialize + use<> {
    let documented = rules::documented();
    let mut twins = std::collections::HashMap::<String, usize>::new();
    let results = findings.shown().iter().map(|finding| {
        let identity = identity(finding);
        let twin = twins.entry(identity.clone()).and_modify(|count| *count += 1).or_insert(1);
        let fingerprint = format!("{identity}:{twin}");
        let rule_index = documented.iter().position(|rule| rule.id == finding.rule.id());
        result(finding, rule_index, fingerprint)
    });
    let results: Vec<_> = results.collect();
    let is_left_out = |rule: Rule, level: Level| match rule {
        Rule::NotPlanned | Rule::NotCompared => true,
        // What is wrong with manifests is all that `validate` was to find; for every other command it is in the way.
        Rule::Manifest(_) => level == Level::Error && command != "validate",
        _ => false,
    };
    let more = findings.beyond();
    let left_out = (more > 0).then(|| Notification {
        level: "warning",
        message: Message { text: format!("{more} findings more, none of them more serious, are left out") },
    });
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver { name: "offerctl", semantic_version: env!("CARGO_PKG_VERSION"), rules: documented },
            },
            // What stands before the last stroke tells the runs of a commit apart.
            automation_details: AutomationDetails { id: format!("offerctl/{command}/") },
            column_kind: "unicodeCodePoints",
            invocations: [Invocation {
                execution_successful: !findings.any(is_left_out),
                tool_execution_notifications: left_out.into_iter().collect(),
            }],
            results,
            properties: RunProperties { summary },
        }],
    }
}

/// What a finding is recognised by when lines move and values change.
fn identity(finding: &Finding) -> String {
    let about = match (&finding.offer, &finding.field) {
        (Some(offer), field) => json!([offer.to_string(), field]),
        // Nothing but its words tells a finding of a manifest apart from others.
        (None, _) => json!([finding.place.as_ref().map(|place| &place.start.file), shown(&finding.message)]),
    };
    canonical_digest(&json!([finding.rule.id(), about])).trim_start_matches("sha256:").to_owned()
}

fn result(finding: &Finding, rule_index: Option<usize>, fingerprint: String) -> Result {
    let help = finding.help.as_ref().map(|help| format!(". To mend it: {}", shown(help)));
    let about = finding.offer.as_ref().map(|offer| format!("{offer}: ")).unwrap_or_default();
    Result {
        rule_id: finding.rule.id(),
        rule_index,
        level: match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: Message { text: format!("{about}{}{}", shown(&finding.message), help.unwrap_or_default()) },
        locations: finding.place.iter().map(|place| location(place, None)).collect(),
        related_locations: finding
            .related
            .iter()
            .take(MOST_RELATED)
            .map(|(place, words)| location(place, Some(words).filter(|words| !words.is_empty())))
            .collect(),
        partial_fingerprints: Fingerprints { finding: fingerprint },
        properties: ResultProperties {
            offer: finding.offer.as_ref().map(ToString::to_string),
            field: finding.field.as_ref().map(ToString::to_string),
        },
    }
}

fn location(place: &Place, words: Option<&String>) -> Location {
    let Place { start, behind } = place;
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: utf8_percent_encode(&start.file, NO_ADDRESS).to_string(),
                uri_base_id: "%SRCROOT%",
            },
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: start.line,
                end_column: *behind,
            },
        },
        message: words.map(|words| Message { text: shown(words) }),
    }
}

/// A text on one line, without what must not be seen, and without the links that SARIF has in messages.
fn shown(text: &str) -> String {
    single_line(&Redaction::text(text)).replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, to_value};

    use super::*;
    use crate::findings::MOST;
    use crate::offer::{FieldPath, OfferKey};

    fn drift(line: u32, field: &str) -> Finding {
        let mut place = Place::head("offers/vm & co/a:b.yaml");
        place.start.line = line;
        Finding::new(Rule::Drift, Level::Warning, "it was edited [here](https://evil.example) ##vso[x]\n::error::y")
            .at(place)
            .of(OfferKey::parse("contoso/vm").unwrap())
            .on(FieldPath::parse(field).unwrap())
    }

    fn results(findings: &[Finding]) -> Vec<Value> {
        let log = to_value(sarif("drift", &findings.iter().cloned().collect(), String::new())).unwrap();
        log["runs"][0]["results"].as_array().unwrap().clone()
    }

    #[test]
    fn a_finding_is_recognised_whatever_its_line_is() {
        let fingerprint = |finding: Finding| results(&[finding])[0]["partialFingerprints"].clone();
        assert_eq!(fingerprint(drift(3, "/definition/a")), fingerprint(drift(30, "/definition/a")));
        assert_ne!(fingerprint(drift(3, "/definition/a")), fingerprint(drift(3, "/definition/b")));
        let twins = results(&[drift(3, "/definition/a"), drift(4, "/definition/a")]);
        assert_ne!(twins[0]["partialFingerprints"], twins[1]["partialFingerprints"]);
    }

    #[test]
    fn text_of_others_is_no_link_and_files_are_addresses() {
        let result = &results(&[drift(3, "/definition/a")])[0];
        assert_eq!(
            result["message"]["text"],
            "contoso/vm: it was edited [here] (https://evil.example) # #vso[x]⏎::error::y"
        );
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "offers/vm%20&%20co/a%3Ab.yaml");
        assert_eq!(location["region"], json!({"startLine": 3, "startColumn": 1, "endLine": 3}));
    }

    #[test]
    fn a_run_has_no_more_results_than_are_taken_and_says_so() {
        let mut findings: Vec<_> = (1..).take(MOST + 2).map(|line| drift(line, "/definition/a")).collect();
        findings[0].related = vec![(Place::head("a"), String::new()); MOST_RELATED + 1];
        let log =
            to_value(sarif("drift", &findings.into_iter().collect::<Findings>().settled(), String::new())).unwrap();
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), MOST);
        assert_eq!(run["results"][0]["relatedLocations"].as_array().unwrap().len(), MOST_RELATED);
        let said = &run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert_eq!(said, "2 findings more, none of them more serious, are left out");
    }
}
