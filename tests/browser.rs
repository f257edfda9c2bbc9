//! The page of a plan in Chromium: a description that tries everything does nothing, and both themes and the print are
//! drawn.
//!
//! It needs Chromium, so that it is run by its name alone: `cargo test --test browser`. The pictures that it takes are to
//! be looked at; it says where they are.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests, their helpers too")]

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

/// The browser, found as people install it.
fn browser() -> OsString {
    let named = std::env::var_os("CHROMIUM");
    let usual = ["chromium", "chromium-browser", "google-chrome"].map(OsString::from);
    let runs = |name: &OsString| {
        Command::new(name)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|it| it.success())
    };
    named.into_iter().chain(usual).find(runs).expect(
        "no Chromium was found: install it, for example with `apt-get install chromium`, or set CHROMIUM to its path",
    )
}

/// Runs the browser on a page, in a window in which all of it is seen, and returns what it prints.
fn look(page: &Path, arguments: &[&str]) -> String {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser())
        // Without a sandbox of its own, since the machines of CI run it as root.
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1200,6000"])
        // Everything that a page does within five seconds of its own time is done.
        .args(["--virtual-time-budget=5000", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Listens on this machine, and remembers all that it hears.
struct Listener {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, heard) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(Vec::new())));
        let log = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                // A connection is enough: what is opened beforehand says nothing.
                log.lock().unwrap().push("a connection".to_owned());
                let log = Arc::clone(&log);
                std::thread::spawn(move || {
                    let mut request = [0; 1024];
                    let length = stream.read(&mut request).unwrap_or_default();
                    let said = String::from_utf8_lossy(&request[..length]);
                    log.lock().unwrap().extend(said.lines().next().map(str::to_owned));
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                });
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// All that a description may try: to run, to ask, to leave its frame, to lead elsewhere.
fn hostile(port: u16) -> String {
    let host = format!("http://127.0.0.1:{port}");
    let script = "try{top.document.title='owned'}catch(e){document.title='owned'}";
    format!(
        "<link rel=preconnect href={host}/><link rel=dns-prefetch href={host}/><link rel=prefetch href={host}/prefetch>\
         <link rel=stylesheet href={host}/style.css><base href={host}/base/ target=_top>\
         <meta http-equiv=refresh content='0;url={host}/refresh'><style>@import '{host}/import.css';</style>\
         <script>{script};fetch('{host}/fetch');new Image().src='{host}/beacon'</script><script src={host}/script.js></script>\
         <img src={host}/img.png onerror=\"{script}\" srcset='{host}/srcset.png 2x'><svg onload=\"{script}\"><image href={host}/svg.png /></svg>\
         <iframe src={host}/frame></iframe><iframe srcdoc='&lt;script&gt;{script}&lt;/script&gt;'></iframe>\
         <object data={host}/object></object><embed src={host}/embed><video src={host}/video poster={host}/poster.png autoplay></video>\
         <p style=\"background:url({host}/background.png)\">Text</p><input autofocus onfocus=\"{script}\">\
         <details open ontoggle=\"{script}\"></details><a href=\"javascript:{script}\" ping={host}/ping>link</a>\
         <form action={host}/form><button autofocus>x</button></form><table background={host}/table.png></table>\
         </body></html>\"></iframe></td></table><script>{script}</script><img src={host}/out.png>"
    )
}

/// Whether a browser does something about the markup by itself, or only when somebody clicks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acts {
    Alone,
    Asked,
}

