// The face of this folder: app contracts, and the way from an app to a handler.

export { toHandler } from './adapt.ts';
export type * from './contracts.ts';
export { toFetch } from './convert/to-fetch.ts';
export { toGateway } from './convert/to-gateway.ts';
export { toNode } from './convert/to-node.ts';
export type * from './factories.ts';
export { utf8Of, type Environ, type ErrorStream, type GatewayServer } from './environ.ts';
export { FileWrapper, type ReadableFile } from './file-wrapper.ts';
export type { HeaderList } from './header-list.ts';
export { Life, livingApp, type Living, type LivingApp } from './life.ts';
export { Input } from './input.ts';
export { nameOf } from './name-of.ts';
export { CONTRACT, nodeApp, recognise, type UpgradeListener } from './recognise.ts';
