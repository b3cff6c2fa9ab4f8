export const NOTHING = 0;
