"""What zc.buildout makes of configurations: its language only, no recipe is run. Reads cases as JSON, writes answers as JSON.

A case is {"files": {path: text}, "given": ["section:option=value", ...]}; its answer {"error": ...} or {"sections": {name: {option:
value} or {"error": ...}}}. It needs zc.buildout 4 or newer, from pip.
"""
import contextlib, copy, io, json, os, sys, tempfile, types, warnings
warnings.simplefilter('ignore')


class Anything(types.ModuleType):
    """Stands for modules that install packages: only the language is asked for."""
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        value = Anything(self.__name__ + '.' + name)
        setattr(self, name, value)
        return value

    def __call__(self, *args, **options):
        return None


NAMES = ('easy_install', 'download', 'rmtree', 'patches')
for name in NAMES:
    sys.modules['zc.buildout.' + name] = Anything('zc.buildout.' + name)
import zc.buildout
for name in NAMES:
    setattr(zc.buildout, name, sys.modules['zc.buildout.' + name])
import zc.buildout.buildout as language
import importlib.metadata
language.Options.initialize = lambda self: None


def sections_of(folder, given):
    data, _ = language._open(folder, os.path.join(folder, 'buildout.cfg'), [], {}, {}, set(), {})
    data = language._update({'buildout': {'directory': language.SectionKey(folder, 'COMPUTED_VALUE')}}, data)
    above = {}
    for word in given:
        option, value = word.split('=', 1)
        section, option = option.split(':') if ':' in option else ('buildout', option)
        above.setdefault(section, {})[option.strip()] = language.SectionKey(value, 'COMMAND_LINE_VALUE')
    raw = language._unannotate(language._update(data, above))
    answers = {}
    for name in raw:
        # Each from the beginning: what one section has made shall not be seen by the next.
        buildout = language.Buildout.__new__(language.Buildout)
        buildout._raw, buildout._data, buildout._parts = copy.deepcopy(raw), {}, []
        try:
            options = buildout[name]
            answers[name] = {key: options.get(key) for key in sorted(options.keys())}
        except Exception as error:
            answers[name] = {'error': type(error).__name__}
    return answers


def answer(case):
    with tempfile.TemporaryDirectory() as folder:
        folder = os.path.realpath(folder)
        for path, text in case['files'].items():
            os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
            with open(os.path.join(folder, path), 'w', newline='', encoding='utf-8') as file:
                file.write(text)
        os.chdir(folder)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                found = {'sections': sections_of(folder, case['given'])}
        except Exception as error:
            found = {'error': type(error).__name__}
        os.chdir('/')
        return json.loads(json.dumps(found).replace(folder, '<here>'))


cases = json.load(sys.stdin)
print(json.dumps({
    'buildout': importlib.metadata.version('zc.buildout'),
    'python': sys.version.split()[0],
    'answers': {name: answer(case) for name, case in cases.items()},
}))
