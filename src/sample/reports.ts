import type { ReportDefinition } from "#src/rooms/reports/schema.ts";
import type { SampleFileKey } from "./data.ts";
import { birds } from "./reports/birds.ts";
import { countries } from "./reports/countries.ts";
import { electricity } from "./reports/electricity.ts";
import { penguins } from "./reports/penguins.ts";
import { warming } from "./reports/warming.ts";
import { weather } from "./reports/weather.ts";

/** A report over the sample's databases, whose ids it is given. */
export type SampleReport = (databases: Record<SampleFileKey, string>) => ReportDefinition;

/** In the order of publication: the last is the newest, which the gallery shows first. */
export const sampleReports: SampleReport[] = [penguins, electricity, warming, countries, birds, weather];
