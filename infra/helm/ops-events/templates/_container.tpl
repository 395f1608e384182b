{{/* What the container of a process (root, name, facts, values) has on every platform. */}}
{{- define "ops-events.container" -}}
name: {{ .name }}
image: {{ include "ops-events.image" . }}
{{- with .root.Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
envFrom:
  - configMapRef: { name: ops-config }
  - secretRef: { name: {{ .values.existingSecret | default .facts.workload }} }
{{- with include "ops-events.env" . | trim }}
env: {{- . | nindent 2 }}
{{- end }}
{{- with include "ops-events.volumeMounts" . | trim }}
volumeMounts: {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* And what its pod has. */}}
{{- define "ops-events.pod" -}}
serviceAccountName: {{ .facts.workload }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with include "ops-events.volumes" . | trim }}
volumes: {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Other settings are other pods: kustomize puts this sum in the ConfigMap's name. */}}
{{- define "ops-events.podAnnotations" -}}
checksum/config: {{ include "ops-events.settings" .root | sha256sum }}
{{- range include "ops-events.files" . | fromYamlArray }}
checksum/{{ . }}: {{ include "ops-events.file" (dict "root" $.root "name" .) | sha256sum }}
{{- end }}
{{- with .values.annotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ops-events.image" -}}
{{- $image := .values.image | default dict -}}
{{- $repository := $image.repository | default (printf "%s/%s" .root.Values.image.repository .name) -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "ops-events.env" -}}
{{- if ne .facts.component "function" }}
- { name: REPLICAS, value: {{ .root.Values.streams.replicas | quote }} }
{{- end }}
{{- if has "functions" .facts.asks }}
{{- range include "ops-events.calledByBridge" .root | fromJsonArray }}
- { name: {{ upper . | replace "-" "_" }}_URL, value: {{ include "ops-events.functionUrl" (dict "root" $.root "name" .) | quote }} }
{{- end }}
{{- end }}
{{- if eq .name "cron-taskrun" }}
- { name: INGEST_URL, value: {{ include "ops-events.functionUrl" (dict "root" .root "name" "subject-ingest") | quote }} }
{{- end }}
{{- if .facts.callers }}
- { name: SERVER_TOKENS_FILE, value: /etc/ops-events/tokens/tokens.yaml }
{{- end }}
{{- range include "ops-events.files" . | fromYamlArray }}
- { name: {{ upper . }}_FILE, value: /etc/ops-events/{{ . }}/{{ . }}.yaml }
{{- end }}
{{- range $variable, $value := .values.env }}
- { name: {{ $variable }}, value: {{ $value | quote }} }
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Those of the files that this process reads and that have something in them. */}}
{{- define "ops-events.files" -}}
{{- $given := list }}
{{- range .facts.files }}
{{- if include "ops-events.file" (dict "root" $.root "name" .) }}{{ $given = append $given . }}{{ end }}
{{- end }}
{{- toYaml $given }}
{{- end }}

{{- define "ops-events.volumeMounts" -}}
{{- range include "ops-events.files" . | fromYamlArray }}
- { name: {{ . }}, mountPath: /etc/ops-events/{{ . }}, readOnly: true }
{{- end }}
- { name: ca, mountPath: /etc/ops-events/ca, readOnly: true }
- { name: identity, mountPath: /etc/ops-events/identity, readOnly: true }
{{- if .facts.callers }}
- { name: tokens, mountPath: /etc/ops-events/tokens, readOnly: true }
{{- end }}
{{- if .facts.writes }}
- { name: tmp, mountPath: /tmp }
{{- end }}
{{- end }}

{{- define "ops-events.volumes" -}}
{{- range include "ops-events.files" . | fromYamlArray }}
- { name: {{ . }}, configMap: { name: ops-{{ . }} } }
{{- end }}
- { name: ca, configMap: { name: ops-ca, optional: true } }
- { name: identity, secret: { secretName: {{ .facts.workload }}-identity, optional: true } }
{{- if .facts.callers }}
- { name: tokens, secret: { secretName: {{ .root.Values.secrets.serverTokens }} } }
{{- end }}
{{- if .facts.writes }}
- { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- end }}
{{- end }}
