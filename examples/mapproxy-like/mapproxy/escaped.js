// Text as XML and HTML have it.

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escaped(text) {
  return text.replaceAll(/[&<>"]/g, (char) => ENTITIES[char]);
}
