{{- define "ops-events.settings" -}}
EVENT_CLUSTER: {{ .Values.cluster | quote }}
ACTIVE_NAMESPACE: {{ .Release.Namespace | quote }}
LOG_LEVEL: {{ .Values.logLevel | quote }}
TZ: {{ .Values.timeZone | quote }}
{{- if eq .Values.platform "leaf" }}
WATCH_ONLY: "true"
{{- end }}
{{- with .Values.leafClusters }}
LEAF_CLUSTERS: {{ join "," . | quote }}
{{- end }}
{{- if .Values.tls.ca }}
NODE_EXTRA_CA_CERTS: /etc/ops-events/ca/ca.crt
{{- end }}
{{- if .Values.tls.certificates }}
TLS_CERT_FILE: /etc/ops-events/identity/tls.crt
TLS_KEY_FILE: /etc/ops-events/identity/tls.key
{{- end }}
{{- if .Values.nats.credentials }}
NATS_CREDS_FILE: /etc/ops-events/identity/nats.creds
{{- end }}
{{- end }}

{{/* What is in a file of the values (root, name), or nothing. */}}
{{- define "ops-events.file" -}}
{{- with index .root.Values.files .name }}
{{- toYaml . }}
{{- else }}
{{- if and (eq .name "triggers") (eq .root.Values.platform "openfaas") }}
{{- include "ops-events.openfaasTriggers" . }}
{{- end }}
{{- end }}
{{- end }}

{{/* The gateway ends a request after 60 s: the bridge does so before, and knows. */}}
{{- define "ops-events.openfaasTriggers" -}}
{{- range list "hook-evaluate" "webhook-deliver" "event-store" "cron-taskrun" "cron-taskrun-held" }}
- name: {{ . }}
  delivery: { timeout: PT55S }
{{- end }}
{{- end }}
