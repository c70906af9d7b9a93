export { dashboard, type Dashboard, type DashboardOptions } from './dashboard.js';
export type { MetricPoint } from './point.js';
