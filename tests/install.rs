//! `scripts/install` into an empty folder: the program, manual pages that man(1) shows, completions in real shells, and a
//! module that real Environment Modules load. Shells and modules that are not here are left out.

#![cfg(feature = "mpi")]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{BINARY, Folder, Job, Outcome, REPOSITORY, command_in, is_installed, left_out};

const COMMANDS: [&str; 9] =
    ["completions", "each", "generate", "info", "man", "pack", "pair", "scaling", "study"];

fn install(folder: &Folder, words: &[&str]) -> Outcome {
    run(folder, &format!("{REPOSITORY}/scripts/install"), words)
}

fn run(folder: &Folder, program: &str, words: &[&str]) -> Outcome {
    let mut command = command_in(folder, "timeout");
    let command = command.args(["--kill-after=5", "120", program]).args(words);
    let output = command.output().expect("timeout(1) of coreutils is installed");
    Outcome::of(format!("{command:?}"), output).expect_end()
}

/// A folder with an installation in it.
fn installed() -> (Folder, String) {
    let folder = Folder::new();
    let prefix = folder.file("a prefix");
    let outcome = install(&folder, &[&prefix, "--farthest", BINARY]);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    (folder, prefix)
}

#[test]
fn it_writes_what_it_says_below_the_prefix_and_again_over_itself() {
    let (folder, prefix) = installed();
    let again = install(&folder, &[&prefix, "--farthest", BINARY]);
    assert_eq!(again.code, 0, "{again:#?}");
    let written: BTreeSet<&str> =
        again.stdout.lines().filter(|line| line.starts_with('/')).collect();
    let pages = COMMANDS.map(|command| format!("share/man/man1/farthest-{command}.1"));
    let others = [
        "bin/farthest",
        "share/man/man1/farthest.1",
        "share/bash-completion/completions/farthest",
        "share/zsh/site-functions/_farthest",
        "share/fish/vendor_completions.d/farthest.fish",
        concat!("share/modulefiles/farthest/", env!("CARGO_PKG_VERSION")),
    ];
    let expected: BTreeSet<String> = pages
        .iter()
        .map(String::as_str)
        .chain(others)
        .map(|file| format!("{prefix}/{file}"))
        .collect();
    assert_eq!(written, expected.iter().map(String::as_str).collect());
    assert!(again.stdout.contains("Now: export PATH="), "{again:#?}");
    assert!(expected.iter().all(|file| fs::metadata(file).is_ok_and(|file| file.len() > 0)));
    let program = Job::alone().running(format!("{prefix}/bin/farthest")).run(&["--version"]);
    assert_eq!(program.expect_ok(), concat!("farthest ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn what_cannot_be_installed_is_told_and_leaves_nothing() {
    let folder = Folder::new();
    let prefix = folder.file("prefix");
    let file = folder.write("file", "");
    for (words, code, part) in [
        (&["--what"][..], 2, "--what"),
        (&["a", "b"], 2, "one folder"),
        (&[&prefix, "--farthest"], 2, "--farthest"),
        (&[&prefix, "--farthest", &file], 1, "expected a program"),
        (&[&prefix, "--farthest", "/bin/false"], 1, "does not"),
        (&[&file, "--farthest", BINARY], 1, "name another"),
    ] {
        let outcome = install(&folder, words);
        assert_eq!(outcome.code, code, "{outcome:#?}");
        assert!(outcome.stderr.contains(part), "{part}: {outcome:#?}");
        let files = run(&folder, "find", &[&prefix, "-type", "f"]);
        assert_eq!(files.stdout, "", "{words:?}");
    }
}

#[test]
fn man_shows_the_pages() {
    if !is_installed("man") {
        return left_out("other", "man(1) is not installed");
    }
    let (folder, prefix) = installed();
    let pages = format!("{prefix}/share/man/man1");
    for (page, parts) in [
        ("farthest", &["FARTHEST(1)", "farthest-pair(1)", "Exit codes"][..]),
        ("farthest-pair", &["FARTHEST-PAIR(1)", "--geojson", "--metric", "--lat-lon"]),
        ("farthest-each", &["FARTHEST-EACH(1)", "--out"]),
    ] {
        let shown = run(&folder, "man", &["-P", "cat", &format!("{pages}/{page}.1")]);
        assert_eq!(shown.code, 0, "{shown:#?}");
        for part in parts {
            assert!(
                shown.stdout.to_uppercase().contains(&part.to_uppercase()),
                "{part}: {shown:#?}"
            );
        }
    }
    // The source of each page is sound.
    if is_installed("groff") {
        for command in COMMANDS {
            let page = format!("{pages}/farthest-{command}.1");
            let judged = run(&folder, "groff", &["-man", "-Tutf8", "-ww", "-z", &page]);
            assert_eq!((judged.code, &judged.stderr[..]), (0, ""), "{judged:#?}");
        }
    }
    Job::alone().run(&["man", "pears"]).expect_error(2, &["pears", "pair"]);
}

#[test]
fn bash_completes_commands_options_and_values() {
    let (folder, prefix) = installed();
    let script = format!(
        "source '{prefix}/share/bash-completion/completions/farthest'\n\
         complete -p farthest > /dev/null || exit 1\n\
         try() {{ COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); \
         _farthest farthest \"${{@: -1}}\" \"${{@: -2:1}}\"; echo \"${{COMPREPLY[@]}}\"; }}\n\
         try farthest pa\ntry farthest pair --meth\ntry farthest pair --method e\ntry farthest each --ou\n"
    );
    let outcome = run(&folder, "bash", &["--norc", "-c", &script]);
    assert_eq!((outcome.code, &outcome.stderr[..]), (0, ""), "{outcome:#?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines, ["pair pack", "--method", "exhaustive", "--out"], "{outcome:#?}");
}

/// A terminal of zsh in zsh, in which the tabulator is pressed.
const IN_ZSH: &str = r#"
zmodload zsh/zpty
zpty -b inner zsh -f -i
ask() { zpty -w inner "$1" }
wait_for() { # PATTERN: until the terminal shows it
    local shown=
    for turn in {1..600}; do
        while zpty -r -t inner part; do shown+=$part; done
        [[ $shown == *$~1* ]] && { echo "found $1"; return }
        sleep 0.05
    done
    echo "expected $1, found ${(q)shown}"; exit 1
}
ask "PS1='> '; fpath=('$PREFIX/share/zsh/site-functions' \$fpath); PATH='$PREFIX/bin':\$PATH; autoload -Uz compinit; compinit -u -D; echo rea''dy"
wait_for ready
zpty -w -n inner $'farthest pair --meth\t'
wait_for 'farthest pair --method'
zpty -w -n inner $'\C-ufarthest gener\t'
wait_for 'farthest generate'
zpty -d inner
"#;

#[test]
fn zsh_completes_commands_and_options() {
    if !is_installed("zsh") {
        return left_out("other", "zsh is not installed");
    }
    let (folder, prefix) = installed();
    let script = format!("PREFIX='{prefix}'\n{IN_ZSH}");
    let outcome = run(&folder, "zsh", &["-f", "-c", &script]);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    assert_eq!(
        outcome.stdout,
        "found ready\nfound farthest pair --method\nfound farthest generate\n"
    );
}

#[test]
fn environment_modules_load_and_unload_the_program() {
    const INIT: &str = "/usr/share/modules/init/bash";
    if fs::metadata(INIT).is_err() {
        return left_out("other", "Environment Modules are not installed");
    }
    let (folder, prefix) = installed();
    let script = format!(
        "source {INIT}; module use '{prefix}/share/modulefiles'\n\
         module load farthest && command -v farthest && farthest --version && man -w farthest\n\
         module whatis farthest 2>&1; module unload farthest; command -v farthest || echo gone\n"
    );
    let outcome = run(&folder, "bash", &["--norc", "-c", &script]);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[0], format!("{prefix}/bin/farthest"), "{outcome:#?}");
    assert_eq!(lines[1], concat!("farthest ", env!("CARGO_PKG_VERSION")));
    assert!(
        !is_installed("man") || lines[2].ends_with("/share/man/man1/farthest.1"),
        "{outcome:#?}"
    );
    assert!(outcome.stdout.contains("the farthest pair of cities"), "{outcome:#?}");
    assert_eq!(lines.last(), Some(&"gone"), "{outcome:#?}");
}
