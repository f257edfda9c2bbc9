//! Canaries: secrets, and texts that would act on a terminal or a CI runner, put wherever somebody else speaks. Every
//! command is run, success and failure, at every verbosity, and none of them gets out.
//!
//! A subcommand without a case here fails a test, so that a new one is considered.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use axum::Router;
use axum::http::{Method, StatusCode};
use clap::CommandFactory as _;
use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::{Value, json};

use crate::comments::job;
use crate::environment::{TOKEN, TestEnvironment, at_once};
use crate::forges::{FORGE_TOKEN, Forge, Instead, Kind, ME};
use crate::manifests::SIGNATURE;

/// What the variable `LEADS` holds, which the manifest names as a secret: with characters that every format writes its
/// own way.
const LEADS: &str = "AccountName=leads;Pass=\"se/cret+of=the&story\"";
const CLIENT_SECRET: &str = "client~secret/of+the=story";
/// With which fingerprints are made in some of the cases.
const FINGERPRINT_KEY: &str = "fingerprint-key-of-the-story-0123456789";

/// The commands, and how each is run. What acts also writes its events.
const CASES: &[(&str, &[&str])] = &[
    ("init", &["init --publisher contoso --import --yes", "init . --publisher contoso --offer vm --offer-type saas"]),
    ("validate", &["validate", "validate contoso/vm", "validate --output sarif"]),
    (
        "plan",
        &[
            "plan --out plan.json",
            "plan --detailed-exitcode contoso/vm",
            "plan --output markdown",
            "plan --output html",
            "plan --output sarif",
        ],
    ),
    (
        "show",
        &[
            "show plan.json",
            "show plan.json --output markdown",
            "show plan.json --output html",
            "show plan.json --output sarif",
        ],
    ),
    (
        "drift",
        &[
            "drift",
            "drift --output markdown",
            "drift --output html",
            "drift --output sarif",
            "drift contoso/vm --color never",
        ],
    ),
    (
        "apply",
        &[
            "apply --yes --wait 100ms --events events.jsonl",
            "apply --until draft --events events.jsonl",
            "apply plan.json --yes --wait 100ms --events events.jsonl",
        ],
    ),
    ("comment github", &["comment github offerctl.yaml --comment-id x --repository a/b --pull-request 1"]),
    ("comment azure-devops", &["comment azure-devops offerctl.yaml --comment-id x --collection https://a.invalid"]),
    ("comment gitlab", &["comment gitlab offerctl.yaml --comment-id x --project a/b --merge-request 1"]),
    ("resume", &["resume --wait 100ms --events events.jsonl", "resume contoso/vm --wait 0 --events events.jsonl"]),
    ("publish", &["publish contoso/vm --yes --wait 100ms --events events.jsonl", "publish offers/vm/offer.yaml"]),
    ("go-live", &["go-live contoso/vm --yes --wait 100ms --events events.jsonl"]),
    ("cancel", &["cancel contoso/vm --yes --wait 100ms --events events.jsonl"]),
    ("status", &["status", "status contoso/vm"]),
    ("list", &["list", "list contoso"]),
    ("submissions", &["submissions contoso/vm", "submissions offers/vm/offer.yaml"]),
    ("diff", &["diff contoso/vm", "diff contoso/vm preview production"]),
    (
        "explain",
        &["explain contoso/vm connectionString", "explain contoso/vm /definition", "explain contoso/vm publish"],
    ),
    ("get", &["get contoso/vm", "get contoso/vm --raw --slot production", "get contoso/vm --version 1"]),
    ("import", &["import contoso/vm --out imported", "import --publisher contoso --out imported"]),
    ("adopt", &["adopt --dry-run", "adopt contoso/vm --path /definition --dry-run"]),
    ("auth check", &["auth check", "auth check contoso"]),
    ("emulator", &["emulator --memory --listen 127.0.0.1:0 --token token-of-the-story --fault {\"a\":##vso[x]"]),
    ("schema", &["schema", "schema plan", "schema config --out config.schema.json"]),
    ("completions", &["completions bash", "completions nushell"]),
    ("man", &["man", "man --out manual", "man plan"]),
];