/// One trick each, by its name, which is also what it asks for.
fn tricks(port: u16) -> Vec<(&'static str, Acts, String)> {
    let host = format!("http://127.0.0.1:{port}");
    let script = |name: &str| format!("new Image().src='{host}/{name}'");
    let trick = |name: &'static str, acts: Acts, markup: &str| {
        let markup = markup.replace("SCRIPT", &script(name)).replace("URL", &format!("{host}/{name}"));
        (name, acts, format!("<p>Text {name}</p>{markup}"))
    };
    vec![
        trick("script", Acts::Alone, "<script>SCRIPT</script>"),
        trick("style", Acts::Alone, "<style>@import 'URL';p{background:url(URL)}</style>"),
        trick("refresh", Acts::Alone, "<meta http-equiv=refresh content='0;url=URL'>"),
        trick("base", Acts::Alone, "<base href='URL/'><img src='base'>"),
        trick("svg-onload", Acts::Alone, "<svg onload=\"SCRIPT\"><image href='URL'/></svg>"),
        trick("iframe", Acts::Alone, "<iframe src='URL'></iframe><iframe srcdoc=\"<script>SCRIPT</script>\"></iframe>"),
        trick("form", Acts::Asked, "<form action='URL'><input autofocus><button formaction='URL'>Buy</button></form>"),
        trick("ping", Acts::Asked, "<a href='URL' ping='URL' target=_top>Text</a>"),
        trick("dns-prefetch", Acts::Asked, "<link rel=dns-prefetch href='URL'>"),
        trick("preconnect", Acts::Alone, "<link rel=preconnect href='URL'><link rel=stylesheet href='URL'>"),
        trick(
            "quotes",
            Acts::Alone,
            "\"'></iframe></td></table></article>&quot;&#34;&#x22;><img src='URL'><script>SCRIPT</script>",
        ),
        trick("comment", Acts::Alone, "<!--><img src='URL'>--><![CDATA[<img src='URL'>]]><?x <img src='URL'> ?>"),
        trick("bidi", Acts::Alone, "\u{202e}txet\u{2066}\u{2028}<img src='URL'>\u{2029}&#x202e;&#8232;&#x2067;"),
        trick("nesting", Acts::Alone, &format!("{}<img src='URL'>", "<b><p>".repeat(700))),
        trick("entities", Acts::Alone, "&lt;script&gt;SCRIPT&lt;/script&gt;<img src='&#x20;URL' src='other'>"),
        trick(
            "image-map",
            Acts::Alone,
            "<picture><source srcset='URL'><img srcset='URL 2x' usemap='#m'></picture><video poster='URL'></video>",
        ),
    ]
}

/// A page around markup, without any wall.
fn bare_page(descriptions: &[String]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("bare.html");
    let frame = |markup: &String| {
        format!("<iframe srcdoc=\"{}\"></iframe>", markup.replace('&', "&amp;").replace('"', "&quot;"))
    };
    let frames: String = descriptions.iter().map(frame).collect();
    fs::write(&page, format!("<!DOCTYPE html><meta charset=utf-8><title>bare</title>{frames}")).unwrap();
    (folder, page)
}

/// A repository whose offer is a draft already and is to get this description, and its page.
fn page_of(description: &str) -> (TempDir, PathBuf) {
    page_of_all(&[description.to_owned()])
}

/// The same with an offer for each description.
fn page_of_all(descriptions: &[String]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = "\
publisherId: contoso
offerTypeId: microsoft-azure-virtualmachines
id: vm-NUMBER
reconcile: {publishTo: draft}
definition:
  displayText: Contoso VM
  offer:
    microsoft-azure-marketplace.title: TITLE
    microsoft-azure-marketplace.description: {$file: description-NUMBER.html}
  plans:
    - planId: gold
      virtualMachinePricing: {isByol: false, coreMultiplier: {currency: USD, single: PRICE}}
";
    let offerctl = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_offerctl"));
        command.args(arguments).arg("--emulator").current_dir(folder.path()).env_clear().env("HOME", folder.path());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let write_all = |old: &str, title: &str, price: &str| {
        for (number, description) in descriptions.iter().enumerate() {
            let number = number.to_string();
            write(&format!("description-{number}.html"), &description.replace("Text", old));
            let manifest = manifest.replace("TITLE", title).replace("PRICE", price).replace("NUMBER", &number);
            write(&format!("offer-{number}.yaml"), &manifest);
        }
    };
    write("offerctl.yaml", "offers: ['offer-*.yaml']\n");
    write_all("Old text", "Contoso", "0.1");
    offerctl(&["apply", "--yes"]);
    write_all("Text", "Contoso VM", "0.15");
    let page = folder.path().join("page.html");
    fs::write(&page, offerctl(&["plan", "--output", "html"])).unwrap();
    (folder, page)
}

fn title(dom: &str) -> &str {
    dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0
}

#[test]
fn a_hostile_description_runs_nothing_and_asks_nobody() {
    let listener = Listener::start();
    let description = hostile(listener.port);
    // Without the page's walls it does, else this test would show nothing.
    let bare = tempfile::tempdir().unwrap();
    let unprotected = bare.path().join("bare.html");
    fs::write(
        &unprotected,
        format!("<!DOCTYPE html><title>bare</title>{}", description.replace("content='0;", "content='9;")),
    )
    .unwrap();
    assert_eq!(title(&look(&unprotected, &["--dump-dom"])), "owned");
    let heard = listener.heard().join("\n");
    for request in ["script.js", "img.png", "frame", "background.png", "import.css"] {
        assert!(heard.contains(request), "{request} in {heard}");
    }

    let listener = Listener::start();
    let (_folder, page) = page_of(&hostile(listener.port));
    let dom = look(&page, &["--dump-dom"]);
    assert_eq!(title(&dom), "Plan: 1 offer is blocked");
    assert_eq!(listener.heard(), Vec::<String>::new());
}

