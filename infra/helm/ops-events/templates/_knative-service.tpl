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
      serviceAccountName: {{ .facts.workload }}
      {{- if not .facts.account }}
      automountServiceAccountToken: false
      {{- end }}
      enableServiceLinks: false
      {{- include "ops-events.scheduling" . | nindent 6 }}
      containers:
        - name: {{ .name }}
          image: {{ include "ops-events.image" . }}
          {{- with .root.Values.image.pullPolicy }}
          imagePullPolicy: {{ . }}
          {{- end }}
          ports: [{ containerPort: 8080 }]
          envFrom:
            {{- include "ops-events.envFrom" . | nindent 12 }}
          {{- with include "ops-events.env" . | trim }}
          env:
            {{- . | nindent 12 }}
          {{- end }}
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
          {{- with include "ops-events.volumeMounts" . | trim }}
          volumeMounts:
            {{- . | nindent 12 }}
          {{- end }}
      {{- with include "ops-events.volumes" . | trim }}
      volumes:
        {{- . | nindent 8 }}
      {{- end }}
{{- end }}
