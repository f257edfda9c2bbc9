//! What the runners make of our lines, and what they do not make of the text in them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::findings::Rule;
use crate::offer::{Guard, OfferKey};

fn finding(message: &str) -> Finding {
    Finding::new(Rule::Guard(Guard::PriceChange), Level::Error, message)
        .at(Place { behind: Some(9), ..Place::head("offers/vm.yaml") })
        .of(OfferKey::parse("contoso/vm").unwrap())
        .help("correct it, or 100 % let it pass")
}

fn told(findings: &[Finding], runner: Runner) -> Vec<String> {
    annotations(&findings.iter().cloned().collect::<Findings>().settled(), runner)
}

#[test]
fn each_runner_is_told_in_its_own_words() {
    let findings = [finding("0.03 → 0.3; 900 %"), Finding::new(Rule::Drift, Level::Note, "let pass")];
    insta::assert_snapshot!(told(&findings, Runner::GitHub).join("\n"), @"
    ::error file=offers/vm.yaml,line=1,col=1,endLine=1,endColumn=9,title=contoso/vm%3A price-change::0.03 → 0.3; 900 %25%0ATo mend it: correct it, or 100 %25 let it pass
    ::notice title=drift::let pass
    ");
    insta::assert_snapshot!(told(&findings, Runner::AzurePipelines).join("\n"), @"##vso[task.logissue type=error;sourcepath=offers/vm.yaml;linenumber=1;columnnumber=1;code=price-change]contoso/vm: 0.03 → 0.3; 900 %AZP25%0ATo mend it: correct it, or 100 %AZP25 let it pass");
}

#[test]
fn what_is_not_shown_is_counted() {
    let findings: Vec<_> = (0..12).map(|number| finding(&number.to_string())).collect();
    let lines = told(&findings, Runner::GitHub);
    assert_eq!(lines.len(), MOST);
    assert_eq!(
        lines[9],
        "::error title=offerctl::3 more like this: no more than 10 of a kind are shown here; the log of this step has more, and `offerctl validate --output json` all about manifests"
    );
    assert_eq!(told(&findings[..10], Runner::GitHub).len(), 10);
    let many: Vec<_> = (0..2 * crate::findings::MOST).map(|number| finding(&number.to_string())).collect();
    let many = told(&many, Runner::GitHub);
    assert!(many.len() == MOST && many[9].contains("9991 more like this"), "{many:?}");
    let errors = (0..2 * crate::findings::MOST).map(|number| finding(&number.to_string()));
    let late = Finding { level: Level::Warning, ..finding("late") };
    let both = told(&errors.chain([late]).collect::<Vec<_>>(), Runner::GitHub);
    assert!(both.len() == MOST + 1 && both[MOST].contains("1 findings of this kind are not shown"), "{both:?}");
    assert!(!told(&findings[..10], Runner::GitHub)[9].contains("more like this"));
}

#[test]
fn a_message_is_cut_before_the_runner_does() {
    let lines = told(&[finding(&"é".repeat(3_000))], Runner::GitHub);
    let message = lines[0].rsplit("::").next().unwrap();
    assert!(message.len() <= LONGEST_MESSAGE && message.ends_with('é'), "{}", message.len());
}

/// What a runner understands: the word, the properties and the message. Written after the runners' sources.
fn understood(line: &str, runner: Runner) -> Option<(String, BTreeMap<String, String>, String)> {
    let (head, message, separator, codes): (_, _, _, &[(&str, &str)]) = match runner {
        Runner::GitHub => {
            let rest = line.trim_start().strip_prefix("::")?;
            let (head, message) = rest.split_once("::")?;
            (head, message, ',', &[("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")])
        }
        Runner::AzurePipelines => {
            let rest = &line[line.find("##vso[")? + "##vso[".len()..];
            let (head, message) = rest.split_once(']')?;
            (head, message, ';', &[("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")])
        }
    };
    let unescaped = |text: &str| codes.iter().fold(text.to_owned(), |text, (code, plain)| text.replace(code, plain));
    let (word, properties) = head.split_once(' ')?;
    let properties = properties.split(separator).filter_map(|property| property.split_once('='));
    let properties = properties.map(|(name, value)| (name.to_owned(), unescaped(value))).collect();
    Some((word.to_owned(), properties, unescaped(message)))
}

fn hostile() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "::",
        ":",
        ",",
        ";",
        "=",
        "]",
        "[",
        "##",
        "##vso[task.setvariable variable=x]",
        "::error file=a::b",
        "%",
        "%0A",
        "%25",
        "%0D",
        "%3A",
        "AZP25",
        "\n",
        "\r",
        "\u{2028}",
        "\x1b[2J",
        " ",
        "a",
        "é",
        "?sig=abcdef",
        "type=error",
    ]);
    prop::collection::vec(parts, 0..10).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn whatever_the_text_is_a_runner_reads_one_command_with_exactly_that_text(
        message in hostile(), help in hostile(), file in hostile(),
    ) {
        let mut finding = finding(&message).help(help.clone());
        finding.place = Some(Place::head(&file));
        let shown = |text: &str| single_line(&Redaction::text(text));
        let said = format!("{}\nTo mend it: {}", shown(&message), shown(&help));
        for runner in [Runner::GitHub, Runner::AzurePipelines] {
            let lines = told(std::slice::from_ref(&finding), runner);
            prop_assert_eq!(lines.len(), 1);
            prop_assert!(!lines[0].contains(['\n', '\r']), "{:?}", lines[0]);
            let (word, properties, message) = understood(&lines[0], runner).unwrap();
            match runner {
                Runner::GitHub => {
                    prop_assert_eq!(word, "error");
                    prop_assert_eq!(&properties["file"], &single_line(&file));
                    prop_assert_eq!(&properties["title"], "contoso/vm: price-change");
                    prop_assert_eq!(message, said.clone());
                }
                Runner::AzurePipelines => {
                    prop_assert_eq!(word, "task.logissue");
                    prop_assert_eq!(&properties["sourcepath"], &single_line(&file));
                    prop_assert_eq!(&properties["code"], "price-change");
                    prop_assert_eq!(&properties["type"], "error");
                    prop_assert_eq!(message, format!("contoso/vm: {said}"));
                }
            }
        }
    }
}
