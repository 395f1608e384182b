{{/* The Knative Service of a function (root, name, facts, values). */}}
{{- define "ops-events.knativeService" -}}
{{- $scale := .values.knative -}}
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "ops-events.processLabels" . | nindent 4 }}
    {{- if not .facts.callers }}
    networking.knative.dev/visibility: cluster-local
    {{- end }}
    {{- include "ops-events.chartLabels" .root | nindent 4 }}
spec:
  template:
    metadata:
      labels:
        {{- include "ops-events.processLabels" . | nindent 8 }}
      annotations:
        autoscaling.knative.dev/min-scale: {{ $scale.minScale | quote }}
        autoscaling.knative.dev/max-scale: {{ $scale.maxScale | quote }}
        # Not requests per second: whoever follows events quietly would be put to sleep.
        autoscaling.knative.dev/metric: concurrency
        autoscaling.knative.dev/target: {{ $scale.target | quote }}
        autoscaling.knative.dev/window: {{ $scale.window }}
        autoscaling.knative.dev/scale-to-zero-pod-retention-period: {{ $scale.retention }}
        {{- include "ops-events.podAnnotations" . | nindent 8 }}
    spec:
      containerConcurrency: {{ $scale.containerConcurrency }}
      timeoutSeconds: {{ $scale.timeoutSeconds }}
      responseStartTimeoutSeconds: {{ $scale.responseStartTimeoutSeconds | default $scale.timeoutSeconds }}
      {{- include "ops-events.pod" . | nindent 6 }}
      {{- if not .facts.account }}
      automountServiceAccountToken: false
      {{- end }}
      containers:
        - {{ include "ops-events.container" . | indent 10 | trim }}
          ports: [{ containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /readyz } }
          livenessProbe: { httpGet: { path: /healthz } }
          resources: {{ $scale.resources | default .values.resources | toYaml | nindent 12 }}
          securityContext:
            runAsNonRoot: true
            runAsUser: 65532
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
            seccompProfile: { type: RuntimeDefault }
{{- end }}
