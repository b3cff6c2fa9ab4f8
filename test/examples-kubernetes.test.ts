// examples/kubernetes: manifests that Kubernetes would take, and that agree with each other, with the ini and with our metrics.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { Command, write } from './support/command.ts';
import { schemaFault, typeFaults, type Manifest } from './support/manifests.ts';
import { inRepository } from './support/repository.ts';
import { linkPackages, temporaryFolder } from './support/temporary.ts';

const text = (name: string): string => readFileSync(inRepository(`examples/kubernetes/${name}`), 'utf8');
const read = (name: string): unknown => parse(text(name));

/** Values of a chart: no manifest. */
const VALUES = 'prometheus-adapter.yaml';
const NAMES = readdirSync(inRepository('examples/kubernetes')).filter((name) => name.endsWith('.yaml') && name !== VALUES);

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}
interface Container {
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly valueFrom: { readonly resourceFieldRef: { readonly resource: string } };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
  readonly resources: Readonly<Record<'limits' | 'requests', Readonly<Record<'cpu' | 'memory', string>>>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath: string }[];
}
interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: { readonly runAsUser: number };
        readonly containers: readonly [Container];
        readonly volumes: readonly [{ readonly name: string; readonly configMap: { readonly name: string } }];
      };
    };
  };
}

const deployment = read('deployment.yaml') as Deployment;
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const INI = text('production.ini');

function said(key: string): string {
  const [, value] = new RegExp(`^${key} = (.+)$`, 'm').exec(INI) ?? assert.fail(key);
  return value!;
}

/** A manifest with a mistake, and the word that a complaint about it has. */
const BROKEN: readonly (readonly [name: string, from: string, to: string, word: string])[] = [
  ['deployment.yaml', 'readinessProbe:', 'readynessProbe:', 'readynessProbe'],
  ['deployment.yaml', 'containerPort: 8080', "containerPort: '8080'", 'string'],
  ['hpa.yaml', 'maxReplicas: 10', 'maximum: 10', 'maximum'],
  ['pdb.yaml', 'maxUnavailable: 1', 'maxUnavailible: 1', 'maxUnavailible'],
];

