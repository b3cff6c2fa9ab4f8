// Formats of an ini: what CPython makes of the same records, field by field.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compilePattern, strftime, whyNoPattern, type FormatterConfig } from '@appserve/core/log';
import { absent } from '../../support/programs.ts';
import { asPython, askLogging, event } from '../../support/python-logging.ts';

const RECORDS = [
  event(),
  event({ name: 'root', level: 30, message: 'naïve ☃ text', epochMs: new Date(2_026, 0, 4, 0, 5, 9, 999).getTime() }),
  event({ name: 'a.very.long.name.of.a.logger', level: 50, message: '' }),
  event({ level: 15, message: "it's %d %s {x}", pid: 7, threadId: 1 }),
];

const PERCENT = [
  '%(asctime)s %(levelname)-5.5s [%(name)s:%(lineno)s][%(threadName)s] %(message)s',
  '%(asctime)s %(levelname)s [%(name)s:%(lineno)s][%(threadName)s] %(message)s',
  '%(message)s',
  '%(levelno)d|%(levelno)5d|%(levelno)-5d|%(levelno)05d|%(levelno)+d|%(levelno) d %(levelno)x %(levelno)#x %(levelno)o %(levelno)#o %(levelno)X',
  '%(levelno)s|%(levelno)r|%(message)r|%(message)a|%(name)20s|%(name)-20s|%(name).3s|%(name)10.3s|',
  '%(created)f %(created).3f %(created)e %(created)E %(created)g %(created)G %(created)d %(msecs)03d %(msecs)d',
  '%(relativeCreated)d %(relativeCreated).1f %(thread)d %(process)d %(processName)s %(pathname)s %(filename)s %(module)s %(funcName)s',
  '100%% %(message)s %%(name)s',
  '%(msecs)5.1f|%(msecs)-8.2f|%(msecs)+.0f|%(relativeCreated)010d|',
];

const BRACE = [
  '{asctime} {levelname:<8} {name:>30} {message}',
  '{levelname:^12}|{levelname:*^12}|{name:.4}|{name:<6.4}|{message!r}|{name!s:>20}',
  '{levelno:d} {levelno:5d} {levelno:05d} {levelno:<5} {levelno:x} {levelno:#x} {created:.3f} {process:,} {relativeCreated:+.1f}',
  '{{literal}} {message}',
];

const DOLLAR = ['$asctime ${levelname} $name: $message $$5', '${name}x ${lineno}'];

const DATES = [
  '%Y-%m-%d %H:%M:%S',
  '%d/%b/%Y:%H:%M:%S %z',
  '%a %A %b %B %c %C %d %D %e %F %g %G %h %H %I %j %k %l %m %M %n %p %P %r %R %S %s %t %T %u %U %V %w %W %x %X %y %Y %z %%',
];

function questions(): FormatterConfig[] {
  const configs: FormatterConfig[] = [
    ...PERCENT.map((format): FormatterConfig => ({ type: 'pattern', format })),
    ...BRACE.map((format): FormatterConfig => ({ type: 'pattern', format, style: '{' })),
    ...DOLLAR.map((format): FormatterConfig => ({ type: 'pattern', format, style: '$' })),
    ...DATES.map((datefmt): FormatterConfig => ({ type: 'pattern', format: '%(asctime)s|%(message)s', datefmt })),
    { type: 'pattern' },
  ];
  return configs;
}

describe('a format of an ini', { skip: absent('python3') }, () => {
  it('gives what CPython gives', () => {
    const asked = questions().flatMap((config) => RECORDS.map((record) => ({ config, record })));
    const answers = askLogging<{ readonly line?: string; readonly error?: string }>(
      asked.map(({ config, record }) => ({
        format: config.format ?? null,
        datefmt: config.datefmt ?? null,
        style: config.style ?? '%',
        record: asPython(record),
      })),
    );
    for (const [index, { config, record }] of asked.entries()) {
      const { line, error } = answers[index]!;
      assert.equal(error, undefined, config.format);
      assert.equal(compilePattern(config).render(record), line, config.format);
    }
  });

  it('is refused where CPython refuses it', () => {
    const WRONG: readonly FormatterConfig[] = [
      { type: 'pattern', format: 'hello' },
      { type: 'pattern', format: 'hello', style: '{' },
      { type: 'pattern', format: 'hello', style: '$' },
      { type: 'pattern', format: '{message:zz}', style: '{' },
    ];
    const answers = askLogging<{ readonly error?: string }>(
      WRONG.map(({ format, style = '%' }) => ({ format, style, record: asPython(event()) })),
    );
    for (const [index, config] of WRONG.entries()) {
      assert.match(answers[index]!.error ?? '', /^ValueError/);
      assert.notEqual(whyNoPattern(config), undefined, config.format);
    }
  });

  it('has dates as strftime has them, through years', () => {
    const times = Array.from({ length: 400 }, (_, index) => Math.floor(Date.UTC(2_019, 11, 20) / 1_000) + index * 1_234_567);
    const format = '%Y-%m-%d %j %U %W %V %G %u %w %I %p %y %e';
    const [answer] = askLogging<readonly string[]>([{ strftime: format, times }]);
    assert.deepEqual(
      times.map((seconds) => strftime(format, new Date(seconds * 1_000))),
      answer,
    );
  });
});

describe('a field that a record has not', () => {
  it('is what the app has logged under that name, or the default, or -', () => {
    const { render } = compilePattern({ type: 'pattern', format: '%(user)s %(ip)s %(age)d', defaults: { ip: 'nowhere' } });
    assert.equal(render(event({ fields: { user: 'ann' } })), 'ann nowhere -');
  });

  it('such as the place in the code is said to cost something', () => {
    assert.equal(compilePattern({ type: 'pattern', format: '%(lineno)d' }).needsCaller, true);
    assert.equal(compilePattern({ type: 'pattern', format: '%(message)s' }).needsCaller, false);
  });
});