/// How loud, and in which form.
const WAYS: [(&str, Option<&str>); 6] = [
    ("", None),
    ("-v --output json", None),
    ("-vv", None),
    ("--color always", None),
    ("", Some("trace")),
    ("--output json", Some("trace")),
];

/// Would move the cursor, change colours and titles, and give commands to every runner.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]52;c;QUJD\u{7}\r\n::set-output name=a::b\n  ::add-mask::c\n##vso[task.setvariable \
                       variable=a]b ##[error]d \u{202e}\u{200b}\u{9b}31m\u{85}::error::e\u{2028}::f \
                       section_start:1:g\r\u{1b}[0K";

/// Everything that must not get out, in one text that a service may say.
fn echo() -> String {
    format!("{HOSTILE} Authorization: Bearer {TOKEN} https://a/b.vhd?sv=1&sig={SIGNATURE} lead {LEADS} end")
}

/// A live offer with a secret, whose record says so.
fn environment() -> TestEnvironment {
    let environment = TestEnvironment::with_offer_on(at_once());
    environment.edit(
        "    microsoft-azure-marketplace.smallLogo",
        "    microsoft-azure-marketplace.tableLeadConfiguration: {connectionString: {$secret: LEADS}}\n    \
         microsoft-azure-marketplace.smallLogo",
    );
    let mut command = environment.command("apply --yes");
    command.env("LEADS", LEADS);
    environment.run_command(command).expect(0);
    assert_secret_free("the records without a key", &environment.records());
    assert_not_guessable(&environment.records());
    environment
}

/// Nothing in the records can be made from the secret at once: not its hash, and not with the salt that lies beside.
#[track_caller]
fn assert_not_guessable(records: &str) {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let hash = |text: &str| hex(digest(&SHA256, text.as_bytes()).as_ref());
    let (_, after) = records.split_once("\"salt\": \"").expect("fingerprints are on record");
    let salt = &after[..64];
    let keyed = |key: &str, text: &str| hex(sign(&Key::new(HMAC_SHA256, key.as_bytes()), text.as_bytes()).as_ref());
    let quick = [
        hash(LEADS),
        hash(&[salt, LEADS].concat()),
        hash(&[LEADS, salt].concat()),
        keyed(salt, LEADS),
        keyed(LEADS, salt),
    ];
    for quick in quick {
        assert!(!records.contains(&quick), "{records}");
    }
}

/// Runs every case in every way and looks at all that came out and all that is left behind.
fn look_everywhere(environment: &TestEnvironment) {
    for (_, cases) in CASES {
        // The first case of a command in every way, the others in the loudest.
        let loudest = cases[1..].iter().map(|case| (case, WAYS[4]));
        for (arguments, (way, log)) in WAYS.map(|way| (&cases[0], way)).into_iter().chain(loudest) {
            let mut command = environment.command(&format!("{arguments} {way}"));
            command.env("LEADS", LEADS).env("OFFERCTL_FINGERPRINT_KEY", FINGERPRINT_KEY).env("RUST_BACKTRACE", "1");
            command.env("GITHUB_STEP_SUMMARY", environment.path("summary.md"));
            if let Some(log) = log {
                command.env("OFFERCTL_LOG", log);
            }
            let result = environment.run_command(command);
            let told = format!("`{arguments} {way}` with OFFERCTL_LOG={log:?}");
            assert!(matches!(result.code(), Some(0..=9)), "{told}\n{result}");
            assert_safe(&told, &result.to_string(), way.contains("always"));
        }
    }
    if let Ok(manifest) = std::fs::read_to_string(environment.path("imported/vm/offer.yaml")) {
        assert_safe("the imported manifest", &manifest, false);
    }
    if let Ok(plan) = std::fs::read_to_string(environment.path("plan.json")) {
        assert_safe("the saved plan", &plan, false);
    }
    let left = environment.records();
    assert!(!left.is_empty());
    assert_secret_free("the records", &left);
    assert_safe("the events", &std::fs::read_to_string(environment.path("events.jsonl")).unwrap(), false);
    assert_safe_summary(environment);
}

/// The summary of a CI step is one that no escape of Markdown hides a secret in.
#[track_caller]
fn assert_safe_summary(environment: &TestEnvironment) {
    let summary = std::fs::read_to_string(environment.path("summary.md")).unwrap();
    assert_safe("the summary", &summary, false);
    let read = pulldown_cmark::Parser::new(&summary).filter_map(|event| match event {
        pulldown_cmark::Event::Text(text) => Some(text.into_string()),
        _ => None,
    });
    assert_secret_free("the summary as it is read", &read.collect::<String>());
}

#[track_caller]
fn assert_secret_free(what: &str, text: &str) {
    let escaped = Value::from(LEADS).to_string();
    // Half a secret is one too.
    let parts =
        ["token-of-t", "se/cret", "se%2Fcret", "se%2fcret", "client~secret", "client%7Esecret", "fingerprint-key-of"];
    for secret in [TOKEN, SIGNATURE, LEADS, CLIENT_SECRET, escaped.trim_matches('"')].into_iter().chain(parts) {
        let leak = text.lines().find(|line| line.contains(secret));
        assert!(leak.is_none(), "`{secret}` of {what} in {leak:?}");
    }
}

#[track_caller]
fn assert_safe(what: &str, text: &str, coloured: bool) {
    assert_secret_free(what, text);
    // Colours of our own: ESC [ numbers m. Text of others has lost its ESC.
    let plain = if coloured { without_colours(text) } else { text.to_owned() };
    let steers = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let steering = plain.lines().find(|line| line.contains(steers));
    assert!(steering.is_none(), "{what}: {steering:?}");
    let command = text.split('\n').find(|line| {
        line.trim().starts_with("::") || ["##[", "##vso["].iter().any(|mark| line.to_lowercase().contains(mark))
    });
    assert!(command.is_none(), "{what}: {command:?}");
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((numbers, rest)) if numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';') => {
                plain.push_str(rest);
            }
            _ => write!(plain, "\u{1b}[{part}").unwrap(),
        }
    }
    plain
}