describe('the manifests of examples/kubernetes', () => {
  it('are all that there are', () => {
    assert.deepEqual(NAMES, ['configmap.yaml', 'deployment.yaml', 'hpa.yaml', 'pdb.yaml', 'service.yaml']);
  });

  for (const name of NAMES) {
    it(`are right by the schemas of the API: ${name}`, () => assert.equal(schemaFault(read(name) as Manifest), undefined));
  }

  it('would be refused with a value of another type, or without one', () => {
    const broken = ([name, from, to]: (typeof BROKEN)[number]): Manifest => parse(text(name).replace(from, to)) as Manifest;
    assert.match(schemaFault(broken(BROKEN[1]!))!, /containerPort must be integer/);
    assert.match(schemaFault(broken(BROKEN[2]!))!, /must have required property '?maxReplicas/);
  });

  it('have no field that the API does not know; one that is misspelt is found', { timeout: 240_000 }, () => {
    const broken = BROKEN.map(([name, from, to]) => {
      assert.ok(text(name).includes(from), from);
      return parse(text(name).replace(from, to)) as Manifest;
    });
    const faults = typeFaults([...NAMES.map((name) => read(name) as Manifest), ...broken]);
    assert.deepEqual(
      faults.slice(0, NAMES.length),
      NAMES.map(() => []),
    );
    for (const [index, [, , , word]] of BROKEN.entries())
      assert.match(faults[NAMES.length + index]!.join('\n'), new RegExp(word), word);
  });
});

describe('what belongs together in examples/kubernetes', () => {
  it('has one name, and the labels that it is found by', () => {
    for (const name of NAMES) assert.equal((read(name) as Manifest).metadata.name, 'site', name);
    const labels = { 'app.kubernetes.io/name': 'site' };
    assert.deepEqual(deployment.spec.selector.matchLabels, labels);
    assert.deepEqual(deployment.spec.template.metadata.labels, labels);
    const { spec: service } = read('service.yaml') as { spec: { selector: object } };
    assert.deepEqual(service.selector, labels);
    const { spec: budget } = read('pdb.yaml') as { spec: { selector: { matchLabels: object } } };
    assert.deepEqual(budget.selector.matchLabels, labels);
  });

  it('listens where it is asked', () => {
    const ports = Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, `0.0.0.0:${containerPort}`]));
    assert.deepEqual(ports, { http: said('listen'), metrics: said('metrics') });
    const { startupProbe, readinessProbe, livenessProbe } = container;
    assert.deepEqual(
      [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet),
      ['/-/ready', '/-/ready', '/-/live'].map((path) => ({ path, port: 'metrics' })),
    );
    const { spec } = read('service.yaml') as { spec: { ports: readonly [{ targetPort: string }] } };
    assert.equal(spec.ports[0].targetPort, 'http');
    const { annotations } = deployment.spec.template.metadata;
    assert.equal(`0.0.0.0:${annotations['prometheus.io/port']}`, said('metrics'));
  });

  it('gives a pod the time that it takes to stop', () => {
    const takesS = ['stop_delay', 'graceful_timeout'].map((key) => Number(/^(\d+)s$/.exec(said(key))![1]));
    const sum = takesS.reduce((one, other) => one + other);
    assert.ok(pod.terminationGracePeriodSeconds >= sum + 5, `${sum} s, and time for apps to close`);
  });

  it('runs what the image of examples/docker runs, as its user', () => {
    const dockerfile = readFileSync(inRepository('examples/docker/Dockerfile'), 'utf8');
    assert.ok(dockerfile.includes(`CMD ${JSON.stringify(container.args).replaceAll(',', ', ')}\n`));
    assert.ok(dockerfile.includes(`USER ${pod.securityContext.runAsUser}:`));
    const [mount] = container.volumeMounts;
    assert.equal(mount!.mountPath, `/srv/site/${container.args[1]}`);
    const [volume] = pod.volumes;
    assert.deepEqual([volume.name, volume.configMap.name], [mount!.name, (read('configmap.yaml') as Manifest).metadata.name]);
  });

  it('has as many workers as CPUs, whatever Node counts', () => {
    const [env] = container.env;
    assert.deepEqual([env!.name, env!.valueFrom.resourceFieldRef.resource], ['APPSERVE_WORKERS', 'limits.cpu']);
    assert.ok(container.resources.limits.cpu !== undefined);
  });

  it('scales by a metric that we have, and that the adapter makes', () => {
    interface Metric {
      readonly pods?: { readonly metric: { readonly name: string } };
    }
    const { spec } = read('hpa.yaml') as { spec: { metrics: readonly Metric[]; scaleTargetRef: object } };
    const asked = spec.metrics.flatMap(({ pods }) => (pods === undefined ? [] : [pods.metric.name]));
    const { rules } = read(VALUES) as { rules: { custom: readonly { seriesQuery: string; name: { as: string } }[] } };
    assert.deepEqual(
      asked,
      rules.custom.map(({ name }) => name.as),
    );
    const reference = readFileSync(inRepository('docs/reference/metrics.md'), 'utf8');
    for (const { seriesQuery } of rules.custom) assert.ok(reference.includes(`| \`${seriesQuery.split('{')[0]}\` | gauge |`));
    // Or each apply would fight with the autoscaler.
    assert.equal(deployment.spec.replicas, undefined);
    assert.deepEqual(spec.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'Deployment', name: 'site' });
  });

  it('has a configuration that is right', async () => {
    const { data } = read('configmap.yaml') as { data: Readonly<Record<string, string>> };
    assert.deepEqual(data, { 'production.ini': INI });
    using folder = temporaryFolder();
    linkPackages(folder);
    write(folder, { ...data, 'app.js': text('app.js') });
    await using command = Command.appserve(['check', 'production.ini'], { cwd: folder.path, env: { APPSERVE_WORKERS: '2' } });
    assert.deepEqual(await command.ending(), { code: 0, signal: null }, command.stderr);
  });
});
