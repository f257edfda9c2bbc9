//! A plan becomes one comment on a pull request, and stays it.

use std::fmt::Write as _;
use std::fs::File;
use std::process::Command;

use axum::http::Method;
use insta::assert_snapshot;
use serde_json::json;

use crate::environment::{CommandResult, TestEnvironment};
use crate::forges::{FORGE_TOKEN, Forge, Instead, JOB_TOKEN, Kind, ME, SOMEBODY};
use crate::manifests::draft;

const SUMMARY: &str = "Backs up your machines every night";

/// A repository with an edited offer, its plan in `plan.md`, and a place to put it.
fn with_plan(kind: Kind) -> (TestEnvironment, Forge) {
    let environment = TestEnvironment::with_live_offer();
    environment.edit(SUMMARY, "Backs up all your machines every night");
    write_plan(&environment);
    let forge = Forge::start(kind, &environment);
    (environment, forge)
}

fn write_plan(environment: &TestEnvironment) {
    let plan = environment.run("plan --output markdown").expect(0).stdout;
    environment.write("plan.md", &plan);
}

/// The command as a job of the place runs it.
pub fn job(environment: &TestEnvironment, forge: &Forge, arguments: &str) -> Command {
    let mut command = environment.command(arguments);
    command
        .env("GITHUB_TOKEN", FORGE_TOKEN)
        .env("GITHUB_API_URL", forge.url())
        .env("GITHUB_REPOSITORY", "contoso/offers")
        .env("GITHUB_REF", "refs/pull/12/merge")
        .env("SYSTEM_ACCESSTOKEN", JOB_TOKEN)
        .env("SYSTEM_COLLECTIONURI", format!("{}/contoso/", forge.url()))
        .env("SYSTEM_TEAMPROJECT", "My project")
        .env("BUILD_REPOSITORY_ID", "offers")
        .env("SYSTEM_PULLREQUEST_PULLREQUESTID", "12")
        .env("GITLAB_TOKEN", FORGE_TOKEN)
        .env("CI_API_V4_URL", format!("{}/api/v4", forge.url()))
        .env("CI_PROJECT_ID", "contoso/offers")
        .env("CI_MERGE_REQUEST_IID", "12");
    command
}

fn run(environment: &TestEnvironment, forge: &Forge, arguments: &str) -> CommandResult {
    environment.run_command(job(environment, forge, arguments))
}