#[test]
fn every_command_has_a_canary() {
    fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
            let path = format!("{path} {}", inner.get_name()).trim_start().to_owned();
            if inner.has_subcommands() { leaves(inner, &path, found) } else { found.extend([path]) }
        }
    }
    let mut real = BTreeSet::new();
    leaves(&offerctl::cli::Arguments::command(), "", &mut real);
    let covered: BTreeSet<_> = CASES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(covered, real);
}

#[test]
fn nothing_gets_out_of_what_goes_well() {
    look_everywhere(&environment());
}

#[test]
fn nothing_gets_out_of_a_submission_that_talks() {
    let environment = environment();
    environment.edit("title: Contoso VM", "title: \"0\"");
    for (number, (way, log)) in (1..).zip(WAYS) {
        environment.edit(&format!("title: \"{}\"", number - 1), &format!("title: \"{number}\""));
        let verdict = if number % 2 == 0 { "failed" } else { "rejected" };
        environment.portal.script("vm", "displaycertify", verdict, &[&echo()]);
        let mut command = environment.command(&format!("apply --yes --retry-failed --events events.jsonl {way}"));
        command.env("LEADS", LEADS).env("OFFERCTL_LOG", log.unwrap_or_default());
        command.env("GITHUB_STEP_SUMMARY", environment.path("summary.md"));
        let result = environment.run_command(command);
        assert_eq!(result.code(), Some(8), "{result}");
        assert_safe(&format!("`apply {way}`"), &result.to_string(), way.contains("always"));
    }
    let events = std::fs::read_to_string(environment.path("events.jsonl")).unwrap();
    assert!(events.contains("serviceMessage"), "{events}");
    assert_safe("the events", &events, false);
    assert_safe_summary(&environment);
    assert_secret_free("the records", &environment.records());
}

/// Lets every request fail, with everything in the answer that an answer can hold.
fn refuse(code: u16) {
    let environment = environment();
    let headers = json!({
        "X-Ms-Correlation-Request-Id": format!("{TOKEN} ##vso[a]b ::error::c"),
        "Location": format!("/{TOKEN}?sig={SIGNATURE}"),
        "ETag": format!("W/\"{TOKEN}\""),
        // So long that nobody tries again.
        "Retry-After": "99999",
    });
    let body = json!({"error": {"code": format!("{TOKEN} {HOSTILE}"), "message": echo()}});
    let effect = json!({"status": {"code": code, "headers": headers, "body": body}});
    environment.portal.fault(&json!({"times": null, "effect": effect}));
    look_everywhere(&environment);
}

