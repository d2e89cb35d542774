/** Number formatting: percentages with one decimal, true minus signs, thousands separators. */

const grouped = new Intl.NumberFormat("en-GB");
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** A fraction in [0, 1] as a percentage without the percent sign: 0.8893 → "88.9". */
export function percent(fraction: number, decimals = 1): string {
  return minus((100 * fraction).toFixed(decimals));
}

/** A difference in percentage points, always with its sign: "+1.2", "−0.4". */
export function signed(fraction: number, decimals = 1): string {
  return fraction > 0 ? `+${percent(fraction, decimals)}` : percent(fraction, decimals);
}

/** Three significant digits, for shifts and losses: 0.0214 → "0.0214", 12.34 → "12.3". */
export function significant(value: number, digits = 3): string {
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -4 || exponent > 5) return minus(value.toExponential(digits - 1));
  return minus(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

/** A count with thousands separators: 60000 → "60,000". */
export function count(value: number): string {
  return grouped.format(value);
}

/** "1 run", "3 runs". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Seconds in readable units: "0.8 s", "42 s", "3 min 5 s", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The day in UTC: "22 Nov 2026". */
export function date(value: Date | string): string {
  return day.format(new Date(value));
}

/** Capitalizes the first letter. */
export function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function minus(text: string): string {
  return text.replace(/^-/, "−");
}
