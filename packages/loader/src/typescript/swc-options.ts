// typescript/swc-options.ts: what a tsconfig says, in the words of swc.
//
// Only what changes how a file runs. `module` is not among it: Node runs a file as what it is (package-type.ts); nor is `target`:
// ES2022 is what the oldest Node here runs as it is written.

import { basename } from 'node:path';
import type { SwcOptions } from './compiler.ts';
import type { ModuleType } from './package-type.ts';
import type { CompilerOptions } from './tsconfig.ts';

type JscConfig = NonNullable<SwcOptions['jsc']>;
type TransformConfig = NonNullable<JscConfig['transform']>;

export function swcOptions(path: string, type: ModuleType, given: CompilerOptions): SwcOptions {
  return {
    filename: path,
    // Relative to the module, so that a stack names the file as an URL of it.
    sourceFileName: encodeURIComponent(basename(path)),
    // No other file than the tsconfig has a say.
    swcrc: false,
    configFile: false,
    sourceMaps: true,
    // Lines are enough for a stack, and a map of lines is a tenth as large: Node reads all of it when it loads the module.
    emitSourceMapColumns: false,
    inlineSourcesContent: false,
    module:
      type === 'module'
        ? { type: 'nodenext' }
        : // import() stays, for packages that are ES modules; names are written so that an ES module can import them.
          { type: 'commonjs', ignoreDynamic: true, exportInteropAnnotation: true },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', tsx: path.endsWith('x'), decorators: true },
      keepClassNames: true,
      experimental: { keepImportAttributes: true },
      transform: transform(given),
    },
  };
}

function transform(given: CompilerOptions): TransformConfig {
  return {
    ...(given.experimentalDecorators === true
      ? { legacyDecorator: true, decoratorMetadata: given.emitDecoratorMetadata ?? false }
      : { decoratorVersion: '2023-11' }),
    // get-tsconfig fills it in where a target is given; without one, today's default.
    useDefineForClassFields: given.useDefineForClassFields ?? given.target === undefined,
    verbatimModuleSyntax: given.verbatimModuleSyntax ?? false,
    react: react(given),
  };
}

/** `preserve` leaves JSX to a bundler, and here is none. */
function react({ jsx, jsxImportSource, jsxFactory, jsxFragmentFactory }: CompilerOptions): NonNullable<TransformConfig['react']> {
  if (jsx === 'react' || (jsx === undefined && jsxFactory !== undefined)) {
    return {
      runtime: 'classic',
      pragma: jsxFactory ?? 'React.createElement',
      pragmaFrag: jsxFragmentFactory ?? 'React.Fragment',
    };
  }
  return { runtime: 'automatic', importSource: jsxImportSource ?? 'react', development: jsx === 'react-jsxdev' };
}