#[test]
fn nothing_gets_out_of_401() {
    refuse(401);
}

#[test]
fn nothing_gets_out_of_403() {
    refuse(403);
}

#[test]
fn nothing_gets_out_of_404() {
    refuse(404);
}

#[test]
fn nothing_gets_out_of_500() {
    refuse(500);
}

/// Refuses the commands in a text that are not ours, and looks at the rest as at any other text.
#[track_caller]
fn assert_only_annotations(what: &str, text: &str, ours: &str) {
    let (commands, rest): (Vec<_>, Vec<_>) = text.split('\n').partition(|line| line.starts_with(ours));
    assert!(!commands.is_empty(), "{what}: nothing is annotated\n{text}");
    for command in commands {
        assert_secret_free(what, command);
        assert!(!command.contains(char::is_control), "{what}: {command:?}");
        let inside = command[ours.len()..].to_lowercase();
        assert!(!["##[", "##vso["].iter().any(|mark| inside.contains(mark)), "{what}: {command:?}");
    }
    assert_safe(what, &rest.join("\n"), false);
}

#[test]
fn annotations_are_the_only_commands_and_hold_no_secret() {
    let environment = environment();
    let quoted = Value::from(echo()).to_string();
    environment.edit("regions: [DE]", &format!("regions: [{quoted}]\n      {quoted}: 1"));
    let broken = format!("reconcile: {{{quoted}: {quoted}}}\npublisherId: contoso\n");
    environment.write("offers/broken/offer.yaml", &broken);
    let effect = json!({"status": {"code": 403, "body": {"error": {"code": HOSTILE, "message": echo()}}}});
    for (variable, value, ours) in [("GITHUB_ACTIONS", "true", "::"), ("TF_BUILD", "True", "##vso[task.logissue ")] {
        environment.portal.clear_faults();
        for arguments in ["validate", "plan", "plan --output markdown", "drift", "apply --yes", "list"] {
            // The first ones without trouble on the service.
            if arguments == "drift" {
                environment.portal.fault(&json!({"path": "*/publishers/*", "times": null, "effect": effect}));
            }
            let mut command = environment.command(arguments);
            command.env("LEADS", LEADS).env(variable, value);
            let result = environment.run_command(command).to_string();
            assert_only_annotations(&format!("`{arguments}` with {variable}"), &result, ours);
        }
    }
}

