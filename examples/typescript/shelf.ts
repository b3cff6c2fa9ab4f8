export interface Book {
  readonly title: string;
  readonly price: number;
}

/** A decorator, which Node does not run by itself: the value of a method is kept. */
function once<This, Value>(method: (this: This) => Value): (this: This) => Value {
  const kept = new Map<This, Value>();
  return function keep(this: This): Value {
    if (!kept.has(this)) kept.set(this, method.call(this));
    return kept.get(this)!;
  };
}

export class Shelf {
  constructor(private readonly books: readonly Book[]) {}

  titles(): string[] {
    return this.books.map(({ title }) => title);
  }

  @once
  total(): number {
    return this.books.reduce((sum, { price }) => sum + price, 0);
  }
}