#[test]
fn no_trick_of_a_description_runs_or_opens_a_connection() {
    let listener = Listener::start();
    let tricks_of = |port: u16| tricks(port).into_iter().map(|(_, _, markup)| markup).collect::<Vec<_>>();
    // Each that needs no click works where nothing is in its way, else this test would show nothing about it.
    let (_folder, bare) = bare_page(&tricks_of(listener.port));
    look(&bare, &["--dump-dom"]);
    let heard = listener.heard().join("\n");
    for (name, acts, _) in tricks(listener.port) {
        assert!(acts == Acts::Asked || heard.contains(&format!("/{name}")), "{name} in {heard}");
    }

    let listener = Listener::start();
    // As many as are shown open at once.
    for some in tricks_of(listener.port).chunks(10) {
        let (_folder, page) = page_of_all(some);
        let dom = look(&page, &["--dump-dom"]);
        let blocked = if some.len() == 1 { "1 offer is".to_owned() } else { format!("{} offers are", some.len()) };
        assert_eq!(title(&dom), format!("Plan: {blocked} blocked"));
        assert_eq!(
            dom.matches("<iframe ").count(),
            2 * some.len(),
            "a description before and after, and no other frame"
        );
        assert_eq!(dom.matches("<article ").count(), some.len());
        for hidden in ['\u{202e}', '\u{2066}', '\u{2067}', '\u{2028}', '\u{2029}'] {
            assert!(!dom.contains(hidden), "{hidden:?}");
        }
    }
    assert_eq!(listener.heard(), Vec::<String>::new());
}

#[test]
fn the_other_walls_hold_without_the_first() {
    let listener = Listener::start();
    let (_folder, page) = page_of("<p>Text</p>");
    let honest = fs::read_to_string(&page).unwrap();
    let begin = honest.find("srcdoc=\"").unwrap() + "srcdoc=\"".len();
    let end = begin + honest[begin..].find('"').unwrap();
    // The markup as it is, as if nobody had taken out what could do something.
    let attribute = hostile(listener.port).replace('&', "&amp;").replace('"', "&quot;");
    fs::write(&page, format!("{}{attribute}{}", &honest[..begin], &honest[end..])).unwrap();
    let dom = look(&page, &["--dump-dom"]);
    assert_eq!(title(&dom), "Plan: 1 offer is blocked");
    // No policy keeps a browser from opening a connection beforehand; that takes the first wall.
    let requests: Vec<_> = listener.heard().into_iter().filter(|heard| heard != "a connection").collect();
    assert_eq!(requests, Vec::<String>::new());
}

#[test]
fn the_page_is_drawn_in_both_themes_and_on_paper() {
    let (_folder, page) = page_of("<h2>Backup</h2><p>Text that <b>customers</b> read</p>");
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&pictures).unwrap();
    let draw = |name: &str, page: &Path, arguments: &[&str]| {
        let file = pictures.join(name);
        let _ = fs::remove_file(&file);
        let kind = if file.extension().is_some_and(|kind| kind == "pdf") { "print-to-pdf" } else { "screenshot" };
        let target = format!("--{kind}={}", file.display());
        look(page, &[&[target.as_str()], arguments].concat());
        fs::read(&file).unwrap()
    };
    let light = draw("light.png", &page, &[]);
    let dark = draw("dark.png", &page, &["--blink-settings=preferredColorScheme=0"]);
    let narrow = draw("narrow.png", &page, &["--window-size=500,6000"]);
    let paper = draw("paper.pdf", &page, &[]);
    println!("look at them: {}", pictures.display());
    assert!(light != dark && light != narrow && paper.starts_with(b"%PDF"));
    // The frames are drawn, and so is what the style says.
    let honest = fs::read_to_string(&page).unwrap();
    let other = |text: String| {
        assert_ne!(text, honest);
        let other = page.with_file_name("other.html");
        fs::write(&other, text).unwrap();
        draw("other.png", &other, &[])
    };
    let mut parts = honest.split(" srcdoc=\"");
    let first = parts.next().unwrap().to_owned();
    let without_frames = parts.fold(first, |page, part| page + " " + part.split_once('"').unwrap().1);
    assert!(light != other(without_frames), "the frames show nothing");
    assert!(light != other(honest.replace("sha256-", "sha256-x")), "the style is not applied");
}
