{{/*
A Secret (root, name, namespace, type, data), where it is not there yet. A hook, so that it is made once and then out of
Helm's hands: no upgrade writes it again, no rollback brings back old passwords, and removing the release leaves it.
*/}}
{{- define "ops-events.secret" }}
{{- if not (lookup "v1" "Secret" .namespace .name) }}
---
apiVersion: v1
kind: Secret
type: {{ .type | default "Opaque" }}
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels: {{ include "ops-events.labels" .root | nindent 4 }}
  annotations: { helm.sh/hook: "pre-install,pre-upgrade" }
data:
  {{- range $key, $text := .data }}
  {{ $key }}: {{ b64enc $text }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What the Secret of a process holds (root, name, facts, drawn). */}}
{{- define "ops-events.variables" -}}
{{- $values := .root.Values }}
{{- $svc := printf "%s.svc" .root.Release.Namespace }}
{{- $nats := $values.nats.url | default (printf "nats://nats.%s:4222" $svc) }}
{{- $redis := $values.redis.url | default (printf "redis://ops-redis.%s:6379" $svc) }}
{{- $postgres := $values.postgres.url | default (printf "postgres://ops-postgres-rw.%s:5432/ops" $svc) }}
{{- range list (list "nats" "EVENT_ENDPOINT" $nats) (list "redis" "REDIS_URL" $redis) (list "postgresql" "DATABASE_URL" $postgres) }}
{{- $server := first . }}
{{- if has $server $.facts.asks }}
{{- $password := index $.drawn (trimSuffix "ql" $server) $.name }}
{{ index . 1 }}: {{ last . | replace "://" (printf "://%s:%s@" $.name $password) | quote }}
{{- end }}
{{- end }}
{{- range .facts.keys }}
{{ . }}: {{ index $.drawn . | quote }}
{{- end }}
{{- end }}

{{/* Passwords of all logins, and keys: those that the servers and processes have already, else new ones. */}}
{{- define "ops-events.drawn" -}}
{{- $here := .Release.Namespace }}
{{- $processes := fromYaml (include "ops-events.processes" .) }}
{{- $conf := include "ops-events.keptText" (list $here "ops-nats-users" "passwords.conf") }}
nats:
  {{- range concat (keys $processes | sortAlpha) (list "leaf" "admin" "operator") }}
  {{- range list . (printf "%s-2" .) }}
  {{- $line := regexFind (printf "(?m)^password_%s: .*$" (replace "-" "_" .)) $conf }}
  {{ . }}: {{ $line | splitList "\"" | rest | first | default (randAlphaNum 43) | quote }}
  {{- end }}
  {{- end }}
redis:
  {{- range list "default" "admin" }}
  {{ . }}: {{ include "ops-events.keptOrNew" (list $here "ops-redis-users" .) }}
  {{- end }}
  {{- range $name, $facts := $processes }}
  {{- if has "redis" $facts.asks }}
  {{- range list $name (printf "%s-2" $name) }}
  {{ . }}: {{ include "ops-events.keptOrNew" (list $here "ops-redis-users" .) }}
  {{- end }}
  {{- end }}
  {{- end }}
postgres:
  {{- range $name, $facts := $processes }}
  {{- if has "postgresql" $facts.asks }}
  {{- range list $name (printf "%s-2" $name) }}
  {{ . }}: {{ include "ops-events.keptOrNew" (list $here (printf "ops-postgres-%s" .) "password") }}
  {{- end }}
  {{- end }}
  {{- end }}
BRIDGE_TOKEN: {{ include "ops-events.keptOrNew" (list $here "ops-bridge" "BRIDGE_TOKEN") }}
HOOK_SEAL_KEY: {{ include "ops-events.keptText" (list $here "ops-watcher" "HOOK_SEAL_KEY") | default (randBytes 32) | quote }}
tokens:
  {{- range list "admin" "notices" }}
  {{ . }}: {{ include "ops-events.keptOrNew" (list $here "ops-plain-tokens" .) }}
  {{- end }}
{{- end }}

{{/* What stands under a key of a Secret (namespace, name, key), or nothing. */}}
{{- define "ops-events.keptText" -}}
{{- $found := lookup "v1" "Secret" (first .) (index . 1) | default dict }}
{{- get ($found.data | default dict) (last .) | b64dec }}
{{- end }}

{{/* The same, or a new password where there is nothing. */}}
{{- define "ops-events.keptOrNew" -}}
{{ include "ops-events.keptText" . | default (randAlphaNum 43) | quote }}
{{- end }}
