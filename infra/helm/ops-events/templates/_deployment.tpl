{{/* The Deployment of a process (root, name, facts, values). */}}
{{- define "ops-events.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .facts.workload }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "ops-events.processLabels" . | nindent 4 }}
    {{- include "ops-events.chartLabels" .root | nindent 4 }}
spec:
  {{- if not .values.autoscale }}
  replicas: {{ .values.replicas }}
  {{- end }}
  selector: { matchLabels: { app.kubernetes.io/name: {{ .facts.workload }} } }
  # The new one first: an upgrade loses no time.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels:
        {{- include "ops-events.processLabels" . | nindent 8 }}
      annotations:
        {{- include "ops-events.podAnnotations" . | nindent 8 }}
    spec:
      {{- include "ops-events.pod" . | nindent 6 }}
      automountServiceAccountToken: {{ .facts.account | default false }}
      terminationGracePeriodSeconds: 40
      {{- if .values.spread }}
      # Wishes, so that one node is enough; of an upgrade only the new pods count.
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - topologyKey: {{ . }}
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: { app.kubernetes.io/name: {{ $.facts.workload }} } }
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        seccompProfile: { type: RuntimeDefault }
      containers:
        - {{ include "ops-events.container" . | indent 10 | trim }}
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
          {{- if eq .facts.component "function" }}
          # Who has not heard yet that this pod is going still finds it here for a while.
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          {{- end }}
          resources: {{ toYaml .values.resources | nindent 12 }}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
{{- end }}
