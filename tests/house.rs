//! Proves that the code keeps the rules of ARCHITECTURE.md: each module imports only modules above
//! it in the table, one module alone names MPI, maps memory and prints, `unsafe` stands where it is
//! said to stand, and every module states its invariant.
//!
//! The rules look at tokens, with comments and literals taken out, so that prose about MPI is no
//! breach. Each rule is a function from text to complaints and is tried on bad examples first: a
//! rule that cannot fail proves nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src` and its text.
struct SourceFile {
    path: String,
    text: String,
}

impl SourceFile {
    fn new(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.into(), text: text.into() }
    }

    /// The top-level module that the file belongs to; `None` for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        let first = self.path.split('/').next().expect("a path has a first part");
        let module = first.strip_suffix(".rs").unwrap_or(first);
        (!["lib", "main"].contains(&module)).then_some(module)
    }

    /// How many `super` lead from the file's module to the crate's root.
    fn depth(&self) -> usize {
        let parts = self.path.split('/').count();
        if self.path.ends_with("/mod.rs") { parts - 1 } else { parts }
    }

    /// Whether the file is the head of a top-level module.
    fn is_module_head(&self) -> bool {
        self.module().is_some() && self.depth() == 1
    }

    fn tokens(&self) -> Vec<String> {
        tokens(&code_only(&self.text))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source_files() -> Vec<SourceFile> {
    fn collect(folder: &Path, below: &str, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).expect("a folder of the source") {
            let path = entry.expect("an entry of the source").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_dir() {
                collect(&path, &format!("{below}{name}/"), files);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).expect("source is UTF-8");
                files.push(SourceFile { path: format!("{below}{name}"), text });
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join("src"), "", &mut files);
    files
}

/// The modules of the table in ARCHITECTURE.md, from top to bottom.
fn module_order(architecture: &str) -> Vec<String> {
    architecture
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` |"))
        .map(|(module, _)| module.to_string())
        .collect()
}

fn table() -> Vec<String> {
    let path = root().join("ARCHITECTURE.md");
    let order = module_order(&fs::read_to_string(path).expect("ARCHITECTURE.md is there"));
    assert!(order.len() > 10, "the table of modules was not found: {order:?}");
    order
}

/// The source with comments and the inside of literals replaced by spaces.
fn code_only(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = end_of_comment(&chars, at).or_else(|| end_of_literal(&chars, at));
        match end {
            Some(end) => {
                let blank = |&c: &char| if c == '\n' { '\n' } else { ' ' };
                code.extend(chars[at..end].iter().map(blank));
                at = end;
            }
            None => {
                code.push(chars[at]);
                at += 1;
            }
        }
    }
    code
}

/// Where the comment that begins at `at` ends, if one begins there. Block comments nest.
fn end_of_comment(chars: &[char], at: usize) -> Option<usize> {
    let pair = |at: usize| (chars.get(at).copied(), chars.get(at + 1).copied());
    match pair(at) {
        (Some('/'), Some('/')) => {
            let length = chars[at..].iter().position(|&c| c == '\n');
            Some(length.map_or(chars.len(), |length| at + length))
        }
        (Some('/'), Some('*')) => {
            let (mut depth, mut end) = (1, at + 2);
            while depth > 0 && end < chars.len() {
                match pair(end) {
                    (Some('/'), Some('*')) => (depth, end) = (depth + 1, end + 2),
                    (Some('*'), Some('/')) => (depth, end) = (depth - 1, end + 2),
                    _ => end += 1,
                }
            }
            Some(end.min(chars.len()))
        }
        _ => None,
    }
}

/// Where the string or character literal that begins at `at` ends, if one begins there. A quotation
/// mark that no second one follows in time is a lifetime.
fn end_of_literal(chars: &[char], at: usize) -> Option<usize> {
    match chars[at] {
        '"' => Some(end_of_escaped(chars, at + 1, '"')),
        '\'' if chars.get(at + 1) == Some(&'\\') => Some(end_of_escaped(chars, at + 1, '\'')),
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        'r' if at == 0 || !is_word(chars[at - 1]) || chars[at - 1] == 'b' => {
            let marks = chars[at + 1..].iter().take_while(|&&c| c == '#').count();
            let open = at + 1 + marks;
            if chars.get(open) != Some(&'"') {
                return None;
            }
            let closing: Vec<char> =
                std::iter::once('"').chain(std::iter::repeat_n('#', marks)).collect();
            let inside = &chars[open + 1..];
            let length = inside.windows(closing.len()).position(|window| window == closing);
            Some(length.map_or(chars.len(), |length| open + 1 + length + closing.len()))
        }
        _ => None,
    }
}

fn end_of_escaped(chars: &[char], mut at: usize, closing: char) -> usize {
    while at < chars.len() && chars[at] != closing {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words, `::`, and every other character that is no white space by itself.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in code.chars() {
        let joins = (is_word(c) && is_word(before))
            || (c == ':' && before == ':' && tokens.last().is_some_and(|last| last == ":"));
        match tokens.last_mut() {
            Some(last) if joins => last.push(c),
            _ if c.is_whitespace() => {}
            _ => tokens.push(c.to_string()),
        }
        before = c;
    }
    tokens
}

/// The top-level modules that code names by `crate::x`, `crate::{x, y::z}`, or by a path of `super`
/// that leads to the root from a file `depth` modules below it.
///
/// In the body of a macro, `super` leads from wherever the macro is used; there only `crate` counts.
fn modules_named(tokens: &[String], depth: usize) -> Vec<String> {
    let mut named = Vec::new();
    let mut at = 0;
    let mut end_of_macro = 0;
    while at < tokens.len() {
        if tokens[at..].starts_with(&["macro_rules".into(), "!".into()]) {
            end_of_macro = at + length_of_group(&tokens[at..]);
        }
        let supers = tokens[at..].chunks(2).take_while(|pair| *pair == ["super", "::"]).count();
        let supers = if at < end_of_macro { 0 } else { supers };
        let root = if tokens[at..].starts_with(&["crate".into(), "::".into()]) {
            Some(at + 2)
        } else {
            (supers >= depth && supers > 0).then_some(at + 2 * supers)
        };
        at = root.unwrap_or(at + 1);
        match (root, tokens.get(at)) {
            (Some(_), Some(next)) if next == "{" => named.extend(first_words(&tokens[at..])),
            (Some(_), Some(next)) => named.push(next.clone()),
            _ => {}
        }
    }
    named.retain(|name| name.chars().all(is_word) && name != "self");
    named
}

/// Number of tokens up to the end of the first group in braces.
fn length_of_group(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The first word of each member of a group `{x, y::z, w::{…}}`.
fn first_words(group: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    let mut depth = 0;
    for pair in group.windows(2) {
        match pair[0].as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && ["{", ","].contains(&pair[0].as_str()) && pair[1] != "}" {
            words.push(pair[1].clone());
        }
    }
    words
}

/// Complaints about imports from modules that do not stand above the file's own in the table.
fn wrong_imports(order: &[String], file: &SourceFile) -> Vec<String> {
    let Some(module) = file.module() else { return Vec::new() };
    let Some(place) = order.iter().position(|other| other == module) else {
        return vec![format!("{}: {module} is not in the table", file.path)];
    };
    let allowed = &order[..=place];
    modules_named(&file.tokens(), file.depth())
        .into_iter()
        .filter(|named| !allowed.contains(named))
        .map(|named| format!("{}: {module} must not import {named}", file.path))
        .collect()
}

/// Complaints about modules without a line in the table, and lines without a module.
fn unmatched(order: &[String], files: &[SourceFile]) -> Vec<String> {
    let told: BTreeSet<&str> = order.iter().map(String::as_str).collect();
    let there: BTreeSet<&str> = files.iter().filter_map(SourceFile::module).collect();
    let mut complaints = Vec::new();
    if told.len() != order.len() {
        complaints.push("a module stands in the table twice".to_string());
    }
    complaints.extend(there.difference(&told).map(|m| format!("{m} is not in the table")));
    complaints.extend(told.difference(&there).map(|m| format!("{m} is in the table only")));
    complaints
}

/// Complaints about doing what one module alone may do.
fn trespasses(file: &SourceFile) -> Vec<String> {
    let tokens = file.tokens();
    let follows = |word: &str, next: &str| tokens.windows(2).any(|pair| pair == [word, next]);
    let names_mpi = follows("mpi", "::") || follows("use", "mpi") || follows("crate", "mpi");
    let macros = ["print", "println", "eprint", "eprintln", "dbg"];
    // What a command that is started prints is set by methods of these names.
    let opens =
        |name: &str| tokens.windows(3).any(|three| three[0] != "." && three[1..] == [name, "("]);
    let prints = macros.iter().any(|name| follows(name, "!"))
        || ["stdout", "stderr"].iter().any(|name| opens(name));
    let has = |word: &str| tokens.iter().any(|token| token == word);
    let module = file.module().unwrap_or("");
    let mut complaints = Vec::new();
    let mut complain = |is_done: bool, is_allowed: bool, what: &str| {
        if is_done && !is_allowed {
            complaints.push(format!("{}: must not {what}", file.path));
        }
    };
    complain(names_mpi, module == "world", "name mpi");
    complain(has("memmap2"), module == "map", "map memory");
    // Its handler of SIGBUS belongs to its maps, and all else that is needed of the system has safe crates.
    complain(has("libc"), module == "map", "call the C library");
    complain(prints, module == "console", "print");
    let may_be_unsafe = ["console.rs", "memory/allocator.rs", "world/launcher.rs"]
        .contains(&file.path.as_str())
        || ["map", "kernel"].contains(&module);
    complain(has("unsafe"), may_be_unsafe, "be unsafe");
    complaints
}

/// Complaints about a head comment that is missing or does not state the module's invariant.
fn missing_heads(file: &SourceFile) -> Vec<String> {
    let head: Vec<&str> = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
    if head.is_empty() {
        return vec![format!("{}: must begin with //!", file.path)];
    }
    let is_told = head.iter().any(|line| line.contains("Architecture Invariant"));
    if file.is_module_head() && !is_told {
        return vec![format!("{}: its head must state its Architecture Invariant", file.path)];
    }
    Vec::new()
}

/// The modules that the library shows to others; the other public ones are for the program, tests and benches.
const SHOWN: [&str; 2] = ["error", "sphere"];

/// What hides a module from others: but not from clippy, as `missing_docs` passes over what is hidden.
const HIDDEN: &str = "#[cfg_attr(not(clippy), doc(hidden))]";

/// Complaints about public modules at the root of the library that are neither shown on purpose nor hidden.
fn modules_shown_by_oversight(lib: &str) -> Vec<String> {
    let (hidden, tokens) = (tokens(HIDDEN), tokens(&code_only(lib)));
    let is_public = |&at: &usize| tokens[at..].starts_with(&["pub".into(), "mod".into()]);
    let is_seen = |&at: &usize| !tokens[..at].ends_with(&hidden);
    let seen = (0..tokens.len()).filter(is_public).filter(is_seen);
    let names = seen.map(|at| &tokens[at + 2]).filter(|name| !SHOWN.contains(&name.as_str()));
    names
        .map(|name| format!("lib.rs: {name} must be private, one of {SHOWN:?}, or {HIDDEN}"))
        .collect()
}

/// Where the errors that a search can have are told.
const ERRORS_ARE_ENUMS: [&str; 6] = ["error", "sphere", "places", "search", "driver", "scatter"];

/// Complaints about errors that are a mere text.
fn errors_of_text(file: &SourceFile) -> Vec<String> {
    if !file.module().is_some_and(|module| ERRORS_ARE_ENUMS.contains(&module)) {
        return Vec::new();
    }
    let tokens = file.tokens();
    let are_text = tokens.windows(3).any(|three| three == [",", "String", ">"]);
    are_text.then(|| format!("{}: an error must not be a String", file.path)).into_iter().collect()
}

/// Where the ranks of a node work together.
const TOGETHER: [&str; 4] = ["intake", "source", "atlas", "commands/make.rs"];

/// Complaints about steps of a team that a rank could miss. All that passes between ranks goes through the three
/// calls that take a result, so that a rank which has failed brings its error. And a function of a team returns
/// early with no error but one that a team has agreed on, as the others would wait for it.
fn missed_steps(file: &SourceFile) -> Vec<String> {
    const OF_TEAM: [&str; 6] = ["rank", "ranks", "part", "tell", "agree", "share"];
    const OF_WORLD: [&str; 3] = ["agree", "node", "is_on_node_of_root"];
    let is_together = file.module().is_some_and(|module| TOGETHER.contains(&module));
    if !is_together && !TOGETHER.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let tokens = file.tokens();
    let calls = tokens.windows(3).filter(|three| three[1] == ".");
    let hidden = calls.filter(|three| match three[0].as_str() {
        "team" => !OF_TEAM.contains(&three[2].as_str()),
        "world" => !OF_WORLD.contains(&three[2].as_str()),
        _ => false,
    });
    let early = bodies_of_team(&tokens).into_iter().flat_map(|body| {
        let body = without_closures(body);
        let statements = body.split(|token| [";", "{", "}"].contains(&token.as_str()));
        let is_early = |statement: &&[String]| {
            let has = |word: &str| statement.iter().any(|token| token == word);
            has("?") && !has("team")
        };
        statements.filter(is_early).map(|statement| statement.concat()).collect::<Vec<_>>()
    });
    let hidden = hidden.map(|three| three.concat());
    hidden.chain(early).map(|what| format!("{}: must not: {what}", file.path)).collect()
}

/// The bodies of the functions that have a team, or are given one.
fn bodies_of_team(tokens: &[String]) -> Vec<&[String]> {
    let functions = (0..tokens.len()).filter(|&at| tokens[at] == "fn");
    let body = |at: usize| {
        let begin = at + tokens[at..].iter().position(|token| ["{", ";"].contains(&&token[..]))?;
        let is_of_team = tokens[at..begin].windows(2).any(|two| two == ["team", ":"]);
        let end = begin + length_of_group(&tokens[begin..]);
        (is_of_team && tokens[begin] == "{").then(|| &tokens[begin..end])
    };
    functions.filter_map(body).collect()
}

/// The tokens without what closures do, whose errors stay within them.
fn without_closures(tokens: &[String]) -> Vec<String> {
    let opens = |at: usize| {
        let before = at.checked_sub(1).map_or("", |before| tokens[before].as_str());
        tokens[at] == "|" && ["(", ",", "=", ">", "{", ";", "move"].contains(&before)
    };
    let mut rest = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !opens(at) {
            rest.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let arguments = tokens[at + 1..].iter().position(|token| token == "|");
        at += 2 + arguments.expect("arguments of a closure end");
        at += match tokens[at].as_str() {
            "{" => length_of_group(&tokens[at..]),
            _ => length_of_expression(&tokens[at..]),
        };
    }
    rest
}

/// Number of tokens before the end of an expression.
fn length_of_expression(tokens: &[String]) -> usize {
    let mut depth = 0;
    let ends = |token: &String| {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth > 0 => depth -= 1,
            ")" | "]" | "}" => return true,
            "," | ";" => return depth == 0,
            _ => {}
        }
        false
    };
    tokens.iter().position(ends).unwrap_or(tokens.len())
}

fn assert_no(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn modules_import_only_from_above() {
    let order = table();
    assert_no(source_files().iter().flat_map(|file| wrong_imports(&order, file)).collect());
}

#[test]
fn table_and_source_have_the_same_modules() {
    assert_no(unmatched(&table(), &source_files()));
}

#[test]
fn one_module_alone_names_mpi_maps_and_prints() {
    assert_no(source_files().iter().flat_map(trespasses).collect());
}

#[test]
fn no_step_of_a_team_can_be_missed_by_a_rank_that_has_failed() {
    assert_no(source_files().iter().flat_map(missed_steps).collect());
}

#[test]
fn the_library_shows_what_is_meant_for_others() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("the library has a root");
    assert_no(modules_shown_by_oversight(&lib));
}

#[test]
fn errors_of_a_search_are_enums() {
    assert_no(source_files().iter().flat_map(errors_of_text).collect());
}

#[test]
fn every_head_states_its_invariant() {
    assert_no(source_files().iter().flat_map(missing_heads).collect());
}

#[test]
fn the_rules_are_not_idle() {
    let files = source_files();
    let of = |path: &str| files.iter().find(|file| file.path == path).expect(path).tokens();
    let has = |path: &str, word: &str| of(path).iter().any(|token| token == word);
    assert!(has("world/mod.rs", "mpi") && has("map.rs", "memmap2") && has("console.rs", "stdout"));
    assert!(has("map.rs", "unsafe") && has("world/launcher.rs", "unsafe"));
    assert!(has("map/torn.rs", "unsafe") && has("map/torn.rs", "libc"));
    let named: usize = files.iter().map(|f| modules_named(&f.tokens(), f.depth()).len()).sum();
    assert!(named > 50, "only {named} imports were seen");
    let of_team = |file: &SourceFile| bodies_of_team(&file.tokens()).len();
    for place in TOGETHER {
        let seen: usize = files.iter().filter(|f| f.path.starts_with(place)).map(of_team).sum();
        assert!(seen > 2, "only {seen} functions of a team were seen in {place}");
    }
}

#[test]
fn comments_and_literals_are_no_code() {
    let source = r####"
        // crate::a
        let s = "crate::b \" crate::b2"; /* crate::c /* crate::c2 */ crate::c3 */
        let r = r#"crate::d " crate::d2"#; let b = b"crate::e"; let c = '"'; let d = '\'';
        fn f<'a>(x: &'a str) { crate::here(x) } // crate::f
        let t = br"crate::g\"; crate::there
    "####;
    let named = modules_named(&tokens(&code_only(source)), 1);
    assert_eq!(named, ["here", "there"]);
}

#[test]
fn imports_are_seen_in_every_shape() {
    let named = |code: &str, depth| modules_named(&tokens(code), depth);
    assert_eq!(named("use crate::a::{b, c};", 1), ["a"]);
    assert_eq!(named("use crate::{self, a, b::{c, d}, e::f as g,};", 1), ["a", "b", "e"]);
    assert_eq!(named("let x: crate :: a::B = crate::c::d(|y| crate::e);", 1), ["a", "c", "e"]);
    assert_eq!(named("pub(crate) fn f() {}", 1), [""; 0]);
    assert_eq!(named("use super::a; use super::super::b;", 1), ["a", "b"]);
    assert_eq!(named("use super::a; use super::super::b; use super::{c};", 2), ["b"]);
    assert_eq!(named("use super::{a, b::c};", 1), ["a", "b"]);
    let in_macro = "macro_rules! m { () => { use super::a; fn f() { crate::b } } } use super::c;";
    assert_eq!(named(in_macro, 1), ["b", "c"]);
}

#[test]
fn an_import_from_below_is_a_complaint() {
    let order = ["low", "mid", "high"].map(String::from);
    let complaints =
        |path: &str, text: &str| wrong_imports(&order, &SourceFile::new(path, text)).len();
    assert_eq!(complaints("mid.rs", "use crate::low::x; use crate::mid::y;"), 0);
    assert_eq!(complaints("mid.rs", "use crate::high::x;"), 1);
    assert_eq!(complaints("mid/part.rs", "use crate::{low, high};"), 1);
    assert_eq!(complaints("mid/part.rs", "use super::high;"), 0);
    assert_eq!(complaints("mid/mod.rs", "use super::high;"), 1);
    assert_eq!(complaints("mid.rs", "fn f() { crate::high::g() }"), 1);
    assert_eq!(complaints("mid.rs", "// crate::high\nuse crate::low;"), 0);
    assert_eq!(complaints("unheard.rs", ""), 1);
    assert_eq!(complaints("main.rs", "use crate::high;"), 0);
}

#[test]
fn a_trespass_is_a_complaint() {
    let complaints = |path: &str, text: &str| trespasses(&SourceFile::new(path, text)).len();
    let bad = [
        "use mpi::traits::*;",
        "fn f() { mpi::initialize(); }",
        "extern crate mpi;",
        "use memmap2::Mmap;",
        "libc::getpid();",
        "println!(\"{}\", 1);",
        "dbg!(x);",
        "std::io::stderr().flush();",
        "unsafe { f() }",
    ];
    for text in bad {
        assert_eq!(complaints("search/mod.rs", text), 1, "{text}");
        assert_eq!(complaints("main.rs", text), 1, "{text}");
    }
    assert_eq!(complaints("study/processes.rs", "fn f() { command.stdout(file) }"), 0);
    assert_eq!(complaints("world/leave.rs", "use mpi::x;"), 0);
    assert_eq!(complaints("world/leave.rs", "use mpi::x; unsafe { f() }"), 1);
    assert_eq!(complaints("world/launcher.rs", "unsafe { f() }"), 0);
    assert_eq!(complaints("map.rs", "use memmap2::x; unsafe { f() }"), 0);
    assert_eq!(complaints("map/torn.rs", "unsafe { libc::f() }"), 0);
    assert_eq!(complaints("console.rs", "fn f() { io::stdout(); eprintln!() }"), 0);
    assert_eq!(complaints("kernel/avx512.rs", "unsafe { f() }"), 0);
    assert_eq!(complaints("report.rs", "struct R { mpi: String } // println! of mpi::x"), 0);
}

#[test]
fn a_module_that_is_shown_and_an_error_of_text_are_complaints() {
    let shown = |lib: &str| modules_shown_by_oversight(lib).len();
    assert_eq!(shown(&format!("{HIDDEN}\npub mod a;\nmod b;\npub mod error;")), 0);
    assert_eq!(shown(&format!("#[cfg(feature = \"x\")]\n{HIDDEN}\npub mod a;")), 0);
    assert_eq!(shown(&format!("{HIDDEN} pub mod a; pub mod b; // {HIDDEN}\npub mod c;")), 2);

    let text = |path: &str, text: &str| errors_of_text(&SourceFile::new(path, text)).len();
    assert_eq!(text("search/mod.rs", "fn f() -> Result<(), String>;"), 1);
    assert_eq!(text("search/mod.rs", "fn f() -> Result<String, Damage>;"), 0);
    assert_eq!(text("angle/mod.rs", "fn f() -> Result<(), String>;"), 0);
}

#[test]
fn a_step_that_can_be_missed_is_a_complaint() {
    let complaints = |path: &str, text: &str| missed_steps(&SourceFile::new(path, text)).len();
    let bad = [
        "fn f(team: &dyn Team) { team.barrier(); }",
        "fn f(team: &dyn Team) { world.max(1); }",
        "fn f(team: &dyn Team) { let file = open()?; team.agree(Ok(())) }",
        "fn f(team: &dyn Team) { if team.rank() == 0 { out.write()?; } team.agree(Ok(())) }",
        "fn f(team: &dyn Team) { match x { A => g(|a| b)?, B => c } team.agree(Ok(())) }",
    ];
    for text in bad {
        assert_eq!(complaints("atlas/arrange.rs", text), 1, "{text}");
        assert_eq!(complaints("intake.rs", text), 1, "{text}");
        assert_eq!(complaints("search/mod.rs", text), 0, "{text}");
    }
    let good = [
        "fn f(team: &dyn Team) { let file = team.agree(open())?; team.share(Ok(Vec::new())) }",
        "fn f(team: &dyn Team) { let a = b.and_then(|c| { d(c)?; e() }); team.agree(a)?; }",
        "fn f(team: &dyn Team) { let a = g(|| d()?, |x, y| h(x, y)?); team.tell(a, |a| a)?; }",
        "fn f(file: &File) { file.write()?; file.sync() }",
    ];
    for text in good {
        assert_eq!(complaints("commands/make.rs", text), 0, "{text}");
    }
}

#[test]
fn a_missing_head_and_a_missing_line_are_complaints() {
    let complaints = |path: &str, text: &str| missing_heads(&SourceFile::new(path, text)).len();
    assert_eq!(complaints("a.rs", "use x;"), 1);
    assert_eq!(complaints("a.rs", "//! Head.\n"), 1);
    assert_eq!(complaints("a.rs", "//! Head.\n\n// Architecture Invariant"), 1);
    assert_eq!(complaints("a/mod.rs", "//! Head.\n"), 1);
    assert_eq!(complaints("a/part.rs", "//! Head.\n"), 0);
    assert_eq!(complaints("lib.rs", "//! Head.\n"), 0);
    assert_eq!(complaints("a.rs", "//! Head.\n//!\n//! Architecture Invariant: x.\n"), 0);

    let order = module_order("| module | job |\n| --- | --- |\n| `a` | x |\n| `b` | `y` |\n");
    assert_eq!(order, ["a", "b"]);
    let files = |paths: &[&str]| -> Vec<SourceFile> {
        paths.iter().map(|path| SourceFile::new(path, "")).collect()
    };
    assert_no(unmatched(&order, &files(&["lib.rs", "main.rs", "a.rs", "b/mod.rs", "b/c.rs"])));
    assert_eq!(unmatched(&order, &files(&["a.rs"])).len(), 1);
    assert_eq!(unmatched(&order, &files(&["a.rs", "b.rs", "c.rs"])).len(), 1);
}
