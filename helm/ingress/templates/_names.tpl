{{/* Expects (list . "component"). */}}
{{- define "ingress.labels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: ingress
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
app.kubernetes.io/part-of: conduit
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}
