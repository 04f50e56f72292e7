{{- define "observability.fullname" -}}
{{ default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Expects (list . "component"). */}}
{{- define "observability.selectorLabels" -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{/* Expects (list . "component"). */}}
{{- define "observability.labels" -}}
{{- $root := first . -}}
{{ include "observability.selectorLabels" . }}
app.kubernetes.io/part-of: conduit
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Expects an image; a digest wins over the tag. */}}
{{- define "observability.image" -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end }}

{{/* URL and credentials of Elasticsearch, for Fluentd and its init container. */}}
{{- define "observability.elasticsearchEnv" -}}
{{- $url := printf "https://%s-es-http.%s.svc:9200" (include "observability.fullname" .) .Release.Namespace -}}
- name: ELASTICSEARCH_URL
  value: {{ ternary $url .Values.elasticsearch.url .Values.elasticsearch.enabled }}
{{- range $name, $key := dict "ELASTICSEARCH_USER" "username" "ELASTICSEARCH_PASSWORD" "password" }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.fluentd.existingSecret }}
      key: {{ $key }}
{{- end }}
{{- end }}

{{/* Name of the Secret with the CA certificate, unless the system's CAs are used. */}}
{{- define "observability.caSecret" -}}
{{ ternary (printf "%s-es-http-certs-public" (include "observability.fullname" .)) .Values.elasticsearch.caSecret .Values.elasticsearch.enabled }}
{{- end }}
