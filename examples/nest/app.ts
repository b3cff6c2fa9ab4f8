// A Nest app, as Nest has it, in TypeScript; the factory returns it instead of calling listen().

import { Body, Controller, Get, Inject, Injectable, Module, Post, Query, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

interface Settings {
  readonly greeting?: string;
}

const GREETING = 'greeting';

@Injectable()
class Greeter {
  constructor(@Inject(GREETING) private readonly greeting: string) {}

  greet(name: string): string {
    return `${this.greeting}, ${name}!`;
  }
}

@Controller()
class Site {
  constructor(private readonly greeter: Greeter) {}

  @Get()
  home(@Query('name') name = 'world'): object {
    return { greeting: this.greeter.greet(name) };
  }

  @Post('books')
  save(@Body() book: object): object {
    return { ...book, saved: true };
  }
}

export function makeApp(_globalConf: object, { greeting = 'Hello' }: Settings): Promise<INestApplication> {
  @Module({ controllers: [Site], providers: [Greeter, { provide: GREETING, useValue: greeting }] })
  class Main {}

  return NestFactory.create(Main, { logger: ['error', 'warn'] });
}
