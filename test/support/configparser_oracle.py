"""What CPython's configparser makes of ini texts, as PasteDeploy sets it up.

Reads JSON strings, one a line; writes JSON, one a line:

    {"defaults": [[key, raw, outcome], ...], "sections": [[name, [[key, raw, outcome], ...]], ...]}
    {"error": "DuplicateOptionError", "line": 3, "option": "a"}
    {"error": "ParsingError", "lines": [3, 5]}

An outcome is {"value": text}, or {"error": class} where interpolation fails. `here` is /here.
"""

import configparser
import io
import json
import sys

BUILTINS = {"here": "/here", "__file__": "/here/site.ini"}


def parser(interpolation):
    made = configparser.ConfigParser(BUILTINS, strict=True, interpolation=interpolation)
    made.optionxform = str
    return made


def read(made, text):
    # As a file that is opened as text: CRLF and CR are line ends.
    made.read_file(io.TextIOWrapper(io.BytesIO(text.encode("utf-8")), encoding="utf-8", newline=None))
    return made


def outcome(made, section, key):
    try:
        return {"value": made.get(section, key)}
    except configparser.InterpolationError as error:
        return {"error": type(error).__name__}


def answer(text):
    try:
        raw = read(parser(None), text)
    except configparser.ParsingError as error:
        # MissingSectionHeaderError is a ParsingError, of one line.
        if isinstance(error, configparser.MissingSectionHeaderError):
            return {"error": type(error).__name__, "line": error.lineno}
        return {"error": type(error).__name__, "lines": [line for line, _ in error.errors]}
    except configparser.DuplicateOptionError as error:
        return {"error": type(error).__name__, "line": error.lineno, "option": error.option}
    except configparser.DuplicateSectionError as error:
        return {"error": type(error).__name__, "line": error.lineno}
    interpolated = read(parser(configparser.BasicInterpolation()), text)

    def entries(section, values):
        return [[key, value, outcome(interpolated, section, key)] for key, value in values.items()]

    return {
        "defaults": entries("DEFAULT", raw.defaults()),
        "sections": [[name, entries(name, raw._sections[name])] for name in raw.sections()],
    }


def main():
    for line in sys.stdin:
        json.dump(answer(json.loads(line)), sys.stdout)
        sys.stdout.write("\n")


main()
