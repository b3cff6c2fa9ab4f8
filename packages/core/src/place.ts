// place.ts: where something stands in a text that people wrote, so that an error can point at it.

/** A span in a text. Lines and columns count from 1, columns in UTF-16 units, as editors do. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret underlines. */
  readonly length?: number;
  /** The whole line, as it stood when it was read: a report need not open the file again. */
  readonly text?: string;
  /** Of a line that was generated: where it was generated from. */
  readonly from?: Place;
}

/** `development.ini:12:3`, the form that editors and terminals make clickable. */
export function formatPlace(at: Place): string {
  return `${at.file}:${at.line}:${at.column}`;
}
