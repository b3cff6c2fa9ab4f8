"""What PasteDeploy makes of ini files: the contexts it plans, and the factories it calls, in order.

Reads from stdin:

    {"distributions": {NAME: {GROUP: [ENTRY POINT, ...]}},
     "functions": {NAME: GROUP},
     "cases": [{"files": {PATH: TEXT}, "vars": {NAME: VALUE}, "asks": [[KIND, URI, NAME or null], ...]}]}

The distributions are installed for the time of the run, with factories that only note how they are called; the functions are
those of a module `fake`. A case without asks is asked for every section of its site.ini.

Writes {"python": VERSION, "pastedeploy": VERSION, "answers": [[ANSWER, ...], ...]}, where an answer has `ask`, then either `error`
or `context`, and for a context either `made`, what came of creating it, or `failed`; `trace` has the calls of factories. The folder
of a case is written as <here>.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import sys
import tempfile
import types
from configparser import ConfigParser, Error

from paste.deploy import loadwsgi

KINDS = {"app": loadwsgi.APP, "filter": loadwsgi.FILTER, "server": loadwsgi.SERVER}
PREFIXES = {
    "app": "app",
    "application": "app",
    "composite": "app",
    "composit": "app",
    "pipeline": "app",
    "filter-app": "app",
    "filter": "filter",
    "server": "server",
}

SITE = "config:site.ini"

TRACE = []


class Made:
    """An app. Shown as the expression that made it: FakeApp#upper(FakeApp#main)."""

    def __init__(self, text):
        self.text = text


def shown(value):
    return value.text if isinstance(value, Made) else type(value).__name__


class Factory:
    """Notes its call and gives what a factory of its group gives."""

    def __init__(self, label, group):
        self.label = label
        self.group = group

    def __call__(self, *given, **settings):
        call = {"factory": self.label, "global_conf": dict(given[-1]), "local_conf": list(settings.items())}
        if isinstance(given[0], Made):
            call["app"] = shown(given[0])
        TRACE.append(call)
        if self.group == "composite_factory":
            return self.compose(given[0], given[-1], settings)
        if self.group in ("filter_factory", "server_factory"):
            return lambda app: Made(f"{self.label}({shown(app)})")
        if self.group in ("filter_app_factory", "server_runner"):
            return Made(f"{self.label}({shown(given[0])})")
        return Made(self.label)

    def compose(self, loader, global_conf, settings):
        """The children are the settings whose key begins with `app`. Called as a plain app, there is nobody to ask for them."""
        if not isinstance(loader, loadwsgi._Loader):
            return Made(self.label)
        passed = {} if self.label.endswith("#alone") else {"global_conf": global_conf}
        apps = [loader.get_app(value, **passed) for key, value in settings.items() if key.startswith("app")]
        return Made(f"{self.label}[{', '.join(shown(app) for app in apps)}]")


def install(distributions, functions, folder):
    """Real metadata in a real folder: PasteDeploy finds the distributions as it finds any."""
    entries = types.ModuleType("entries")
    for name, groups in distributions.items():
        home = os.path.join(folder, name.replace("-", "_") + "-1.0.dist-info")
        os.mkdir(home)
        lines = []
        for group, names in groups.items():
            lines.append(f"[paste.{group}]")
            for entry in names:
                attribute = f"entry{len(vars(entries))}"
                setattr(entries, attribute, Factory(f"{name}#{entry}", group))
                lines.append(f"{entry} = entries:{attribute}")
        with open(os.path.join(home, "METADATA"), "w") as file:
            file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        with open(os.path.join(home, "entry_points.txt"), "w") as file:
            file.write("\n".join(lines) + "\n")
    fake = types.ModuleType("fake")
    for name, group in functions.items():
        *parents, attribute = name.split(".")
        target = fake
        for parent in parents:
            if not hasattr(target, parent):
                setattr(target, parent, types.SimpleNamespace())
            target = getattr(target, parent)
        setattr(target, attribute, Factory(f"fake:{name}", group))
    sys.modules.update(entries=entries, fake=fake)
    sys.path.insert(0, folder)


