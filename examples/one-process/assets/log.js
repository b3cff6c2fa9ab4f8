// log.js: what was sent, what came back, and what became of the connection.
//
// Law: what was said is put into the page as text, never as HTML.

/** What is older than so many rows is forgotten. */
const ROWS = 200;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function shown(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

export class Log {
  #box;
  #list;
  /** Sent, but not heard yet: `{ row, sentMs }`. */
  #awaited = [];

  /** `box` scrolls; its list has the rows. */
  constructor(box) {
    this.#box = box;
    this.#list = box.querySelector('ol');
  }

  sent(text) {
    this.#awaited.push({ row: this.#add('sent', 'sent', text), sentMs: performance.now() });
  }

  /** Echoes come in the order of what was sent. */
  heard(text) {
    const first = this.#awaited.shift();
    this.#add('heard', 'echo', text, first && shown(performance.now() - first.sentMs));
  }

  /** Nothing more will be heard of what was sent. */
  lost() {
    for (const { row } of this.#awaited) {
      row.classList.add('lost');
      row.append(element('span', 'aside', 'no echo'));
    }
    this.#awaited = [];
  }

  note(text) {
    this.#add('note', '', text);
  }

  #add(kind, who, text, aside) {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 40;
    const row = element('li', kind, '');
    row.append(element('time', '', new Date().toLocaleTimeString('en-GB')));
    if (who !== '') row.append(element('span', 'who', who));
    row.append(element('span', 'text', text));
    if (aside !== undefined) row.append(element('span', 'aside', aside));
    this.#list.append(row);
    if (this.#list.children.length > ROWS) this.#list.firstElementChild.remove();
    // Who reads further up is left there.
    if (isAtEnd) this.#box.scrollTop = this.#box.scrollHeight;
    return row;
  }
}
