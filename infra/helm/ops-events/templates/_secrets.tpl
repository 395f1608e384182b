{{/* Who does not ask the cluster does not find what is kept there, and would draw it anew each time. */}}
{{- define "ops-events.secretsCanBeMade" -}}
{{- if not (lookup "v1" "Namespace" "" "kube-system") }}
{{- fail "secrets.create has to ask the cluster what it has made before, and nobody does here (helm template, --dry-run, Argo CD): make the Secrets with `npm run ops -- secrets make` and set secrets.create=false, or add --dry-run=server" }}
{{- end }}
{{- if eq .Values.platform "leaf" }}
{{- fail "secrets.create is not for platform leaf: the password of its link is the main cluster's, `npm run ops -- secrets leaf` has it from there" }}
{{- end }}
{{- end }}

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
{{- $functions := list }}
{{- $onRedis := list }}
{{- $onPostgres := list }}
{{- range $name, $facts := fromYaml (include "ops-events.processes" .) }}
{{- $functions = append $functions $name }}
{{- if has "redis" $facts.asks }}{{ $onRedis = append $onRedis $name }}{{ end }}
{{- if has "postgresql" $facts.asks }}{{ $onPostgres = append $onPostgres $name }}{{ end }}
{{- end }}
{{- $conf := include "ops-events.keptText" (list $here "ops-nats-users" "passwords.conf") }}
nats:
  {{- range concat $functions (list "leaf" "admin") }}
  {{- range list . (printf "%s-2" .) }}
  {{- $line := regexFind (printf "(?m)^password_%s: .*$" (replace "-" "_" .)) $conf }}
  {{ . }}: {{ $line | splitList "\"" | rest | first | default (randAlphaNum 43) | quote }}
  {{- end }}
  {{- end }}
redis:
  {{- range list "default" "admin" }}
  {{ . }}: {{ include "ops-events.keptText" (list $here "ops-redis-users" .) | default (randAlphaNum 43) | quote }}
  {{- end }}
  {{- range $onRedis }}
  {{- range list . (printf "%s-2" .) }}
  {{ . }}: {{ include "ops-events.keptText" (list $here "ops-redis-users" .) | default (randAlphaNum 43) | quote }}
  {{- end }}
  {{- end }}
postgres:
  {{- range $onPostgres }}
  {{- range list . (printf "%s-2" .) }}
  {{ . }}: {{ include "ops-events.keptText" (list $here (printf "ops-postgres-%s" .) "password") | default (randAlphaNum 43) | quote }}
  {{- end }}
  {{- end }}
BRIDGE_TOKEN: {{ include "ops-events.keptText" (list $here "ops-bridge" "BRIDGE_TOKEN") | default (randAlphaNum 43) | quote }}
HOOK_SEAL_KEY: {{ include "ops-events.keptText" (list $here "ops-watcher" "HOOK_SEAL_KEY") | default (randBytes 32) | quote }}
tokens:
  {{- range list "admin" "notices" }}
  {{ . }}: {{ include "ops-events.keptText" (list $here "ops-plain-tokens" .) | default (randAlphaNum 43) | quote }}
  {{- end }}
{{- end }}

{{/* What stands under a key of a Secret (namespace, name, key), or nothing. */}}
{{- define "ops-events.keptText" -}}
{{- $found := lookup "v1" "Secret" (first .) (index . 1) | default dict }}
{{- get ($found.data | default dict) (last .) | b64dec }}
{{- end }}
