export function EditReportPage() { return null; }
