//! Secrets: each cell of what a record knows and what the environment holds, and what an update would blank.

use super::*;
use crate::offer::{FieldPath, Fingerprint};

const SECRET: &str = "/definition/offer/x.tableLeadConfiguration/connectionString";

fn path(text: &str) -> FieldPath {
    FieldPath::parse(text).unwrap()
}

/// The offer, with these keys besides.
fn with(keys: &Value) -> Value {
    let mut document = right();
    document["definition"]["offer"].as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    document
}

/// A manifest that names the variable `LEADS`.
fn naming() -> Desired {
    let document = with(&json!({"x.tableLeadConfiguration": {"connectionString": {"$secret": "LEADS"}}}));
    Desired { secrets: vec![(path(SECRET), "LEADS".to_owned())], ..desired(document) }
}

fn live(document: &Value) -> Observed {
    observed(document.clone(), Some(document.clone()), Some(document.clone()), Standing::Live)
}

/// What is known when the secret was sent from a variable.
fn sent(variable: &str, today: TodaysSecret, reached: Slot) -> Known {
    let applied = with(&json!({"x.tableLeadConfiguration": {"connectionString": {"$secret": variable}}}));
    let fingerprint = Fingerprint::new("1");
    let secret = KnownSecret { path: path(SECRET), variable: variable.to_owned(), fingerprint, today, reached };
    Known { applied: Some(applied.into()), secrets: vec![secret], ..Known::default() }
}

fn value(digits: &str) -> TodaysSecret {
    TodaysSecret::Value(Fingerprint::new(digits))
}

fn told(planned: &PlannedOffer) -> String {
    let mut text = format!("{}\n", steps(planned));
    for secret in &planned.secrets {
        writeln!(text, "  {}: {:?}", secret.variable, secret.verdict).unwrap();
    }
    for change in &planned.changes.open() {
        writeln!(text, "  {:?} {}", change.difference.operation, change.difference.path).unwrap();
    }
    for note in &planned.notes {
        writeln!(text, "  note: {note}").unwrap();
    }
    text
}