def follow_sections():
    """Contexts do not know their sections: they are written down as they are found, the innermost first."""
    get_context = loadwsgi.ConfigLoader.get_context

    def noting(self, object_type, name=None, global_conf=None):
        context = get_context(self, object_type, name, global_conf)
        if not self.absolute_name(name):
            section = self.find_config_section(object_type, name)
            context.sections = [*getattr(context, "sections", []), section]
        return context

    loadwsgi.ConfigLoader.get_context = noting


def described(context):
    kind = context.object_type.name
    found = {"sections": getattr(context, "sections", []), "kind": kind}
    if context.object is not None:
        if context.distribution is None:
            factory = getattr(context.object, "label", type(context.object).__name__)
        else:
            factory = f"{context.distribution.metadata['Name']}#{context.entry_point_name}"
        found["protocol"] = context.protocol
        found["factory"] = factory
    found["global_conf"] = dict(context.global_conf)
    found["local_conf"] = list(context.local_conf.items())
    if kind == "pipeline":
        found["filters"] = [described(inner) for inner in context.filter_contexts]
        found["app"] = described(context.app_context)
    if kind in ("filter_app", "filtered_with"):
        found["filter"] = described(context.filter_context)
        found["next"] = described(context.next_context)
    return found


def error_of(error):
    # How deep Python is when it gives up, and where, is of no interest.
    message = "maximum recursion depth exceeded" if isinstance(error, RecursionError) else str(error)
    return {"type": type(error).__name__, "message": message}


def created(kind, context):
    TRACE.clear()
    found = {}
    try:
        made = context.create()
        if kind != "app":
            made = made(Made("<app>"))
        found["made"] = shown(made)
    except RecursionError as error:
        # The calls on the way down are as many as Python allows.
        return {"trace": [], "failed": error_of(error)}
    except Exception as error:
        found["failed"] = error_of(error)
    return {"trace": list(TRACE), **found}


def all_sections(path):
    """Every section that PasteDeploy could be asked for; [app:main] where there is none, or the file cannot be read."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str
    try:
        with open(path) as file:
            parser.read_file(file)
    except (Error, OSError):
        return [["app", SITE, None]]
    asks = {}
    for section in parser.sections():
        prefix, _, name = section.partition(":")
        if prefix in PREFIXES:
            asks[PREFIXES[prefix], name.strip() if ":" in section else "main"] = None
    return [[kind, SITE, name] for kind, name in asks] or [["app", SITE, None]]


def answers(case):
    folder = os.path.realpath(tempfile.mkdtemp())
    try:
        for path, text in case["files"].items():
            file = os.path.join(folder, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w", newline="") as opened:
                opened.write(text)
        asks = case["asks"] or all_sections(os.path.join(folder, "site.ini"))
        found = [answer(ask, case["vars"], folder) for ask in asks]
    finally:
        shutil.rmtree(folder)
    return json.loads(json.dumps(found).replace(json.dumps(folder)[1:-1], "<here>"))


def answer(ask, given, folder):
    kind, uri, name = ask
    try:
        context = loadwsgi.loadcontext(KINDS[kind], uri, name=name, relative_to=folder, global_conf=dict(given))
    except Exception as error:
        return {"ask": ask, "error": error_of(error)}
    return {"ask": ask, "context": described(context), **created(kind, context)}


def main():
    request = json.load(sys.stdin)
    pastedeploy = importlib.metadata.version("PasteDeploy")
    installed = tempfile.mkdtemp()
    try:
        install(request["distributions"], request["functions"], installed)
        follow_sections()
        found = [answers(case) for case in request["cases"]]
    finally:
        shutil.rmtree(installed)
    json.dump({"python": platform.python_version(), "pastedeploy": pastedeploy, "answers": found}, sys.stdout)


main()