#[test]
fn nothing_gets_out_of_what_the_service_says_when_all_is_well() {
    let environment = environment();
    let say = |path: &str, body: &Value| {
        let headers = json!({"X-Ms-Correlation-Request-Id": format!("{TOKEN} ##vso[a]b")});
        let effect = json!({"status": {"code": 200, "headers": headers, "body": body}});
        environment.portal.fault(&json!({"method": "GET", "path": path, "times": null, "effect": effect}));
    };
    let message = json!({"messageHtml": format!("<p>{}</p>", echo()), "level": "error", "timestamp": echo()});
    let stage = json!({"id": echo(), "stepName": echo(), "description": echo(), "status": echo(), "messages": [message],
        "estimatedTimeFrame": echo(), "progressPercentage": 7});
    let report = json!({"status": echo(), "messages": [message, echo()], "steps": [stage, stage],
        "previewLinks": [echo(), {"displayText": echo(), "uri": echo()}], "liveLinks": echo(), "publishingVersion": 9});
    say("*/status", &report);
    say("*/operations/*", &report);
    let row = json!({"id": echo(), "offerId": "vm", "submissionType": echo(), "submissionState": echo(),
        "slot": echo(), "publishingVersion": 9, "offerVersion": 1, "changedTime": echo(), "version": 3});
    say("*/submissions/*", &json!([row, row]));
    let summary = json!({"id": "vm", "offerTypeId": "x", "status": echo(), "version": 1, "changedTime": echo(),
        "definition": {"displayText": echo()}});
    let named_by_token = json!({"id": TOKEN, "offerTypeId": TOKEN, "definition": {"displayText": "b"}});
    say("*/publishers/contoso/offers", &json!([summary, named_by_token]));
    say("*/api/publishers", &json!([{"id": "contoso", "definition": {"displayText": echo()}}, {"id": TOKEN}]));
    let document = |definition: &Value| {
        json!({"offerTypeId": "microsoft-azure-virtualmachines", "publisherId": "contoso", "id": "vm",
            "status": echo(), "version": 1, "changedTime": echo(), "definition": definition})
    };
    let mut definition = environment.portal.definition("vm");
    // Everything below is then a difference between the slots.
    say("*/slot/production", &document(&definition));
    definition["displayText"] = json!(echo());
    definition["offer"]["microsoft-azure-marketplace.title"] = json!(format!("{} {}", "long words ".repeat(6), echo()));
    // A line of a plan ends in the middle of it.
    definition["offer"]["microsoft-azure-marketplace.smallLogo"] = json!(format!("{}{TOKEN}", "x".repeat(60)));
    definition["offer"]["microsoft-azure-marketplace.longSummary"] = json!(format!("{}{TOKEN}", "x".repeat(60)));
    definition["offer"]["microsoft-azure-marketplace.tableLeadConfiguration"] = json!({"connectionString": LEADS});
    definition["offer"][echo()] = json!({echo(): [echo(), {"planId": echo()}]});
    definition["plans"]
        .as_array_mut()
        .unwrap()
        .push(json!({"planId": echo(), "microsoft-azure-virtualmachines.skuTitle": echo()}));
    say("*/offers/vm*", &document(&definition));
    // What was said has come as far as the output, and was taken out there.
    for arguments in [
        "plan",
        "status contoso/vm",
        "list contoso",
        "submissions contoso/vm",
        "diff contoso/vm preview production",
        "get contoso/vm",
    ] {
        let mut command = environment.command(arguments);
        command.env("LEADS", LEADS);
        let result = environment.run_command(command);
        assert!(matches!(result.code(), Some(0 | 2)), "{result}");
        assert!(result.to_string().contains("REDACTED"), "{result}");
    }
    look_everywhere(&environment);
}

#[test]
fn nothing_gets_out_of_a_manifest_from_a_stranger() {
    let environment = environment();
    environment
        .portal
        .fault(&json!({"method": "PUT", "times": null, "effect": {"status": {"code": 400, "body": echo()}}}));
    let quoted = Value::from(HOSTILE).to_string();
    environment.edit("summary: Backs up your machines every night", &format!("summary: {quoted}"));
    environment.edit("skuTitle: Gold", &format!("skuTitle: {quoted}"));
    look_everywhere(&environment);
    environment.write(
        "offers/##vso[task.complete]/offer.yaml",
        "publisherId: contoso\nofferTypeId: x\nid: \"a b ##[error]\"\n::set-output: ##vso[task.complete]\nreconcile:\n  \
         ::error::e: \u{9b}31m\u{202e}\u{200b}\u{2028}::x\n  publishTo: ##[section]\ndefinition: {offer: {$file: \
         \"::error::\"}}\n",
    );
    environment.write("offers/::error::/offer.yaml", "publisherId: contoso\n\u{1b}[2J: ##vso[x]\nid: [\n");
    look_everywhere(&environment);
}

#[test]
fn what_is_typed_is_repeated_without_effect() {
    let environment = TestEnvironment::with_offer();
    for arguments in
        [["plan", "--output", HOSTILE], ["plan", "--until", HOSTILE], ["status", HOSTILE, "-v"], [HOSTILE, "", ""]]
    {
        for colour in ["never", "always"] {
            let mut command = environment.command("");
            command.args(["--color", colour]).args(arguments);
            let result = environment.run_command(command);
            assert_eq!(result.code(), Some(4), "{result}");
            assert_safe(&format!("{arguments:?}"), &result.to_string(), true);
        }
    }
}

