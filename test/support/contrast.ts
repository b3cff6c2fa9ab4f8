// contrast.ts: whether text stands out from its ground. Source: WCAG 2.2 §1.4.3, https://www.w3.org/TR/WCAG22/#contrast-minimum.

/** Colours as getComputedStyle gives them. */
export type Coloured = readonly [text: string, colour: string, ground: string];

/** An expression for a page: of each text that is seen, its colour, and the first ground behind it that is not transparent. */
export function coloursOf(selector: string): string {
  return `[...document.querySelectorAll(${JSON.stringify(selector)})]
    .filter((one) => one.textContent.trim() !== '' && one.getClientRects().length > 0)
    .map((one) => {
      let behind = one;
      while (getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
      return [one.textContent.slice(0, 30), getComputedStyle(one).color, getComputedStyle(behind).backgroundColor];
    })`;
}

function channels(colour: string): number[] {
  return colour
    .match(/[0-9.]+/g)!
    .slice(0, 3)
    .map(Number);
}

/** From 0 to 255. */
export function brightness(colour: string): number {
  return channels(colour).reduce((sum, one) => sum + one, 0) / 3;
}

/** Relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** From 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
