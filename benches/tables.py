"""Tables as Markdown, and the files in which the last ones recorded stand.

A script writes its table between two marks of its file; what people have written around them stays.
"""

import datetime

from measure import machine

RECORD_END = "<!-- to here -->"


def short(number):
    """Three digits or the whole part, and an exponent where there would be many more."""
    if number >= 1e6:
        return f"{number:.2e}"
    if number >= 1000:
        return f"{number:,.0f}"
    return f"{number:.3g}"


def plural(number, word):
    if number == 1:
        return f"1 {word}"
    return f"{number} {word}{'es' if word.endswith('s') else 's'}"


def size(mib):
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib:.3g} MiB"


def markdown(head, rows):
    """A table; each row is a list of as many texts as the head."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def facts(command):
    """A list that says when, by which command and on which machine something was measured."""
    today = datetime.date.today().isoformat()
    return "".join(f"- {line}\n" for line in [f"{today}, `{command}`", *machine()])


def write_record(path, script, title, body):
    """Puts `body` between the two marks of this script in a file, which is made if it is not there
    and else must have them."""
    begin = f"<!-- {script} --record writes from here -->"
    text = path.read_text() if path.exists() else f"# {title}\n\n{begin}{RECORD_END}\n"
    if begin not in text or RECORD_END not in text:
        raise SystemExit(f"{script}: {path} does not have the two marks of the table")
    before, rest = text.split(begin, 1)
    after = rest.split(RECORD_END, 1)[1]
    path.write_text(f"{before}{begin}\n\n{body}\n{RECORD_END}{after}")
