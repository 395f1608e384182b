{{/*
The processes of this platform, and what is fixed about each:
  workload   its name in the cluster, and that of its account and Secret
  component  watcher, bridge or function
  asks       whom it speaks to
  keys       what its Secret holds beside the URLs of those
  files      which of .Values.files it reads
  callers    it reads who may call it, from ops-server-tokens
  account    its account has rights, so its token is mounted
  writes     it writes files in /tmp
*/}}
{{- define "ops-events.processes" -}}
watcher:
  workload: ops-watcher
  component: watcher
  asks: [apiserver, nats, redis]
  keys: [HOOK_SEAL_KEY]
  files: [watch, classification]
  account: true
{{- if ne .Values.platform "leaf" }}
bridge:
  workload: ops-bridge
  component: bridge
  asks: [nats, functions]
  keys: [BRIDGE_TOKEN]
  files: [triggers]
{{ include "ops-events.functions" . }}
{{- end }}
{{- end }}

{{- define "ops-events.functions" -}}
subject-ingest:
  workload: subject-ingest
  component: function
  asks: [nats]
  files: [classification]
  callers: true
hook-evaluate:
  workload: hook-evaluate
  component: function
  asks: [nats, redis]
  keys: [BRIDGE_TOKEN]
webhook-deliver:
  workload: webhook-deliver
  component: function
  asks: [outside, nats, redis]
  keys: [BRIDGE_TOKEN, HOOK_SEAL_KEY]
cron-taskrun:
  workload: cron-taskrun
  component: function
  asks: [hosts, nats]
  keys: [BRIDGE_TOKEN]
  files: [classification]
  account: true
  writes: true
event-store:
  workload: event-store
  component: function
  asks: [nats, postgresql]
  keys: [BRIDGE_TOKEN]
  files: [classification, retention]
ops-api:
  workload: ops-api
  component: function
  asks: [apiserver, nats, redis, postgresql]
  callers: true
  account: true
{{- end }}

{{/* The functions that the bridge calls, which are those that nobody else does, as JSON. */}}
{{- define "ops-events.calledByBridge" -}}
{{- $names := list }}
{{- range $name, $facts := fromYaml (include "ops-events.functions" .) }}
{{- if not $facts.callers }}{{ $names = append $names $name }}{{ end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{/* The workloads among `processes` (root, processes, server) that speak to a server, as JSON. */}}
{{- define "ops-events.whoAsks" -}}
{{- $names := list }}
{{- range fromYaml (include .processes .root) }}
{{- if has $.server .asks }}{{ $names = append $names .workload }}{{ end }}
{{- end }}
{{- toJson $names }}
{{- end }}

{{/* The ports of the servers. */}}
{{- define "ops-events.servers" -}}
nats: 4222
redis: 6379
postgresql: 5432
{{- end }}

{{/* Where the functions are: here, or where OpenFaaS has them. */}}
{{- define "ops-events.functionNamespace" -}}
{{- eq .Values.platform "openfaas" | ternary .Values.openfaas.namespace .Release.Namespace }}
{{- end }}

{{/* Where the functions are asked: their Services here, or the gateway of OpenFaaS. */}}
{{- define "ops-events.functionUrl" -}}
{{- if eq .root.Values.platform "openfaas" -}}
{{ .root.Values.openfaas.gateway }}/function/{{ .name }}
{{- else -}}
http://{{ .name }}.{{ .root.Release.Namespace }}.svc
{{- end }}
{{- end }}
