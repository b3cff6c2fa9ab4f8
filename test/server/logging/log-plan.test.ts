// Options and the sections of an ini together: who logs what where.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoggerTree, type LoggingConfig } from '@appserve/core/log';
import { planLog, type LogSettings } from '@appserve/server/machines';

const DEFAULTS: LogSettings = {
  accessLogFormat: 'combined',
  asyncLogging: true,
  errorLog: undefined,
  log: undefined,
  logFormat: 'auto',
  logLevel: undefined,
  logRequestId: false,
};

const SITE = { isTerminal: false, folder: '/srv/site' };
const STDERR = {
  to: { type: 'stream', stream: 'stderr' },
  level: 0,
  formatter: { type: 'pattern', format: '%(lineno)d %(message)s' },
} as const;
const SECTIONS: LoggingConfig = {
  loggers: { '': { level: 30, handlers: ['console'], propagate: true }, shop: { level: 10, handlers: [], propagate: true } },
  handlers: { console: STDERR },
};

/** `level handlers` of a logger, by where the handlers lead. */
function of(name: string, settings: Partial<LogSettings>, sections?: LoggingConfig): string {
  const { channel } = planLog({ ...DEFAULTS, ...settings }, sections, SITE);
  const tree = new LoggerTree();
  tree.configure(channel.logging);
  const where = tree.handlersOf(name).map((handler) => {
    const { to, formatter } = channel.logging.handlers[handler]!;
    return `${'path' in to ? to.path : 'stream' in to ? to.stream : to.type} ${formatter.type}`;
  });
  return [tree.levelOf(name), ...where].join(', ');
}

/** Of the one handler, where standard error is a terminal. */
function typeOf(settings: Partial<LogSettings>): string {
  return Object.values(
    planLog({ ...DEFAULTS, ...settings }, undefined, { ...SITE, isTerminal: true }).channel.logging.handlers,
  )[0]!.formatter.type;
}

describe('without logging sections', () => {
  const CASES: readonly (readonly [settings: Partial<LogSettings>, expected: string])[] = [
    [{}, '20, stderr text'],
    [{ logLevel: 'debug', logFormat: 'json' }, '10, stderr json'],
    [{ errorLog: '/var/log/x' }, '20, /var/log/x text'],
    [{ errorLog: 'logs/x' }, '20, /srv/site/logs/x text'],
    [{ errorLog: 'None' }, '20'],
    [{ errorLog: { write: () => undefined } }, '20'],
  ];
  for (const [settings, expected] of CASES) {
    it(`all loggers obey the options: ${JSON.stringify(settings)}`, () => {
      assert.equal(of('appserve', settings), expected);
      assert.equal(of('shop.cart', settings), expected);
    });
  }

  it('a terminal gets colours, a file does not', () => {
    assert.equal(typeOf({}), 'pretty');
    assert.equal(typeOf({ errorLog: '/x' }), 'text');
    assert.equal(typeOf({ logFormat: 'text' }), 'text');
  });
});

describe('with logging sections', () => {
  const CASES: readonly (readonly [name: string, settings: Partial<LogSettings>, expected: string])[] = [
    ['appserve', {}, '30, stderr pattern'],
    ['appserve', { logLevel: 'debug' }, '10, stderr pattern'],
    ['shop.cart', { logLevel: 'error' }, '10, stderr pattern'],
    ['appserve', { errorLog: '/x' }, '20, /x text'],
    ['shop', { errorLog: '/x' }, '10, stderr pattern'],
    ['appserve', { errorLog: 'None' }, '20'],
    ['shop', { errorLog: 'shop', logLevel: 'warn' }, '30, stderr pattern'],
  ];
  for (const [name, settings, expected] of CASES) {
    it(`${name} obeys ${JSON.stringify(settings)}`, () => assert.equal(of(name, settings, SECTIONS), expected));
  }

  it('the server speaks by the logger that error_log names', () => {
    assert.equal(planLog({ ...DEFAULTS, errorLog: 'shop' }, SECTIONS, SITE).channel.logger, 'shop');
    assert.equal(planLog({ ...DEFAULTS, errorLog: 'root' }, SECTIONS, SITE).channel.logger, '');
    assert.equal(planLog(DEFAULTS, SECTIONS, SITE).channel.logger, 'appserve');
  });

  it('it is known whether the place in the code is wanted', () => {
    assert.equal(planLog(DEFAULTS, SECTIONS, SITE).needsCaller, true);
    assert.equal(planLog(DEFAULTS, undefined, SITE).needsCaller, false);
  });

  it('the access log goes to a logger that they have, else to a file', () => {
    assert.deepEqual(planLog({ ...DEFAULTS, log: 'shop' }, SECTIONS, SITE).access, {
      format: 'combined',
      to: 'logger',
      logger: 'shop',
    });
    assert.deepEqual(planLog({ ...DEFAULTS, log: 'shop' }, undefined, SITE).access, { format: 'combined', to: 'lines' });
    assert.equal(planLog({ ...DEFAULTS, log: 'None' }, undefined, SITE).access, undefined);
  });
});
