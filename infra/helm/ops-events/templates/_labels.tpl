{{/* What Helm's own tools look for, on everything but pods, so that a new chart alone restarts none. */}}
{{- define "ops-events.chartLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "ops-events.labels" -}}
app.kubernetes.io/part-of: ops-events
{{ include "ops-events.chartLabels" . }}
{{- end }}

{{/* The labels of a process (root, facts), without those of the chart. */}}
{{- define "ops-events.processLabels" -}}
app.kubernetes.io/name: {{ .facts.workload }}
app.kubernetes.io/part-of: ops-events
app.kubernetes.io/component: {{ .facts.component }}
{{- end }}