#[test]
fn nothing_gets_out_of_an_issuer_that_repeats_what_it_is_sent() {
    let environment = TestEnvironment::with_offer();
    let runtime = environment.portal.runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let authority = format!("http://{}", listener.local_addr().unwrap());
    let answer = |body: String| async move {
        let said = format!("AADSTS7000215: {body} {CLIENT_SECRET} {HOSTILE}");
        let body = json!({"error": "invalid_client", "error_description": said, "correlation_id": said});
        (StatusCode::UNAUTHORIZED, body.to_string())
    };
    let router = Router::new().fallback(answer);
    runtime.spawn(async move { axum::serve(listener, router).await });
    for arguments in ["auth check contoso", "plan", "list contoso"] {
        for (way, log) in WAYS {
            let mut command = environment.command(&format!("{arguments} {way}"));
            command
                .env("OFFERCTL_AUTH", "secret")
                .env("AZURE_AUTHORITY_HOST", &authority)
                .env("AZURE_TENANT_ID", "tenant")
                .env("AZURE_CLIENT_ID", "client")
                .env("AZURE_CLIENT_SECRET", CLIENT_SECRET)
                .env("OFFERCTL_LOG", log.unwrap_or_default());
            let result = environment.run_command(command);
            assert_eq!(result.code(), Some(5), "{result}");
            assert!(result.to_string().contains("AADSTS7000215"), "{result}");
            assert_safe(&format!("`{arguments} {way}`"), &result.to_string(), way.contains("always"));
        }
    }
}

#[test]
fn nothing_gets_out_of_a_place_that_repeats_what_it_is_sent() {
    let environment = environment();
    let encoded = "OnRva2VuLW9mLXRoZS1mb3JnZQ==";
    let echo = format!("{} {FORGE_TOKEN} Basic {encoded}", echo());
    environment.write("plan.md", &format!("<!-- offerctl:plan / -->\n{}\n", echo.replace(HOSTILE, "")));
    let places = [(Kind::GitHub, "github"), (Kind::AzureDevOps, "azure-devops"), (Kind::GitLab, "gitlab")];
    for ((kind, place), (way, log)) in places.into_iter().flat_map(|place| WAYS.map(|way| (place, way))) {
        let forge = Forge::start(kind, &environment);
        let run = |code: i32| {
            let mut command = job(&environment, &forge, &format!("comment {place} plan.md {way}"));
            command
                .env("LEADS", LEADS)
                .env("SYSTEM_ACCESSTOKEN", FORGE_TOKEN)
                .env("OFFERCTL_LOG", log.unwrap_or_default());
            let result = environment.run_command(command);
            assert_eq!(result.code(), Some(code), "{result}");
            let told = format!("`comment {place} {way}` with OFFERCTL_LOG={log:?}");
            assert_safe(&told, &result.to_string(), way.contains("always"));
            assert!(!result.to_string().contains(FORGE_TOKEN), "{told}: {result}");
            // Only Azure DevOps is sent it in this spelling.
            assert!(kind != Kind::AzureDevOps || !result.to_string().contains(encoded), "{told}: {result}");
        };
        let refusal = json!({"message": echo, "errors": [{"message": echo}]}).to_string();
        let headers = vec![("Location", format!("/{FORGE_TOKEN}"))];
        let refuse = |status| Instead { status, headers: headers.clone(), body: refusal.clone(), acts: false };
        for (status, code) in [(403, 5), (302, 1), (422, 1)] {
            forge.instead(Method::GET, refuse(status));
            run(code);
        }
        if kind == Kind::GitHub {
            let whose = json!({"data": {"viewer": {"login": ME}}}).to_string();
            forge.instead(Method::POST, Instead { status: 200, headers: Vec::new(), body: whose, acts: false });
        }
        let written = json!({"id": echo, "html_url": format!("https://{echo}")}).to_string();
        forge.instead(Method::POST, Instead { status: 201, headers: Vec::new(), body: written, acts: true });
        run(0);
        // What is put there holds no secret either.
        let text = forge.comments().remove(0).text;
        assert!(text.contains("REDACTED"), "{text}");
        assert_secret_free("the comment", &text);
        assert!(!text.contains(FORGE_TOKEN), "{text}");
    }
}
