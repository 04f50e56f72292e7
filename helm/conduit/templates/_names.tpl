{{/* Names and labels. app.kubernetes.io/component distinguishes components, also in selectors. */}}

{{/* At most 40 characters, so that the longest derived label fits: that of a StatefulSet. */}}
{{- define "conduit.fullname" -}}
{{- $full := ternary .Release.Name (printf "%s-conduit" .Release.Name) (contains "conduit" .Release.Name) -}}
{{ default $full .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "conduit.databaseName" -}}
{{- $name := printf "%s-db" (include "conduit.fullname" .) -}}
{{- if eq .Values.database.mode "cloudnativepg" }}{{ default $name .Values.database.cloudnativepg.clusterName }}{{ else }}{{ $name }}{{ end -}}
{{- end }}

{{- define "conduit.serviceAccountName" -}}
{{ default (ternary (include "conduit.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{/* Expects (list . "component"). */}}
{{- define "conduit.selectorLabels" -}}
app.kubernetes.io/name: conduit
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{/* Omits the chart's version: its change must not replace Pods. Expects (list . "component"). */}}
{{- define "conduit.podLabels" -}}
{{ include "conduit.selectorLabels" . }}
app.kubernetes.io/version: {{ (first .).Chart.AppVersion | quote }}
{{- end }}

{{/* Expects (list . "component"). */}}
{{- define "conduit.labels" -}}
{{- $root := first . -}}
{{ include "conduit.podLabels" . }}
app.kubernetes.io/part-of: conduit
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Expects (list image defaultTag); a digest wins over the tag. */}}
{{- define "conduit.image" -}}
{{- $image := first . -}}
{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default (last .) }}{{ end }}
{{- end }}
