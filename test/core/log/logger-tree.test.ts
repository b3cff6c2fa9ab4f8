// Loggers by name: what each inherits, and what a second configuration leaves of the first.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoggerTree, type LoggingConfig } from '@appserve/core/log';

function config(loggers: LoggingConfig['loggers']): LoggingConfig {
  return { loggers, handlers: {} };
}

const SITE = config({
  '': { level: 20, handlers: ['console'], propagate: true },
  shop: { level: 10, handlers: [], propagate: true },
  'shop.queue': { handlers: ['events'], propagate: false },
  wsgi: { level: 30, handlers: ['access'], propagate: false },
});

describe('a tree of loggers', () => {
  it('is WARNING and silent before anybody configures it', () => {
    const tree = new LoggerTree();
    assert.equal(tree.levelOf('anything.at.all'), 30);
    assert.deepEqual(tree.handlersOf('anything'), []);
  });

  it('has each inherit the level of the nearest one above that has one', () => {
    const tree = new LoggerTree();
    tree.configure(SITE);
    const levels = ['', 'root', 'shop', 'shop.cart', 'shop.queue', 'shop.queue.x', 'shopping', 'wsgi', 'wsgi.a.b'];
    assert.deepEqual(
      levels.map((name) => tree.levelOf(name)),
      [20, 20, 10, 10, 10, 10, 20, 30, 30],
    );
  });

  it('brings records to the handlers above, up to the first one that does not propagate', () => {
    const tree = new LoggerTree();
    tree.configure(SITE);
    assert.deepEqual(tree.handlersOf('shop.cart'), ['console']);
    assert.deepEqual(tree.handlersOf('shop.queue.x'), ['events']);
    assert.deepEqual(tree.handlersOf('wsgi'), ['access']);
    assert.deepEqual(tree.handlersOf('other'), ['console']);
  });

  it('disables, where that is asked for, those that somebody has and nobody names; not those below a named one', () => {
    const tree = new LoggerTree();
    for (const name of ['other', 'shop.cart', 'wsgi']) tree.get(name);
    tree.configure(SITE, true);
    assert.equal(tree.levelOf('other'), Number.POSITIVE_INFINITY);
    assert.equal(tree.levelOf('shop.cart'), 10);
    assert.equal(tree.levelOf('later'), 20);
    tree.configure(SITE, false);
    assert.equal(tree.levelOf('other'), 20);
  });

  it('has those below a named logger forget what they had', () => {
    const tree = new LoggerTree();
    tree.configure(config({ '': { handlers: [], propagate: true }, 'a.b': { level: 50, handlers: ['x'], propagate: false } }));
    tree.configure(
      config({ '': { level: 20, handlers: ['y'], propagate: true }, a: { level: 10, handlers: [], propagate: true } }),
    );
    assert.equal(tree.levelOf('a.b'), 10);
    assert.deepEqual(tree.handlersOf('a.b'), ['y']);
  });

  it('keeps a level that was set by hand, whatever comes later', () => {
    const tree = new LoggerTree();
    tree.setLevel('shop', 40);
    tree.configure(SITE);
    assert.equal(tree.levelOf('shop.cart'), 40);
    tree.setLevel('shop.cart', 10);
    assert.equal(tree.levelOf('shop.cart'), 10);
    assert.equal(tree.levelOf('shop'), 40);
  });
});
