// pastedeploy-differences.ts: where we are not PasteDeploy on purpose, and why; docs/reference/pastedeploy-differences.md is printed
// from this table.
//
// Law: a case that stands here differs in exactly these lines: PasteDeploy's with a minus, ours with a plus. A case that does not
// stand here does not differ.

export interface Difference {
  readonly id: string;
  readonly title: string;
  /** What PasteDeploy does. */
  readonly pastedeploy: string;
  /** What appserve does. */
  readonly appserve: string;
  readonly reason: string;
  /** By page and title of test/transcripts/pastedeploy. The first is shown on the page. */
  readonly cases: Readonly<Record<string, readonly string[]>>;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'local-wins',
    title: 'A setting wins over [DEFAULT]',
    pastedeploy:
      "A key of a section that [DEFAULT] has too is taken for a global: the section's value feeds `%(name)s`, but its factory never sees it. The same becomes of keys that an outer file's [DEFAULT] or the caller's globals have.",
    appserve: 'What a section says of itself is a setting of its factory. The global of that name stays what it is.',
    reason: 'A line that is written and has no effect is a trap.',
    cases: {
      'globals/A setting that DEFAULT has too': ['app main: + debug = "true"'],
      'globals/A `set` in DEFAULT sees what the section says': ['app own: + who = "me"'],
      'globals/A setting of a filter that DEFAULT has too': ['filter f: + level = "2"', 'server main: + level = "3"'],
      'globals/A setting that DEFAULT has with the same value': ['app main: + debug = "false"'],
      'globals/An app has a setting named here': ['app main: + here = "/app"'],
      'includes/An inner setting that DEFAULT of the outer file has too': ['app main: + debug = "true"'],
      'interpolation/A setting hides what DEFAULT says': ['app main: + host = "example.org"'],
      'vars/A variable that a section has too': ['app main: + port = "80"'],
      'vars/A variable named use': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global use = "egg:FakeApp#other"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable named as a word of the language': [
        'app main: - refuses: LookupError',
        'app main: + pipeline of [pipeline:main]',
        'app main: +   filter FakeApp#upper of [filter:upper]',
        'app main: +     global filter-with = "nowhere"',
        'app main: +     global next = "nowhere"',
        'app main: +     global pipeline = "nowhere"',
        'app main: +   filter-with of [app:app]',
        'app main: +     filter FakeApp#upper of [filter:upper]',
        'app main: +       global filter-with = "nowhere"',
        'app main: +       global next = "nowhere"',
        'app main: +       global pipeline = "nowhere"',
        'app main: +     app FakeApp#main of [app:app]',
        'app main: +       global filter-with = "nowhere"',
        'app main: +       global next = "nowhere"',
        'app main: +       global pipeline = "nowhere"',
        'app main: + makes FakeApp#upper(FakeApp#upper(FakeApp#main))',
        'app app: - app FakeApp#main of [app:app]',
        'app app: - global __file__ = "<here>/site.ini"',
        'app app: - global filter-with = "nowhere"',
        'app app: - global here = "<here>"',
        'app app: - global next = "nowhere"',
        'app app: - global pipeline = "nowhere"',
        'app app: + filter-with of [app:app]',
        'app app: + filter FakeApp#upper of [filter:upper]',
        'app app: + global __file__ = "<here>/site.ini"',
        'app app: + global filter-with = "nowhere"',
        'app app: + global here = "<here>"',
        'app app: + global next = "nowhere"',
        'app app: + global pipeline = "nowhere"',
        'app app: + app FakeApp#main of [app:app]',
        'app app: + global __file__ = "<here>/site.ini"',
        'app app: + global filter-with = "nowhere"',
        'app app: + global here = "<here>"',
        'app app: + global next = "nowhere"',
        'app app: + global pipeline = "nowhere"',
      ],
      'vars/A variable that an included file has too': ['app main: + a = "inner"'],
      'vars/A variable reaches filters and servers': ['app main: + level = "3"', 'filter upper: + level = "3"'],
      'whole-sites/Settings, globals and apps of another file': ['app plain: + one = "hidden"'],
      'whole-sites/Settings, globals and apps of another file, on the command line': ['app plain: + one = "hidden"'],
    },
  },
  {
    id: 'self-reference',
    title: 'A value may add to the one it hides',
    pastedeploy: '`path = %(path)s/local` is never looked at where [DEFAULT] has a `path`, and goes in a circle where it is.',
    appserve:
      'In a value, its own name is that of the value it hides: in [DEFAULT], in the files that use this one, or of the loader.',
    reason: 'It is what people mean who write it, and there was no other way to say it.',
    cases: { 'interpolation/A setting that would extend DEFAULT': ['app main: + path = "/usr/local"'] },
  },
  {
    id: 'command-line-wins',
    title: 'The command line wins everywhere',
    pastedeploy:
      '`name=value` of the command line wins in the globals, but `%(name)s` prefers [DEFAULT] and the section, `set` wins over it, and a setting of that name disappears. So `port=8082` may start a server on another port.',
    appserve:
      'A variable of the command line is the value of every key of that name: in references, in globals, in settings, in included files. Only the words of the language, such as `use`, stay as they are written.',
    reason:
      'Who types a value means it. From TypeScript, `globalConf` is the weaker form, as in PasteDeploy; `vars` is the command line.',
    cases: {
      'vars/A variable that DEFAULT has too, on the command line': [
        'app main: - url = "http://localhost:80/"',
        'app main: + url = "http://localhost:8080/"',
      ],
      'vars/A variable that a section has too, on the command line': [
        'app main: - url = "http://localhost:80/"',
        'app main: + port = "8080"',
        'app main: + url = "http://localhost:8080/"',
      ],
      'vars/A variable that a section sets too, on the command line': [
        'app main: - global port = "80"',
        'app main: - p = "80"',
        'app main: + global port = "8080"',
        'app main: + p = "8080"',
      ],
      'vars/A variable named here, on the command line': ['app main: - a = "<here>"', 'app main: + a = "/elsewhere"'],
      'vars/A variable named use, on the command line': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global use = "egg:FakeApp#other"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable that is empty, on the command line': ['app main: - b = "[1]"', 'app main: + b = "[]"'],
      'vars/A variable reaches filters and servers, on the command line': [
        'app main: + level = "3"',
        'filter upper: + level = "3"',
      ],
      'vars/A variable reaches a file that is included, on the command line': [
        'app main: - b = "default"',
        'app main: + b = "2"',
      ],
      'vars/A variable hides an error in DEFAULT, on the command line': [
        'app main: - refuses: InterpolationMissingOptionError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global a = "1"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable that an included file has too, on the command line': [
        'app main: - b = "inner"',
        'app main: + a = "outer"',
        'app main: + b = "outer"',
      ],
      'vars/A variable named as a word of the language, on the command line': [
        'app main: - refuses: LookupError',
        'app main: + pipeline of [pipeline:main]',
        'app main: +   filter FakeApp#upper of [filter:upper]',
        'app main: +     global filter-with = "nowhere"',
        'app main: +     global next = "nowhere"',
        'app main: +     global pipeline = "nowhere"',
        'app main: +   filter-with of [app:app]',
        'app main: +     filter FakeApp#upper of [filter:upper]',
        'app main: +       global filter-with = "nowhere"',
        'app main: +       global next = "nowhere"',
        'app main: +       global pipeline = "nowhere"',
        'app main: +     app FakeApp#main of [app:app]',
        'app main: +       global filter-with = "nowhere"',
        'app main: +       global next = "nowhere"',
        'app main: +       global pipeline = "nowhere"',
        'app main: + makes FakeApp#upper(FakeApp#upper(FakeApp#main))',
        'app app: - app FakeApp#main of [app:app]',
        'app app: - global __file__ = "<here>/site.ini"',
        'app app: - global filter-with = "nowhere"',
        'app app: - global here = "<here>"',
        'app app: - global next = "nowhere"',
        'app app: - global pipeline = "nowhere"',
        'app app: + filter-with of [app:app]',
        'app app: + filter FakeApp#upper of [filter:upper]',
        'app app: + global __file__ = "<here>/site.ini"',
        'app app: + global filter-with = "nowhere"',
        'app app: + global here = "<here>"',
        'app app: + global next = "nowhere"',
        'app app: + global pipeline = "nowhere"',
        'app app: + app FakeApp#main of [app:app]',
        'app app: + global __file__ = "<here>/site.ini"',
        'app app: + global filter-with = "nowhere"',
        'app app: + global here = "<here>"',
        'app app: + global next = "nowhere"',
        'app app: + global pipeline = "nowhere"',
      ],
    },
  },
  {
    id: 'never-interpolated',
    title: 'Values from outside are taken literally',
    pastedeploy:
      'A value of the command line is interpolated like one of the file, so a lone percent sign in one breaks every section; and a name such as `set x` is a directive. The same goes for what an outer file lends to one that it includes, and for the path of the file itself.',
    appserve: 'What comes from outside the file is a value and nothing else: it is never searched for `%`.',
    reason: 'A password with a percent sign is a password, not a syntax error.',
    cases: {
      'includes/A global with a percent sign goes into an included file': [
        'app main: - refuses: InterpolationSyntaxError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global discount = "50%"',
        'app main: +   b = "50%"',
        'app main: +   a = "50%"',
        'app main: + makes FakeApp#main',
      ],
      'includes/A global that looks like a reference goes into an included file': [
        'app main: - refuses: InterpolationMissingOptionError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global format = "%(message)s"',
        'app main: + makes FakeApp#main',
      ],
      'includes/A folder with a percent sign': [
        'app main: - refuses: InterpolationSyntaxError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   a = "<here>/sub%"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable with a percent sign': [
        'app main: - refuses: InterpolationSyntaxError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global discount = "50%"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable with a percent sign, on the command line': [
        'app main: - refuses: InterpolationSyntaxError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   global discount = "50%"',
        'app main: + makes FakeApp#main',
      ],
      'vars/A variable with two percent signs': ['app main: - a = "50%"', 'app main: + a = "50%%"'],
      'vars/A variable with two percent signs, on the command line': ['app main: - a = "50%"', 'app main: + a = "50%%"'],
      'vars/A variable that refers to another': ['app main: - a = "http://localhost/"', 'app main: + a = "http://%(host)s/"'],
      'vars/A variable that refers to another, on the command line': [
        'app main: - a = "http://localhost/"',
        'app main: + a = "http://%(host)s/"',
      ],
      'vars/A variable named as a directive': ['app main: - global y = "2"', 'app main: - a = "1"'],
      'vars/A variable named as a directive, on the command line': ['app main: - global y = "2"', 'app main: - a = "1"'],
    },
  },
  {
    id: 'filter-with-everywhere',
    title: 'filter-with works on every app',
    pastedeploy:
      '`filter-with` of a pipeline, of a filter-app, or of an app that uses a filtered app gives a function that waits for an app, which fails at the first request.',
    appserve: 'The filter is put around the whole.',
    reason: 'It is a slip: what is to be filtered is taken for a filter, because it is no plain app.',
    cases: {
      'filters/filter-with of a pipeline': [
        'app main: - makes function',
        'app main: + calls FakeApp#lower with FakeApp#upper(FakeApp#main)',
        'app main: + global __file__ = "<here>/site.ini"',
        'app main: + global here = "<here>"',
        'app main: + makes FakeApp#lower(FakeApp#upper(FakeApp#main))',
      ],
      'filters/filter-with of a filter-app': [
        'app main: - makes function',
        'app main: + calls FakeApp#lower with FakeApp#upper(FakeApp#main)',
        'app main: + global __file__ = "<here>/site.ini"',
        'app main: + global here = "<here>"',
        'app main: + makes FakeApp#lower(FakeApp#upper(FakeApp#main))',
      ],
      'filters/filter-with of an app that uses a filtered app': [
        'app main: - makes function',
        'app main: + makes FakeApp#upper(FakeApp#lower(FakeApp#main))',
      ],
      'use/An app uses an app with the same filter': [
        'app main: - makes function',
        'app main: + makes FakeApp#upper(FakeApp#upper(FakeApp#main))',
      ],
    },
  },
  {
    id: 'filter-with-lists',
    title: 'filter-with may name several filters',
    pastedeploy: 'The value is one name.',
    appserve: 'The value is a list of names, the outermost first, as in a pipeline.',
    reason: 'One line says what a chain of sections said.',
    cases: {
      'filters/filter-with of two filters': [
        'app main: - refuses: LookupError',
        'app main: + filter-with of [app:main]',
        'app main: +   filter FakeApp#upper of [filter:upper]',
        'app main: +   filter FakeApp#lower of [filter:lower]',
        'app main: +   app FakeApp#main of [app:main]',
        'app main: + makes FakeApp#upper(FakeApp#lower(FakeApp#main))',
      ],
    },
  },
  {
    id: 'overrides-reach',
    title: 'What stands beside `use` reaches what is used',
    pastedeploy:
      'Where the section that is used has a filter, or is a pipeline or a filter-app, the settings beside `use` are lost without a word, and `set` does not win over the one of the filter.',
    appserve:
      'They reach the app behind the filter, or the filter of the filter-app. A pipeline has no factory that could take them: it refuses them.',
    reason: 'A setting either has an effect or is refused.',
    cases: {
      'filters/Settings for an app that is used and filtered': [
        'app main: - a = "inner"',
        'app main: + a = "outer"',
        'app main: + b = "outer"',
      ],
      'use/An app that uses a filter-app and says more': ['app main: + a = "1"'],
      'use/An app that uses a pipeline and says more': [
        'app main: - pipeline of [pipeline:piped]',
        'app main: -   filter FakeApp#upper of [filter:upper]',
        'app main: -   app FakeApp#main of [app:app]',
        'app main: - makes FakeApp#upper(FakeApp#main)',
        'app main: + refuses: PIPELINE_SETTINGS',
      ],
      'filters/A filter of a filter-app has a filter': ['app main: + a = "1"'],
      'includes/An included app with a filter of its file': ['app main: - a = "inner"', 'app main: + a = "outer"'],
      'use/An app sets a global that the filter of a filter-app sets too': [
        'app main: - global a = "inner"',
        'app main: + global a = "outer"',
      ],
    },
  },
  {
    id: 'own-globals',
    title: 'Every factory has globals of its own',
    pastedeploy:
      'A filter or an app that is named without a section shares its globals with the section that names it: what an outer section sets later is seen there too, and so is what a factory changes.',
    appserve: 'Globals are made for each factory, and frozen.',
    reason: 'What a factory is told does not depend on whether it has a section.',
    cases: {
      'use/A filter sets a global for the filter that it uses, which has a filter without a section': [
        'filter main: - global a = "outer"',
        'filter main: + global a = "inner"',
      ],
      'use/An app sets a global for a pipeline that sets it too': [
        'app main: - global a = "outer"',
        'app main: + global a = "inner"',
      ],
    },
  },
  {
    id: 'names-where-written',
    title: 'Names resolve in the file that wrote them',
    pastedeploy: 'A composite that is reached through `use = config:` looks its apps up in the file that includes it.',
    appserve: 'The value of a setting is a name in the file in which the setting stands.',
    reason: 'A file that is complete stays complete when it is included.',
    cases: {
      'includes/An included composite finds its apps in the file that includes it': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#both of [composite:main]',
        'app main: +   app1 = "home"',
        'app main: + makes FakeApp#both[FakeApp#main]',
      ],
      'includes/An included composite whose apps both files have': [
        'app main: - calls FakeApp#main',
        'app main: - is = "outer"',
        'app main: - makes FakeApp#both[FakeApp#main]',
        'app main: + calls FakeApp#other',
        'app main: + is = "inner"',
        'app main: + makes FakeApp#both[FakeApp#other]',
      ],
    },
  },
  {
    id: 'call-everywhere',
    title: 'call: works wherever a name does',
    pastedeploy:
      'A function is called only where the prefix of a section says what it is: not in `filter-with`, in a pipeline, as a value of a composite, in a filter-app, nor as an address.',
    appserve: 'Where no section says it, what is asked for says it: a filter, an app, a server.',
    reason: 'The place leaves no doubt.',
    cases: {
      'composites/A function as an app of a composite': [
        'app main: - refuses: AssertionError',
        'app main: + app FakeApp#both of [composite:main]',
        'app main: +   app1 = "call:fake:make_app"',
        'app main: + makes FakeApp#both[fake:make_app]',
      ],
      'filters/A filter-app that calls a function': [
        'app main: - refuses: AssertionError',
        'app main: + filter-app of [filter-app:main]',
        'app main: +   filter fake:make_filter of [filter-app:main]',
        'app main: +   app FakeApp#main of [app:app]',
        'app main: + makes fake:make_filter(FakeApp#main)',
      ],
      'filters/filter-with of a function': [
        'app main: - refuses: AssertionError',
        'app main: + filter-with of [app:main]',
        'app main: +   filter fake:make_filter',
        'app main: +   app FakeApp#main of [app:main]',
        'app main: + makes fake:make_filter(FakeApp#main)',
      ],
      'pipelines/A function as an item': [
        'app main: - refuses: AssertionError',
        'app main: + pipeline of [pipeline:main]',
        'app main: +   filter fake:make_filter',
        'app main: +   app fake:make_app',
        'app main: + makes fake:make_filter(fake:make_app)',
      ],
      'uris/A call from outside of any section': [
        'app call:fake:make_app: - refuses: AssertionError',
        'app call:fake:make_app: + app fake:make_app',
        'app call:fake:make_app: + makes fake:make_app',
        'app call:fake:make_app: - refuses: AssertionError',
        'app call:fake:make_app: + app fake:make_app',
        'app call:fake:make_app: + makes fake:make_app',
      ],
    },
  },
  {
    id: 'call-methods',
    title: 'call: finds methods',
    pastedeploy: 'The documentation promises `call:module:object.method`; the code looks for an attribute whose name has a dot.',
    appserve: '`call:./app.js:Shop.make` is the export Shop and its property make.',
    reason: 'It is what the documentation says, and what `paste.app_factory` does.',
    cases: {
      'uris/A method of an object, with call': [
        'app main: - refuses: AttributeError',
        'app main: + app fake:Object.make of [app:main]',
        'app main: + makes fake:Object.make',
      ],
    },
  },
  {
    id: 'bare-sections',
    title: 'Bare sections are main',
    pastedeploy: '[app] and [server] are documented, but never found.',
    appserve: '[app] is [app:main]; so with every prefix.',
    reason: 'It is what the documentation says.',
    cases: {
      'sections/A bare app': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [app]',
        'app main: +   a = "1"',
        'app main: + makes FakeApp#main',
      ],
      'sections/A bare server': [
        'server main: - refuses: LookupError',
        'server main: + server FakeApp#serve of [server]',
        'server main: +   port = "80"',
        'server main: + makes FakeApp#serve(<app>)',
      ],
      'sections/A bare filter': [
        'filter main: - refuses: LookupError',
        'filter main: + filter FakeApp#upper of [filter]',
        'filter main: + makes FakeApp#upper(<app>)',
        'app main: - refuses: LookupError',
        'app main: + filter-with of [app:main]',
        'app main: +   filter FakeApp#upper of [filter]',
        'app main: +   app FakeApp#main of [app:main]',
        'app main: + makes FakeApp#upper(FakeApp#main)',
      ],
      'sections/A bare composite': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#both of [composite]',
        'app main: + makes FakeApp#both[]',
      ],
      'sections/A bare application': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [application]',
        'app main: + makes FakeApp#main',
      ],
      'whole-sites/An ini that is a program': [
        'server main: - refuses: LookupError',
        'server main: + server FakeApp#serve of [server]',
        'server main: + makes FakeApp#serve(<app>)',
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [app]',
        'app main: + makes FakeApp#main',
      ],
    },
  },
  {
    id: 'aliases',
    title: 'Two sections of one name are refused, also under aliases',
    pastedeploy: 'Of [app:main] and [application:main] the first is taken, and of [composite:main] and [composit:main].',
    appserve: 'Both are names of one app: SECTION_AMBIGUOUS.',
    reason: 'One of the two would have no effect.',
    cases: {
      'sections/An app and an application of one name': [
        'app main: - app FakeApp#main of [app:main]',
        'app main: - makes FakeApp#main',
        'app main: + refuses: SECTION_AMBIGUOUS',
      ],
      'sections/A composite and a composit of one name': [
        'app main: - app FakeApp#alone of [composite:main]',
        'app main: - makes FakeApp#alone[]',
        'app main: + refuses: SECTION_AMBIGUOUS',
      ],
    },
  },
  {
    id: 'protocol-beside-use',
    title: 'A protocol beside `use` is dropped',
    pastedeploy:
      '`use` wins, and a line such as `paste.server_factory = ...` becomes a setting, which factories that know no such setting refuse.',
    appserve: '`use` wins, and the line has no effect.',
    reason: 'Generated files have both lines; what names a factory is not meant for it.',
    cases: {
      'protocols/A protocol beside use': ['server main: - paste.server_factory = "fake:make_server"'],
      'protocols/A protocol of an app beside use': ['app main: - paste.app_factory = "fake:make_app"'],
      'protocols/A protocol in a section that is used with another protocol': ['app main: - paste.app_factory = "fake:make_app"'],
      'whole-sites/The wsgi.ini of a Plone site': ['server main: - paste.server_factory = "plone.recipe.zope2instance:main"'],
    },
  },
  {
    id: 'several-protocols',
    title: 'Two protocols in one section are always refused',
    pastedeploy:
      "Two of an app are refused; of two protocols of a filter or a server the first in an order of PasteDeploy's own is taken, and the other becomes a setting.",
    appserve: 'Two are refused: PROTOCOLS_SEVERAL.',
    reason: 'Nobody can see which of the two is meant.',
    cases: {
      'protocols/Two protocols of a filter': [
        'filter main: - filter fake:make_filter of [filter:main]',
        'filter main: -   paste.filter_app_factory = "fake:make_filter_app"',
        'filter main: -   a = "1"',
        'filter main: - makes fake:make_filter(<app>)',
        'filter main: + refuses: PROTOCOLS_SEVERAL',
      ],
      'protocols/Two protocols of a server': [
        'server main: - server fake:make_server of [server:main]',
        'server main: -   paste.server_runner = "fake:make_runner"',
        'server main: - makes fake:make_server(<app>)',
        'server main: + refuses: PROTOCOLS_SEVERAL',
      ],
      'filters/A filter-app with two protocols': [
        'app main: - filter-app of [filter-app:main]',
        'app main: -   filter fake:make_filter of [filter-app:main]',
        'app main: -     paste.filter_app_factory = "fake:make_filter_app"',
        'app main: -   app FakeApp#main of [app:app]',
        'app main: - makes fake:make_filter(FakeApp#main)',
        'app main: + refuses: PROTOCOLS_SEVERAL',
      ],
    },
  },
  {
    id: 'require-versions',
    title: 'require understands versions',
    pastedeploy: 'A word with a version is the name of a distribution that is never there.',
    appserve: 'A name may be followed by a range of versions.',
    reason: 'It is what the documentation once promised.',
    cases: {
      'protocols/require with a version': [
        'app main: - refuses: PackageNotFoundError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: + makes FakeApp#main',
      ],
    },
  },
  {
    id: 'extras',
    title: 'References have no extras',
    pastedeploy: '`paste.app_factory = module:name [extra]` is accepted, and the extra is passed over.',
    appserve: 'The whole is a name that the module does not have.',
    reason: 'Packages of npm have no extras.',
    cases: {
      'protocols/A reference with extras': [
        'app main: - app fake:make_app of [app:main]',
        'app main: - makes fake:make_app',
        'app main: + refuses: EXPORT_MISSING',
      ],
    },
  },
  {
    id: 'package-names',
    title: "Packages have npm's names",
    pastedeploy: 'The names of distributions do not distinguish capitals, nor `-`, `_` and `.`.',
    appserve: 'A name is that of a folder in node_modules, exactly.',
    reason: 'They are other packages for npm.',
    cases: {
      'uris/A distribution is found in any case': [
        'app main: - app FakeApp#main of [app:main]',
        'app main: - makes FakeApp#main',
        'app main: + refuses: PACKAGE_MISSING',
      ],
      'uris/A distribution may have another name than its modules': [
        'app main: - app other-dist.name#main of [app:main]',
        'app main: - makes other-dist.name#main',
        'app main: + refuses: PACKAGE_MISSING',
      ],
    },
  },
  {
    id: 'packages-and-files',
    title: 'Packages and files have short names',
    pastedeploy: 'Only sections have names without a scheme.',
    appserve:
      'Where no section has the name, `shop#main` is an entry point of the package shop, as `egg:shop#main` is, and `./shop.js#main` an export of a file beside the ini.',
    reason: 'It is how Node names packages and files.',
    cases: {
      'uris/A package without egg:': [
        'app main: - refuses: LookupError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   a = "1"',
        'app main: + makes FakeApp#main',
      ],
      'uris/A file beside the ini': [
        'app main: - refuses: LookupError',
        'app main: + app fake:make_app of [app:main]',
        'app main: +   a = "1"',
        'app main: + makes fake:make_app',
      ],
    },
  },
  {
    id: 'outside',
    title: 'Values may come from the environment and from files',
    pastedeploy: '`%(env:HOME)s` is a reference to a key that there is not; there is no way to the environment.',
    appserve: '`%(env:NAME)s`, `%(env:NAME|fallback)s` and `%(file:path)s` are values of the environment and texts of files.',
    reason: 'Secrets do not belong into an ini. No key has a colon in its name, so no ini loses a meaning.',
    cases: {
      'interpolation/A reference to the environment': [
        'app main: - refuses: InterpolationMissingOptionError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   a = "fallback"',
        'app main: + makes FakeApp#main',
      ],
      'interpolation/A reference to a file': [
        'app main: - refuses: InterpolationMissingOptionError',
        'app main: + app FakeApp#main of [app:main]',
        'app main: +   password = "swordfish"',
        'app main: + makes FakeApp#main',
      ],
    },
  },
  {
    id: 'addresses',
    title: 'The address of a configuration is a path',
    pastedeploy: 'The address must begin with `config:`, `egg:` or `call:`.',
    appserve: 'An address without one of these is the path of an ini, and may have variables: `site.ini?port=8081#main`.',
    reason: '`appserve development.ini` is what is typed; plaster has it so too.',
    cases: {
      'uris/A URI must have a scheme': [
        'app site.ini: - refuses: LookupError',
        'app site.ini: + app FakeApp#main of [app:main]',
        'app site.ini: + makes FakeApp#main',
      ],
      'uris/An address with variables': [
        'app config:site.ini?port=8081: - refuses: FileNotFoundError',
        'app config:site.ini?port=8081: + app FakeApp#main of [app:main]',
        'app config:site.ini?port=8081: +   global port = "8081"',
        'app config:site.ini?port=8081: +   a = "8081"',
        'app config:site.ini?port=8081: + makes FakeApp#main',
      ],
    },
  },
  {
    id: 'byte-order-mark',
    title: 'A byte order mark is passed over',
    pastedeploy: 'A file that begins with one has text before its first section.',
    appserve: 'It is passed over.',
    reason: 'Some editors write it, and nobody sees it.',
    cases: {
      'syntax/A byte order mark': [
        'app config:site.ini: - refuses: MissingSectionHeaderError',
        'app config:site.ini: + app FakeApp#main of [app:main]',
        'app config:site.ini: + makes FakeApp#main',
      ],
    },
  },
  {
    id: 'numbers-as-keys',
    title: 'Keys that are numbers come first',
    pastedeploy: 'Settings come to a factory in the order of the file.',
    appserve: 'So they do, but an object of JavaScript has keys such as 1 and 10 in front, in the order of their numbers.',
    reason: 'Settings are a plain object, which is what factories expect.',
    cases: {
      'syntax/Keys of numbers keep their order': [
        'app main: the same lines in another order',
        'app main: calls FakeApp#main',
        'app main:   global __file__ = "<here>/site.ini"',
        'app main:   global here = "<here>"',
        'app main:   1 = "c"',
        'app main:   2 = "b"',
        'app main:   10 = "a"',
        'app main: makes FakeApp#main',
      ],
    },
  },
];
