// log/calendar.ts: the calendar, which is no clock: what a time is called here, where the time is given.

// oxlint-disable-next-line no-restricted-globals -- nobody asks it what time it is
export const Calendar = Date;
export type Calendar = InstanceType<typeof Calendar>;
