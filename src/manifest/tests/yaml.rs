//! What a person is told about text that is no YAML, or YAML that has no exact meaning here.

use std::fmt::Write as _;

use super::*;

#[test]
fn syntax_errors_say_where_and_what_to_do() {
    insta::assert_snapshot!(report(&[("offers/tab.yaml", "publisherId: contoso\ndefinition:\n\tdisplayText: x\n")]), @r"
    error[invalid-yaml]: a tab stands where YAML allows only spaces
     --> offers/tab.yaml:3:2
      |
    3 |     displayText: x
      |     ^ here
      |
      = help: indent with spaces
    ");
    insta::assert_snapshot!(report(&[("offers/quote.yaml", "id: 'never closed\n")]), @r"
    error[invalid-yaml]: a quote is never closed
     --> offers/quote.yaml:1:5
      |
    1 | id: 'never closed
      |     ^ here
      |
      = help: add the closing quote
    ");
    insta::assert_snapshot!(report(&[("offers/colon.yaml", "a: b: c\n")]), @r"
    error[invalid-yaml]: a `:` stands where no key can be
     --> offers/colon.yaml:1:5
      |
    1 | a: b: c
      |     ^ here
      |
      = help: check the indentation; text that contains `: ` needs quotes, and a bracket above may never be closed
    ");
    insta::assert_snapshot!(report(&[("offers/list.yaml", "a: [1, 2\nb: 3\n")]), @r"
    error[invalid-yaml]: a `:` stands where no key can be
     --> offers/list.yaml:2:2
      |
    2 | b: 3
      |  ^ here
      |
      = help: check the indentation; text that contains `: ` needs quotes, and a bracket above may never be closed
    ");
    insta::assert_snapshot!(report(&[("offers/indent.yaml", "a:\n    b: 1\n  c: 2\n")]), @r"
    error[invalid-yaml]: a `key: value` is expected here
     --> offers/indent.yaml:3:3
      |
    3 |   c: 2
      |   ^ here
      |
      = help: check the indentation: the keys of one map begin in the same column
    ");
}

#[test]
fn several_files_each_report_their_own_errors() {
    insta::assert_snapshot!(report(&[
        ("offers/two.yaml", "---\na: 1\n---\nb: 2\n"),
        ("offers/empty.yaml", "# nothing\n"),
        ("offers/list.yaml", "- a\n"),
    ]), @r"
    error[empty-file]: the file is empty
     --> offers/empty.yaml:1:1
      |
    1 | # nothing
      | ^
      |
      = help: a manifest says `publisherId`, `offerTypeId`, `id` and `definition`

    error[wrong-type]: a manifest is a map of keys
     --> offers/list.yaml:1:1
      |
    1 | - a
      | ^^^ this is a list
      |
      = help: a manifest says `publisherId`, `offerTypeId`, `id` and `definition`

    error[several-documents]: the file holds more than one YAML document
     --> offers/two.yaml:3:1
      |
    3 | ---
      | ^^^ a second one begins here
      |
      = help: keep one offer in one file: move what follows into a file of its own, or delete the `---`
    ");
}

#[test]
fn a_key_may_stand_once() {
    insta::assert_snapshot!(
        report_on("definition:\n  offer:\n    title: a\n    summary: b\n    title: c\n"), @r"
    error[duplicate-key]: the key `title` stands twice in one map
     --> offers/vm.yaml:8:5
      |
    6 |     title: a
      |     ----- first here
    7 |     summary: b
    8 |     title: c
      |     ^^^^^ again here
      |
      = help: keep one of the two
    ");
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    [a]: 1\n    : 2\n    b: !!str\n"), @r"
    error[key-is-not-text]: the key of a map must be text
     --> offers/vm.yaml:6:5
      |
    6 |     [a]: 1
      |     ^^ this is a map or a list
      |
      = help: write `key: value`; text that starts with `[`, `{`, `?` or `:` needs quotes

    error[key-is-not-text]: the key of a map must be text
     --> offers/vm.yaml:7:5
      |
    7 |     : 2
      |     ^ a key is missing before this `:`
      |
      = help: write `key: value`; text that starts with `[`, `{`, `?` or `:` needs quotes
    ");
}

#[test]
fn numbers_that_would_change_are_refused() {
    insta::assert_snapshot!(
        report_on("definition:\n  offer:\n    a: 99999999999999999999999\n    b: .inf\n"), @r#"
    error[unrepresentable-number]: `99999999999999999999999` is too large for a number of 64 bits
     --> offers/vm.yaml:6:8
      |
    6 |     a: 99999999999999999999999
      |        ^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: quote it if it is meant as text: "99999999999999999999999"

    error[unrepresentable-number]: `.inf` is not a number that JSON knows
     --> offers/vm.yaml:7:8
      |
    7 |     b: .inf
      |        ^^^^
      |
      = help: quote it if it is meant as text: ".inf"
    "#);
}

#[test]
fn text_that_other_tools_read_differently_is_a_warning() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    isByol: yes\n    osVersion: 1.10\n    country: NO\n"), @r#"
    warning[ambiguous-boolean]: `yes` is text here, although other YAML tools read it as a boolean
     --> offers/vm.yaml:6:13
      |
    6 |     isByol: yes
      |             ^^^
      |
      = help: write `true` for the boolean, or "yes" for the text

    warning[unquoted-version]: `1.10` is read as a number, although it looks like a version
     --> offers/vm.yaml:7:16
      |
    7 |     osVersion: 1.10
      |                ^^^^ zeros at its end are lost
      |
      = help: quote it: "1.10"
    "#);
}

#[test]
fn tags_that_mean_nothing_are_refused() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: !Ref b\n    c: !!int d\n    !x e: f\n"), @r"
    error[unknown-tag]: the tag `!Ref` has no meaning here
     --> offers/vm.yaml:6:8
      |
    6 |     a: !Ref b
      |        ^^^^
      |
      = help: delete the tag; text that starts with `!` needs quotes

    error[wrong-tag]: the tag `!!int` does not fit its value
     --> offers/vm.yaml:7:8
      |
    7 |     c: !!int d
      |        ^^^^^
      |
      = help: delete the tag, or correct the value

    error[unknown-tag]: the tag `!x` has no meaning here
     --> offers/vm.yaml:8:5
      |
    8 |     !x e: f
      |     ^^
      |
      = help: delete the tag; text that starts with `!` needs quotes
    ");
}

#[test]
fn aliases_must_lead_somewhere_and_end() {
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: *b\n"), @r"
    error[unknown-alias]: no anchor `&b` stands before this
     --> offers/vm.yaml:6:8
      |
    6 |     a: *b
      |        ^^
      |
      = help: put the anchor at an earlier value, or quote the text if it is not meant as an alias
    ");
    insta::assert_snapshot!(report_on("definition:\n  offer:\n    a: &a [*a]\n"), @"
    error[endless-alias]: an alias stands inside the value that it repeats
     --> offers/vm.yaml:6:12
      |
    6 |     a: &a [*a]
      |            ^^ this would never end
      |
      = help: write the value out here, or put the anchor on a part that does not hold the alias
    ");
}

#[test]
fn bombs_are_refused() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        writeln!(bomb, "a{level}: &a{level} [{below}]").unwrap();
    }
    insta::assert_snapshot!(report(&[("offers/bomb.yaml", &bomb)]), @r"
    error[too-many-values]: the file unfolds to more than 1000000 values
     --> offers/bomb.yaml:7:10
      |
    7 | a6: &a6 [*a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, *a5, ]
      |          ^^^ the limit is reached here
      |
      = help: aliases repeat what they name: use fewer of them, or split the file
    ");
    let deep = format!("a: {}{}\n", "[".repeat(200), "]".repeat(200));
    insta::assert_snapshot!(report(&[("offers/deep.yaml", &deep)]), @"
    error[too-deep]: maps and lists stand more than 100 deep in each other
     --> offers/deep.yaml:1:103
      |
    1 | a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...
      |                                                                                                       ^ the limit is reached here
      |
      = help: no offer needs so many: look for brackets that are not closed, or for aliases that hold each other
    ");
    let mut tower = String::from("a0: &a0 x\n");
    for level in 1..2000 {
        writeln!(tower, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
    }
    assert!(report(&[("offers/tower.yaml", &tower)]).contains("error[too-deep]"));
    let onion = format!("a: {}[{}]{}\n", "&a [".repeat(90), "x, ".repeat(20_000), "]".repeat(90));
    assert!(report(&[("offers/onion.yaml", &onion)]).contains("error[too-many-values]"));
}

#[test]
fn signatures_do_not_show() {
    let line = "    url: https://contoso.blob.core.windows.net/v/a.vhd?sp=r&sig=topsecret%3D&se=2027\n";
    let text = report_on(&format!("definition:\n  offer:\n{line}{line}"));
    assert!(text.contains("duplicate-key") && !text.contains("topsecret"), "{text}");
}

#[test]
fn a_very_long_line_is_cut_around_the_place() {
    let filler = "x".repeat(1 << 14);
    let text = report(&[("offers/vm.yaml", &format!("{{a: {filler}, b: 1, b: 2, c: {filler}}}\n"))]);
    assert!(text.contains("xxx, b: 1, b: 2, c: xxx"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 200), "{text}");
}
