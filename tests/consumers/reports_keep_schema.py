"""Holds reports of farthest against its JSON Schema, with Python's jsonschema.

Usage: reports_keep_schema.py SCHEMA REPORTS, a report a line. The schema must be one; every report must keep it, and have
no key that it does not name; every key that it names must be in some report; and a report without a key that is promised
must be refused. Prints how many reports there were; where anything of that is not so it ends with what that is and code 1.
"""

import json
import sys

from jsonschema import Draft202012Validator as Validator


def closed(part):
    """The same schema, which refuses keys that it does not name."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    more = {"additionalProperties": False} if part.get("type") == "object" else {}
    return {key: closed(value) for key, value in part.items()} | more


def named(part):
    """The keys of objects that a schema names."""
    if isinstance(part, list):
        return set().union(*map(named, part))
    if not isinstance(part, dict):
        return set()
    own = set(part.get("properties", {})) if part.get("type") == "object" else set()
    return own.union(*map(named, part.values()))


def had(part):
    """The keys of a report, at any depth."""
    if isinstance(part, list):
        return set().union(*map(had, part))
    return set(part).union(*map(had, part.values())) if isinstance(part, dict) else set()


def require(is_so, what):
    if not is_so:
        sys.exit(f"expected {what}")


def require_kept(validator, report, how):
    for error in validator.iter_errors(report):
        parts = sorted(error.context or [error], key=lambda one: len(one.absolute_path))
        require(False, f"a report that keeps the {how} schema, found {report}: {[one.message for one in parts]}")


def main(schema_path, reports_path):
    with open(schema_path) as file:
        schema = json.load(file)
    with open(reports_path) as file:
        reports = [json.loads(line) for line in file]
    Validator.check_schema(schema)
    plain, strict = Validator(schema), Validator(closed(schema))
    for report in reports:
        require_kept(plain, report, "plain")
        require_kept(strict, report, "closed")
        require(plain.is_valid(report | {"more": 1}), "keys that may be added")
        require(not strict.is_valid(report | {"more": 1}), "a closed schema that refuses others")
        kinds = [schema["$defs"][kind]["required"] for kind in ("pair", "each", "info", "error")]
        (promised,) = [keys for keys in kinds if set(keys) <= set(report)]
        for key in promised:
            without = {name: value for name, value in report.items() if name != key}
            require(not plain.is_valid(without), f"that a report without {key} is refused")
    unused = named(schema) - had(reports)
    require(not unused, f"every key of the schema in some report, found none with {sorted(unused)}")
    print(len(reports))


if __name__ == "__main__":
    main(*sys.argv[1:])
