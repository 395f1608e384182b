{{/* The beginning of a policy (root, name), up to its spec. */}}
{{- define "ops-events.policy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "ops-events.labels" .root | nindent 4 }}
{{- end }}

{{/* Whom a process (root, facts) may ask. */}}
{{- define "ops-events.egress" -}}
{{- $servers := fromYaml (include "ops-events.servers" .root) }}
{{- range .facts.asks }}
{{- if hasKey $servers . }}
- to: [{ podSelector: { matchLabels: { app.kubernetes.io/name: {{ . }} } } }]
  ports: [{ port: {{ get $servers . }} }]
{{- else if eq . "functions" }}
- to: [{ podSelector: { matchExpressions: [{ key: app.kubernetes.io/name, operator: In, values: {{ include "ops-events.calledByBridge" $.root }} }] } }]
  ports: [{ port: 8080 }]
{{- else if eq . "apiserver" }}
# The API server is no pod: anything on its usual ports.
- ports: [{ port: 443 }, { port: 6443 }]
{{- else if eq . "hosts" }}
# API servers, this one and those of Cluster objects, and hosts by SSH.
- ports: [{ port: 22 }, { port: 443 }, { port: 6443 }]
{{- else if eq . "outside" }}
{{- include "ops-events.receivers" $ }}
{{- end }}
{{- end }}
{{- with .root.Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "ops-events.receivers" -}}
{{- if .root.Values.networkPolicy.publicReceiversOnly }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 168.63.129.16/32, 169.254.0.0/16, 172.16.0.0/12, 192.0.0.192/32, 192.168.0.0/16]
    - ipBlock:
        cidr: ::/0
        except: ["fc00::/7", "fe80::/10", "::1/128"]
{{- else }}
# Receivers are anywhere: outside, in the company, in other namespaces. Where clouds hand out the credentials of a machine
# there is none.
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except: [169.254.0.0/16, 127.0.0.0/8, 168.63.129.16/32, 100.100.100.200/32, 192.0.0.192/32]
    - ipBlock:
        cidr: ::/0
        except: ["fe80::/10", "::1/128", "fd00:ec2::/32", "fd20:ce::254/128", "fd00:42::42/128"]
    - namespaceSelector:
        matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [{{ $.root.Release.Namespace }}, kube-system] }]
{{- end }}
{{- end }}
