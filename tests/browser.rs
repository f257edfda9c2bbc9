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

/// A repository whose offer is a draft already and is to get this description, and its page.
fn page_of(description: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = "\
publisherId: contoso
offerTypeId: microsoft-azure-virtualmachines
id: vm
reconcile: {publishTo: draft}
definition:
  displayText: Contoso VM
  offer:
    microsoft-azure-marketplace.title: TITLE
    microsoft-azure-marketplace.description: {$file: description.html}
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
    write("offerctl.yaml", "offers: [offer.yaml]\n");
    write("description.html", &description.replace("Text", "Old text"));
    write("offer.yaml", &manifest.replace("TITLE", "Contoso").replace("PRICE", "0.1"));
    offerctl(&["apply", "--yes"]);
    write("description.html", description);
    write("offer.yaml", &manifest.replace("TITLE", "Contoso VM").replace("PRICE", "0.15"));
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
