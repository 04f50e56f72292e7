{{/*
An Application. Expects
(dict "root" . "name" NAME "wave" WAVE "namespace" NAMESPACE "level" LEVEL) with
"path" and "values" for a chart of this repository, or with "chart", "url", "version" and optionally
"valueFile" for a third-party chart. LEVEL is the Pod Security Standard of the namespace.
*/}}
{{- define "argocd.application" }}
{{- $root := .root }}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {{ .name }}
  namespace: {{ $root.Values.namespace }}
  labels:
    {{- include "argocd.labels" (list $root .name) | nindent 4 }}
  annotations:
    argocd.argoproj.io/sync-wave: {{ .wave | quote }}
spec:
  project: conduit
  destination:
    server: {{ $root.Values.server }}
    namespace: {{ .namespace }}
  {{- if .chart }}
  sources:
    - repoURL: {{ .url }}
      chart: {{ .chart }}
      targetRevision: {{ .version | quote }}
      helm:
        releaseName: {{ .release | default .name }}
        {{- with .valueFile }}
        valueFiles:
          - $repository/{{ . }}
        {{- end }}
    {{- if .valueFile }}
    - repoURL: {{ $root.Values.repository.url }}
      targetRevision: {{ $root.Values.repository.revision | quote }}
      ref: repository
    {{- end }}
  {{- else }}
  source:
    repoURL: {{ $root.Values.repository.url }}
    targetRevision: {{ $root.Values.repository.revision | quote }}
    path: {{ .path }}
    helm:
      releaseName: {{ .name }}
      {{- with .values }}
      valuesObject:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- end }}
  {{- include "argocd.policy" . | nindent 2 }}
{{- end }}

{{- define "argocd.policy" -}}
syncPolicy:
  automated:
    prune: true
    selfHeal: true
  retry:
    limit: 10
    backoff:
      duration: 10s
      factor: 2
      maxDuration: 5m
  {{- with .level }}
  managedNamespaceMetadata:
    labels:
      pod-security.kubernetes.io/enforce: {{ . }}
  {{- end }}
  syncOptions:
    - CreateNamespace=true
    - ServerSideApply=true
    - SkipDryRunOnMissingResource=true # the same sync may create the CRD
{{- end }}

{{/* Expects (list . "component"). */}}
{{- define "argocd.labels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/part-of: conduit
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}
