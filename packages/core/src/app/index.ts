// The face of this folder: app contracts, and the way from an app to a handler.

export { toHandler } from './adapt.ts';
export type * from './contracts.ts';
export { toFetch } from './convert/to-fetch.ts';
export { toGateway } from './convert/to-gateway.ts';
export { toNode } from './convert/to-node.ts';
export type * from './factories.ts';
export {
  percentDecoded,
  utf8Of,
  type Background,
  type Environ,
  type EnvironClass,
  type ErrorStream,
  type GatewayServer,
  type GatewayWebSocket,
} from './environ.ts';
export { environOf } from './environ-of.ts';
export { FileWrapper, type ReadableFile } from './file-wrapper.ts';
export { GatewayHandler, type GatewayHandlerClass, type HandlingServer } from './gateway-handler.ts';
export { GATEWAY_RULES, GATEWAY_SECTIONS, type GatewayRule, type RuleNumber } from './gateway-rules.ts';
export type { HeaderList } from './header-list.ts';
export { installLightFetch } from './light-fetch.ts';
export { lightResponse } from './light-response.ts';
export { Life, livingApp, type Living, type LivingApp } from './life.ts';
export { Input, type InputStream } from './input.ts';
export { lint, validator } from './lint/filter.ts';
export { urlBelowMount } from './below-mount.ts';
export { CONTRACT, isFactory, nodeApp, recognise, type UpgradeListener } from './recognise.ts';
export { traceContext } from './trace-context.ts';
export { sentPath } from './sent-path.ts';
export { underlyingOf } from './underlying.ts';
export { SecureEnviron, WSGISecureEnviron } from './secure-environ.ts';