#[test]
fn one_comment_on_github_is_written_edited_and_left_alone() {
    let (environment, forge) = with_plan(Kind::GitHub);
    forge.comment("a-person", "Looks good to me");
    let comment = || forge.said(&run(&environment, &forge, "comment github plan.md"));
    assert_snapshot!(comment(), @"
    Comment: created: https://github.com/contoso/offers/pull/12#issuecomment-2
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    POST /graphql
    GET /repos/contoso/offers/issues/12/comments?per_page=100&page=1
    POST /repos/contoso/offers/issues/12/comments
    ");
    assert_snapshot!("comment_github", forge.comments()[1].text);

    assert_snapshot!(comment(), @"
    Comment: unchanged: https://github.com/contoso/offers/pull/12#issuecomment-2
    --- exit 0 ---
    ");
    assert!(!forge.asked().contains("PATCH"), "it says the same already");

    environment.edit("all your machines", "every machine of yours");
    write_plan(&environment);
    assert_snapshot!(comment(), @"
    Comment: updated: https://github.com/contoso/offers/pull/12#issuecomment-2
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    POST /graphql
    GET /repos/contoso/offers/issues/12/comments?per_page=100&page=1
    PATCH /repos/contoso/offers/issues/comments/2
    ");
    assert_eq!(forge.comments().len(), 2);
    assert!(
        forge.comments()[1].text.contains("<ins><code>every machine of yours</code></ins>"),
        "{}",
        forge.comments()[1].text
    );

    let said = run(&environment, &forge, "comment github plan.md --output json");
    assert_snapshot!(forge.said(&said), @r#"
    {
      "format": "offerctl-comment",
      "version": 1,
      "place": "github",
      "result": "unchanged",
      "url": "https://github.com/contoso/offers/pull/12#issuecomment-2",
      "duplicates": 0,
      "foreign": 0
    }
    --- exit 0 ---
    "#);
}

#[test]
fn one_comment_on_azure_devops_is_written_edited_and_left_alone() {
    let (environment, forge) = with_plan(Kind::AzureDevOps);
    forge.comment("a-person", "Looks good to me");
    let comment = || forge.said(&run(&environment, &forge, "comment azure-devops plan.md"));
    assert_snapshot!(comment(), @"
    Comment: created: http://FORGE/contoso/My%20project/_git/offers/pullrequest/12?discussionId=1002
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    GET /contoso/_apis/connectionData?api-version=7.1-preview
    GET /contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads?api-version=7.1
    POST /contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads?api-version=7.1
    ");
    assert_snapshot!(comment(), @"
    Comment: unchanged: http://FORGE/contoso/My%20project/_git/offers/pullrequest/12?discussionId=1002
    --- exit 0 ---
    ");
    forge.asked();
    environment.edit("all your machines", "every machine of yours");
    write_plan(&environment);
    // A personal token goes another way.
    let mut command = job(&environment, &forge, "comment azure-devops plan.md");
    command.env("SYSTEM_ACCESSTOKEN", FORGE_TOKEN);
    assert_snapshot!(forge.said(&environment.run_command(command)), @"
    Comment: updated: http://FORGE/contoso/My%20project/_git/offers/pullrequest/12?discussionId=1002
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    GET /contoso/_apis/connectionData?api-version=7.1-preview
    GET /contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads?api-version=7.1
    PATCH /contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads/1002/comments/1?api-version=7.1
    ");
    assert_eq!(forge.comments().len(), 2);
    // Somebody deleted it: there is none any more.
    forge.make_special();
    run(&environment, &forge, "comment azure-devops plan.md").expect(0);
    assert_eq!(forge.comments().len(), 3);
}

#[test]
fn one_comment_on_gitlab_is_written_edited_and_left_alone() {
    let (environment, forge) = with_plan(Kind::GitLab);
    let plan = std::fs::read_to_string(environment.path("plan.md")).unwrap();
    // What GitLab notes by itself is no comment, whatever it says.
    forge.comment(ME, &plan);
    forge.make_special();
    let comment = || forge.said(&run(&environment, &forge, "comment gitlab plan.md"));
    assert_snapshot!(comment(), @"
    Comment: created: https://gitlab.com/contoso/offers/-/merge_requests/12#note_2
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    GET /api/v4/user
    GET /api/v4/projects/contoso%2Foffers/merge_requests/12
    GET /api/v4/projects/contoso%2Foffers/merge_requests/12/notes?per_page=100&page=1&order_by=created_at&sort=asc
    POST /api/v4/projects/contoso%2Foffers/merge_requests/12/notes
    GET /api/v4/projects/contoso%2Foffers/merge_requests/12
    ");
    assert_snapshot!(comment(), @"
    Comment: unchanged: https://gitlab.com/contoso/offers/-/merge_requests/12#note_2
    --- exit 0 ---
    ");
    forge.asked();
    environment.edit("all your machines", "every machine of yours");
    write_plan(&environment);
    assert_snapshot!(comment(), @"
    Comment: updated: https://gitlab.com/contoso/offers/-/merge_requests/12#note_2
    --- exit 0 ---
    ");
    assert_snapshot!(forge.asked(), @"
    GET /api/v4/user
    GET /api/v4/projects/contoso%2Foffers/merge_requests/12
    GET /api/v4/projects/contoso%2Foffers/merge_requests/12/notes?per_page=100&page=1&order_by=created_at&sort=asc
    PUT /api/v4/projects/contoso%2Foffers/merge_requests/12/notes/2
    ");
    assert_eq!(forge.comments().len(), 2);
}

#[test]
fn the_plan_comes_from_standard_input_too_and_the_pull_request_from_the_event() {
    let (environment, forge) = with_plan(Kind::GitHub);
    environment.write("event.json", &json!({"action": "synchronize", "pull_request": {"number": 12}}).to_string());
    for arguments in ["comment github", "comment github -"] {
        let mut command = job(&environment, &forge, arguments);
        command.env("GITHUB_REF", "refs/heads/main").env("GITHUB_EVENT_PATH", environment.path("event.json"));
        command.stdin(File::open(environment.path("plan.md")).unwrap());
        environment.run_command(command).expect(0);
    }
    // A GitHub at home, named by flags.
    let mut command = environment.command(&format!(
        "comment github plan.md --repository contoso/offers --pull-request #12 --api {}/api/v3",
        forge.url()
    ));
    command.env("GITHUB_TOKEN", FORGE_TOKEN);
    environment.run_command(command).expect(0);
    assert!(
        forge
            .asked()
            .ends_with("POST /api/graphql\nGET /api/v3/repos/contoso/offers/issues/12/comments?per_page=100&page=1")
    );
    assert_eq!(forge.comments().len(), 1);
}

#[test]
fn a_saved_plan_becomes_the_same_comment() {
    let (environment, forge) = with_plan(Kind::GitHub);
    environment.run("plan --out plan.json").expect(0);
    run(&environment, &forge, "comment github plan.json").expect(0);
    let shown = environment.run("show plan.json --output markdown").expect(0).stdout;
    assert_eq!(forge.comments()[0].text, shown);
    assert_eq!(shown, std::fs::read_to_string(environment.path("plan.md")).unwrap());
    let said = run(&environment, &forge, "comment github plan.md").expect(0).stdout;
    assert!(said.starts_with("Comment: unchanged"), "{said}");
    environment.run("show plan.json --comment-id x").expect(4);
}

#[test]
fn ours_is_found_among_many_and_that_of_somebody_else_is_never_edited() {
    let (environment, forge) = with_plan(Kind::GitHub);
    let plan = std::fs::read_to_string(environment.path("plan.md")).unwrap();
    forge.comment(SOMEBODY, &plan.replace("1 offer", "nothing"));
    forge.comment(ME, &format!("> {plan}"));
    for number in 0..120 {
        forge.comment("a-person", &format!("comment {number}"));
    }
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment github plan.md")), @"
    Comment: created: https://github.com/contoso/offers/pull/12#issuecomment-123
    --- stderr ---
    warning: other accounts wrote comments with the same hidden first line (1). They were left alone: what they say is not offerctl's
    --- exit 0 ---
    ");
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment github plan.md")), @"
    Comment: unchanged: https://github.com/contoso/offers/pull/12#issuecomment-123
    --- stderr ---
    warning: other accounts wrote comments with the same hidden first line (1). They were left alone: what they say is not offerctl's
    --- exit 0 ---
    ");
    let comments = forge.comments();
    assert_eq!((comments.len(), comments[122].author.as_str()), (123, ME));
    assert!(comments[0].text.contains("nothing") && comments[1].text.starts_with('>'));

    // Two jobs at once.
    forge.comment(ME, &plan);
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment github plan.md --output json")), @r#"
    {
      "format": "offerctl-comment",
      "version": 1,
      "place": "github",
      "result": "unchanged",
      "url": "https://github.com/contoso/offers/pull/12#issuecomment-123",
      "duplicates": 1,
      "foreign": 1
    }
    --- stderr ---
    warning: two jobs wrote at once: besides this comment there are others of this account with the same hidden first line (1). The oldest is kept up to date; delete the others
    warning: other accounts wrote comments with the same hidden first line (1). They were left alone: what they say is not offerctl's
    --- exit 0 ---
    "#);
}

#[test]
fn two_configurations_in_one_repository_have_a_comment_each() {
    let (environment, forge) = with_plan(Kind::GitHub);
    std::fs::create_dir(environment.path(".git")).unwrap();
    environment.write("europe/offerctl.yaml", "");
    environment.write("europe/offers/edge/offer.yaml", &draft("edge"));
    let europe = environment.run("plan --output markdown -C europe").expect(0).stdout;
    assert!(europe.starts_with("<!-- offerctl:plan /europe -->\n## Plan: 1 offer to create\n"), "{europe}");
    environment.write("europe.md", &europe);
    for file in ["plan.md", "europe.md", "plan.md", "europe.md"] {
        run(&environment, &forge, &format!("comment github {file}")).expect(0);
    }
    assert_eq!(forge.comments().len(), 2);
    // A name of one's own, for another run of the same configuration and for other Markdown.
    run(&environment, &forge, "comment github plan.md --comment-id preview").expect(0);
    environment.write("drift.md", &environment.run("drift --output markdown").expect(0).stdout);
    run(&environment, &forge, "comment github drift.md --comment-id drift").expect(0);
    let lines: Vec<_> = forge.comments().iter().map(|kept| kept.text.lines().next().unwrap().to_owned()).collect();
    assert_snapshot!(lines.join("\n"), @"
    <!-- offerctl:plan / -->
    <!-- offerctl:plan /europe -->
    <!-- offerctl:plan preview -->
    <!-- offerctl:plan drift -->
    ");
}

#[test]
fn what_cannot_be_a_comment_is_refused_before_anything_is_asked() {
    let (environment, forge) = with_plan(Kind::GitHub);
    environment.write("empty.md", "\n");
    environment.write("plan.json", "{\"format\": \"offerctl-plan\"\n");
    environment.write("other.md", "# Title\n");
    environment.write("long.md", &format!("<!-- offerctl:plan / -->\n{}", "ü".repeat(65_536)));
    let mut said = String::new();
    for arguments in [
        "comment github empty.md",
        "comment github plan.json",
        "comment github other.md",
        "comment github long.md",
        "comment github nowhere.md",
        "comment github plan.md --repository offers",
        "comment github plan.md --pull-request twelve",
        "comment github plan.md --api http://api.example.com",
        "comment github plan.md --api https://me:hunter2@api.example.com",
        "comment github plan.md --output markdown",
    ] {
        let result = run(&environment, &forge, arguments);
        write!(said, "$ offerctl {arguments}\n{}\n\n", forge.said(&result)).unwrap();
        result.expect(4);
    }
    assert_snapshot!("comment_refused", said);
    assert_eq!(forge.asked(), "");
    // Other places take more.
    let other = Forge::start(Kind::GitLab, &environment);
    run(&environment, &other, "comment gitlab long.md").expect(0);
}

#[test]
fn what_is_not_known_is_named_with_its_flag_and_its_variable() {
    let (environment, _) = with_plan(Kind::GitHub);
    let mut said = String::new();
    let mut run = |arguments: &str, variables: &[(&str, &str)]| {
        let mut command = environment.command(arguments);
        command.envs(variables.iter().copied());
        let result = environment.run_command(command);
        write!(said, "$ offerctl {arguments}\n{result}\n\n").unwrap();
        result.code()
    };
    assert_eq!(run("comment github plan.md", &[("GITHUB_REPOSITORY", "")]), Some(4));
    assert_eq!(run("comment github plan.md --repository a/b", &[("GITHUB_REF", "refs/heads/main")]), Some(4));
    assert_eq!(run("comment github plan.md --repository a/b --pull-request 1", &[("GITHUB_TOKEN", "")]), Some(5));
    assert_eq!(run("comment gitlab plan.md --project a/b", &[]), Some(4));
    assert_eq!(run("comment gitlab plan.md --project a/b --merge-request 1", &[("CI_JOB_TOKEN", "x")]), Some(5));
    let macros = [("SYSTEM_PULLREQUEST_PULLREQUESTID", "$(System.PullRequest.PullRequestId)")];
    assert_eq!(run("comment azure-devops plan.md --collection https://dev.azure.com/a", &macros), Some(4));
    let named =
        "comment azure-devops plan.md --collection https://dev.azure.com/a --project a --repository a --pull-request 1";
    assert_eq!(run(named, &[]), Some(5));
    assert_snapshot!("comment_unknown", said);
}

fn instead(status: u16, headers: &[(&'static str, &str)], body: &str) -> Instead {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Instead { status, headers, body: body.to_owned(), acts: false }
}

#[test]
fn a_refusal_says_what_to_do_in_the_words_of_the_place() {
    // Its snapshot settings outlive those of the places below.
    let _outer = TestEnvironment::with_offer();
    let mut said = String::new();
    for (kind, place) in [(Kind::GitHub, "github"), (Kind::AzureDevOps, "azure-devops"), (Kind::GitLab, "gitlab")] {
        let (environment, forge) = with_plan(kind);
        let mut expect = |what: &str, command: Command, code: i32| {
            let result = environment.run_command(command);
            write!(said, "{place}, {what}:\n{}\n\n", forge.said(&result)).unwrap();
            result.expect(code);
        };
        let arguments = format!("comment {place} plan.md");
        let command = || job(&environment, &forge, &arguments);
        let mut wrong = command();
        for variable in ["GITHUB_TOKEN", "SYSTEM_ACCESSTOKEN", "GITLAB_TOKEN"] {
            wrong.env(variable, "wrong-token");
        }
        expect("a wrong token", wrong, 5);
        forge.instead(Method::GET, instead(403, &[], r#"{"message":"You may not"}"#));
        expect("not allowed", command(), 5);
        let mut elsewhere = command();
        elsewhere
            .env("GITHUB_REPOSITORY", "contoso/other")
            .env("BUILD_REPOSITORY_ID", "other")
            .env("CI_PROJECT_ID", "other");
        expect("no such repository", elsewhere, 1);
        forge.instead(Method::POST, instead(422, &[], r#"{"message":"Unprocessable","errors":[{"message":"No"}]}"#));
        if kind == Kind::GitHub {
            // The first is the question whose token it is.
            forge.instead(Method::POST, instead(422, &[], "{}"));
        }
        expect("refused", command(), 1);
        assert!(forge.comments().is_empty());
    }
    assert_snapshot!("comment_refusals", said);
}

#[test]
fn reading_is_repeated_and_a_new_comment_is_sent_once() {
    let (environment, forge) = with_plan(Kind::AzureDevOps);
    forge.instead(Method::GET, instead(503, &[], ""));
    forge.instead(Method::GET, instead(429, &[("Retry-After", "0")], ""));
    run(&environment, &forge, "comment azure-devops plan.md").expect(0);
    assert_eq!(forge.asked().matches("connectionData").count(), 3);

    // What became of it is not known, so it is looked for and not sent again.
    let (environment, forge) = with_plan(Kind::AzureDevOps);
    forge.instead(Method::POST, Instead { acts: true, ..instead(500, &[], "") });
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment azure-devops plan.md")), @"
    --- stderr ---
    error: POST http://FORGE/contoso/My%20project/_apis/git/repositories/offers/pullRequests/12/threads?api-version=7.1 was answered with 500
    hint: Nobody knows whether the comment was written. Run the command again: it looks for it first.
    --- exit 1 ---
    ");
    assert_eq!(forge.asked().matches("POST").count(), 1);
    run(&environment, &forge, "comment azure-devops plan.md").expect(0);
    assert_eq!(forge.comments().len(), 1);

    // A limit that lasts is not waited for.
    forge.instead(Method::GET, instead(403, &[("Retry-After", "99999")], r#"{"message":"API rate limit exceeded"}"#));
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment azure-devops plan.md")), @"
    --- stderr ---
    error: GET http://FORGE/contoso/_apis/connectionData?api-version=7.1-preview was answered with 403: API rate limit exceeded (asks to be left alone for 1day 3h 46m 39s)
    hint: Too many requests were made with this token. Run the command again later.
    --- exit 1 ---
    ");
}

#[test]
fn a_comment_says_which_commit_it_was_made_from() {
    let (environment, forge) = with_plan(Kind::GitHub);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let event = json!({"pull_request": {"number": 12, "head": {"sha": commit}}});
    environment.write("event.json", &event.to_string());
    let comment = |file: &str| {
        let mut command = job(&environment, &forge, &format!("comment github {file}"));
        command.env("GITHUB_EVENT_PATH", environment.path("event.json")).env("GITHUB_SHA", "f".repeat(40));
        environment.run_command(command).expect(0).stdout
    };
    comment("plan.md");
    let text = forge.comments()[0].text.clone();
    assert!(text.ends_with(&format!("\n\nMade from commit {commit}.\n")), "{text}");
    environment.write("event.json", &event.to_string().replace(commit, &"a".repeat(40)));
    assert!(comment("plan.md").starts_with("Comment: updated"), "another commit is told");
    // Whatever else stands there is no commit, and what is full has no room for one.
    environment.write("event.json", &event.to_string().replace(commit, "@all"));
    comment("plan.md");
    assert!(!forge.comments()[0].text.contains("Made from"));
    environment.write("event.json", &event.to_string());
    environment.write("full.md", &format!("<!-- offerctl:plan / -->\n{}", "x".repeat(65_500)));
    comment("full.md");
    assert!(!forge.comments()[0].text.contains("Made from"));
}

#[test]
fn a_comment_that_was_just_deleted_is_written_anew() {
    let (environment, forge) = with_plan(Kind::GitHub);
    run(&environment, &forge, "comment github plan.md").expect(0);
    environment.edit("all your machines", "every machine of yours");
    write_plan(&environment);
    forge.instead(Method::PATCH, instead(404, &[], r#"{"message":"Not Found"}"#));
    let said = run(&environment, &forge, "comment github plan.md").expect(0).stdout;
    assert!(said.starts_with("Comment: created"), "{said}");
    assert_eq!(forge.comments().len(), 2);
}

#[test]
fn a_token_that_no_request_can_carry_is_refused_before_anything_is_asked() {
    let (environment, forge) = with_plan(Kind::GitHub);
    let mut command = job(&environment, &forge, "comment github plan.md");
    command.env("GITHUB_TOKEN", format!("{FORGE_TOKEN}\nmore"));
    assert_snapshot!(environment.run_command(command), @"
    --- stderr ---
    error: GITHUB_TOKEN holds a character that no request can carry, such as the end of a line
    hint: set it again, to the token alone
    --- exit 5 ---
    ");
    assert_eq!(forge.asked(), "");
}

#[test]
fn a_pull_request_with_too_many_comments_is_told_as_that() {
    let (environment, forge) = with_plan(Kind::GitHub);
    for number in 0..10_000 {
        forge.comment("a-person", &format!("comment {number}"));
    }
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment github plan.md")), @"
    --- stderr ---
    error: reading the comments failed: there are more than 10000, and no more are read
    hint: It will be refused again until what the message names is mended.
    --- exit 1 ---
    ");
}

#[test]
fn the_token_goes_nowhere_else() {
    let (environment, forge) = with_plan(Kind::GitLab);
    let other = Forge::start(Kind::GitLab, &environment);
    let elsewhere = format!("{}/api/v4/user", other.url());
    forge.instead(Method::GET, instead(302, &[("Location", &elsewhere)], ""));
    assert_snapshot!(forge.said(&run(&environment, &forge, "comment gitlab plan.md")), @"
    --- stderr ---
    error: GET http://FORGE/api/v4/user was answered with 302
    hint: The token is sent to the named address only. If the place or the repository moved, name its new address.
    --- exit 1 ---
    ");
    assert_eq!(other.asked(), "");
    // No address is taken from an answer.
    let link = format!("<{elsewhere}>; rel=\"next\"");
    forge.instead(Method::GET, instead(200, &[("Link", &link)], "{\"id\": 7}"));
    run(&environment, &forge, "comment gitlab plan.md").expect(0);
    assert_eq!(other.asked(), "");
}

#[test]
fn an_answer_that_makes_no_sense_is_told_and_nothing_is_written() {
    let (environment, forge) = with_plan(Kind::GitLab);
    let deep = "[".repeat(10_000);
    for body in ["<html>Sign in</html>", "{\"id\": null}", "[]", &deep] {
        forge.instead(Method::GET, instead(200, &[], body));
        let result = run(&environment, &forge, "comment gitlab plan.md");
        assert_eq!(result.code(), Some(1), "{result}");
    }
    assert!(forge.comments().is_empty());
}