#[test]
fn a_secret_is_a_change_when_its_value_is_another_one_and_only_then() {
    let mut table = String::new();
    let record_without = Known { secrets: Vec::new(), ..sent("LEADS", TodaysSecret::NotSet, Slot::Production) };
    let cells = [
        ("no record", Known::default()),
        ("a record without fingerprints", record_without),
        ("the same value", sent("LEADS", value("1"), Slot::Production)),
        ("another value", sent("LEADS", value("2"), Slot::Production)),
        ("no value today", sent("LEADS", TodaysSecret::NotSet, Slot::Production)),
        ("another key today", sent("LEADS", TodaysSecret::OtherKey, Slot::Production)),
        ("another variable", sent("OTHER", value("1"), Slot::Production)),
        ("written, not published", sent("LEADS", value("1"), Slot::Draft)),
        ("published, not live, no value today", sent("LEADS", TodaysSecret::NotSet, Slot::Preview)),
    ];
    // Whether the service returns what is left of the configuration or nothing at all.
    for (returned, observed) in [("{}", with(&json!({"x.tableLeadConfiguration": {}}))), ("nothing", right())] {
        for (cell, known) in &cells {
            let planned = plan_with(&naming(), &live(&observed), known, &Directives::default());
            writeln!(table, "{returned}, {cell}: {}", told(&planned).trim_end()).unwrap();
        }
    }
    insta::assert_snapshot!(table, @"
    {}, no record: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update
    {}, a record without fingerprints: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update
    {}, the same value: nothing
      LEADS: Unchanged
    {}, another value: update, publish, wait for preview, go live, wait for live
      LEADS: Changed
      Replace /definition/offer/x.tableLeadConfiguration/connectionString
    {}, no value today: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: the variable is not set here; taken as unchanged
    {}, another key today: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: its fingerprint was made with another `OFFERCTL_FINGERPRINT_KEY`; taken as unchanged
    {}, another variable: update, publish, wait for preview, go live, wait for live
      LEADS: Changed
      Add /definition/offer/x.tableLeadConfiguration/connectionString
    {}, written, not published: publish, wait for preview, go live, wait for live
      LEADS: Unchanged
    {}, published, not live, no value today: publish, wait for preview, go live, wait for live
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: the variable is not set here; taken as unchanged
    nothing, no record: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update
    nothing, a record without fingerprints: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: no record has a fingerprint of it; taken as unchanged, and sent with every update
    nothing, the same value: nothing
      LEADS: Unchanged
    nothing, another value: update, publish, wait for preview, go live, wait for live
      LEADS: Changed
      Add /definition/offer/x.tableLeadConfiguration
    nothing, no value today: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: the variable is not set here; taken as unchanged
    nothing, another key today: nothing
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: its fingerprint was made with another `OFFERCTL_FINGERPRINT_KEY`; taken as unchanged
    nothing, another variable: update, publish, wait for preview, go live, wait for live
      LEADS: Changed
      Add /definition/offer/x.tableLeadConfiguration
    nothing, written, not published: publish, wait for preview, go live, wait for live
      LEADS: Unchanged
    nothing, published, not live, no value today: publish, wait for preview, go live, wait for live
      LEADS: Unverifiable
      note: whether the secret `LEADS` of `/definition/offer/x.tableLeadConfiguration/connectionString` changed cannot be told: the variable is not set here; taken as unchanged
    ");
}

#[test]
fn a_waived_secret_is_shown_and_not_written() {
    let mut wanted = naming();
    wanted.reconcile.ignore = vec![crate::offer::IgnoredField {
        path: path("/definition/offer/x.tableLeadConfiguration"),
        reason: "sales owns the leads".to_owned(),
        until: None,
        position: wanted.manifest.clone(),
    }];
    let draft = with(&json!({"x.tableLeadConfiguration": {}}));
    let known = sent("LEADS", value("2"), Slot::Production);
    let planned = plan_with(&wanted, &live(&draft), &known, &Directives::default());
    assert_eq!(steps(&planned), "nothing");
    assert_eq!(planned.changes.open()[0].difference.waived.as_deref(), Some("sales owns the leads"));
}

/// What blocks an update of the title, when the service answers with these keys and the manifest says those.
fn blanked(answered: &Value, said: &Value, known: &Known) -> String {
    let mut draft = with(answered);
    draft["definition"]["offer"]["x.title"] = json!("Before");
    let planned = plan_with(&desired(with(said)), &live(&draft), known, &Directives::default());
    assert!(planned.has(Action::Update));
    let blank: Vec<_> = planned.blocks.iter().filter(|block| block.guard == Guard::BlankSecret).collect();
    blank.first().map_or_else(|| "-".to_owned(), |block| block.sentence.clone())
}

#[test]
fn an_update_must_not_blank_what_the_service_keeps_to_itself() {
    let none = Known::default();
    let crm = |keys: Value| json!({"x.leadDestination": "Crm", "x.crmLeadConfiguration": keys});
    let to_table = json!({"x.leadDestination": "AzureTable", "x.tableLeadConfiguration": {}});
    let nothing = json!({});
    insta::assert_snapshot!(blanked(&to_table, &nothing, &none), @"the update would blank what the service keeps and never returns, because the manifest does not name it: the secret of `/definition/offer/x.tableLeadConfiguration` (connectionString or storageAccountConnectionString)");
    let set = crm(json!({"url": "https://crm", "userName": "sales"}));
    insta::assert_snapshot!(blanked(&set, &nothing, &none), @"the update would blank what the service keeps and never returns, because the manifest does not name it: the secret of `/definition/offer/x.crmLeadConfiguration` (password or applicationKey)");
    let unused = json!({"x.leadDestination": "None", "x.crmLeadConfiguration": {"url": "https://crm"}});
    assert_ne!(blanked(&unused, &nothing, &none), "-", "somebody has set it all the same");
    assert_ne!(blanked(&set, &crm(json!({"url": "https://other"})), &none), "-", "the rest of it is managed");
    let recorded = sent("LEADS", TodaysSecret::NotSet, Slot::Production);
    insta::assert_snapshot!(blanked(&nothing, &nothing, &recorded), @"the update would blank what the service keeps and never returns, because the manifest does not name it: the secret of `/definition/offer/x.tableLeadConfiguration/connectionString`");
    let of_older_version = Known { secrets: Vec::new(), ..recorded.clone() };
    assert_eq!(blanked(&nothing, &nothing, &of_older_version), blanked(&nothing, &nothing, &recorded));
    assert_eq!(blanked(&to_table, &nothing, &recorded), blanked(&to_table, &nothing, &none), "told once");
}

#[test]
fn nothing_is_blanked_where_the_manifest_says_what_is_to_be_there_or_nothing_ever_was() {
    let none = Known::default();
    let secret = json!({"$secret": "LEADS"});
    let table = |keys: Value| json!({"x.leadDestination": "Table", "x.tableLeadConfiguration": keys});
    let crm = |keys: Value| json!({"x.crmLeadConfiguration": keys});
    for (why, answered, said) in [
        ("no leads", json!({"x.leadDestination": "None", "x.tableLeadConfiguration": {}}), json!({})),
        ("nothing set", crm(json!({"url": "", "userName": null})), json!({})),
        ("no secret there", json!({"x.leadDestination": "Email", "x.leadNotificationEmails": "a@x"}), json!({})),
        (
            "an endpoint has none",
            json!({"x.httpsEndpointLeadConfiguration": {"httpsEndpointUrl": "https://x"}}),
            json!({}),
        ),
        ("returned", table(json!({"connectionString": "shown"})), json!({})),
        ("named", table(json!({})), table(json!({"connectionString": secret}))),
        ("named as the other", crm(json!({"url": "https://crm"})), crm(json!({"applicationKey": secret}))),
        ("in plain sight", table(json!({})), table(json!({"connectionString": "plain"}))),
        ("removed", table(json!({"account": "a"})), table(Value::Null)),
        ("the key removed", table(json!({"account": "a"})), table(json!({"connectionString": null}))),
        ("sent elsewhere", table(json!({})), json!({"x.leadDestination": "None"})),
    ] {
        assert_eq!(blanked(&answered, &said, &none), "-", "{why}");
    }
    let mut known = sent("LEADS", TodaysSecret::NotSet, Slot::Production);
    assert_eq!(blanked(&json!({}), &table(json!({"storageAccountConnectionString": secret})), &known), "-", "renamed");
    known.secrets[0].path = path("/definition/offer/x.custom");
    known.applied = None;
    assert_eq!(blanked(&json!({"x.custom": "shown"}), &json!({}), &known), "-", "the service returns it");
}

#[test]
fn blanking_can_be_allowed_and_concerns_only_what_is_written() {
    let draft = with(&json!({"x.leadDestination": "Table"}));
    let planned = plan(&desired(right()), &live(&draft));
    assert_eq!(steps(&planned), "nothing");
    let mut edited = draft;
    edited["definition"]["offer"]["x.title"] = json!("Before");
    let allow = Directives { allow: vec!["blank-secret".parse().unwrap()], ..Directives::default() };
    let planned = plan_with(&desired(right()), &live(&edited), &Known::default(), &allow);
    assert_eq!((planned.blocks.len(), planned.allowed[0].guard), (0, Guard::BlankSecret));
}
