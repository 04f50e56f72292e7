{{/* Environment of the program, shared by the servers and `conduit migrate`. */}}

{{/* Numbers in values are floats; prints 1048576 instead of 1.048576e+06. */}}
{{- define "conduit.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end }}

{{/* Expects (dict "root" . "migrates" BOOL). */}}
{{- define "conduit.env" -}}
{{- $values := .root.Values -}}
- name: CONDUIT_PROFILE
  value: prod
- name: HOST
  value: {{ $values.listenAddress | quote }}
- name: PORT
  value: "8080"
- name: METRICS_PORT
  value: "9464"
- name: SHUTDOWN_DELAY
  value: {{ printf "%ds" (int $values.shutdown.delaySeconds) }}
- name: SHUTDOWN_TIMEOUT
  value: {{ printf "%ds" (int $values.shutdown.timeoutSeconds) }}
{{- if and (ne $values.routes.kind "none") $values.routes.trustedProxies }}
- name: TRUSTED_PROXIES
  value: {{ join "," $values.routes.trustedProxies | quote }}
{{- end }}
- name: JWT_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ $values.jwt.existingSecret }}
      key: {{ $values.jwt.key }}
{{- with $values.jwt.previousKey }}
- name: JWT_SECRET_PREVIOUS
  valueFrom:
    secretKeyRef:
      name: {{ $values.jwt.existingSecret }}
      key: {{ . }}
{{- end }}
{{ include "conduit.databaseEnv" . }}
{{- range $name, $value := $values.settings }}
- name: {{ $name }}
  value: {{ include "conduit.text" $value | quote }}
{{- end }}
{{- with $values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Passwords stay in Secrets: Kubernetes expands $(NAME) in the URL when a container starts. */}}
{{- define "conduit.databaseEnv" -}}
{{- $database := .root.Values.database -}}
{{- if and .migrates .root.Values.migrations.existingSecret -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.migrations.existingSecret }}
      key: {{ .root.Values.migrations.key }}
{{- else if eq $database.mode "external" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ $database.external.existingSecret }}
      key: {{ $database.external.key }}
{{- with and (not .migrates) $database.external.replicaKey }}
- name: DATABASE_REPLICA_URL
  valueFrom:
    secretKeyRef:
      name: {{ $database.external.existingSecret }}
      key: {{ . }}
{{- end }}
{{- else if eq $database.mode "standalone" -}}
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $database.standalone.existingSecret }}
      key: {{ $database.standalone.key }}
- name: DATABASE_URL
  value: postgres://conduit:$(DATABASE_PASSWORD)@{{ include "conduit.databaseName" .root }}:5432/conduit
{{- else -}}
- name: CLUSTER_URL # from the operator, without parameters
  valueFrom:
    secretKeyRef:
      name: {{ include "conduit.databaseName" .root }}-app
      key: uri
- name: DATABASE_URL
  value: $(CLUSTER_URL)?sslmode=verify-full
{{- end }}
{{- if include "conduit.databaseCa" .root }}
- name: DATABASE_CA_FILE
  value: /etc/conduit/database-ca/ca.crt
{{- end }}
{{- end }}

{{/* Volume with the database's root certificates, unless the system's are used. */}}
{{- define "conduit.databaseCa" -}}
{{- $database := .Values.database -}}
{{- if eq $database.mode "cloudnativepg" -}}
secret:
  secretName: {{ include "conduit.databaseName" . }}-ca
  items:
    - key: ca.crt # the private key in the Secret is not mounted
      path: ca.crt
{{- else if and (eq $database.mode "external") $database.external.caConfigMap -}}
configMap:
  name: {{ $database.external.caConfigMap }}
  items:
    - key: {{ $database.external.caKey }}
      path: ca.crt
{{- end }}
{{- end }}

{{- define "conduit.volumes" -}}
{{- with include "conduit.databaseCa" . }}
volumes:
  - name: database-ca
    {{- . | nindent 4 }}
{{- end }}
{{- end }}

{{- define "conduit.volumeMounts" -}}
{{- if include "conduit.databaseCa" . }}
volumeMounts:
  - name: database-ca
    mountPath: /etc/conduit/database-ca
    readOnly: true
{{- end }}
{{- end }}

{{- define "conduit.migrateContainer" -}}
- name: migrate
  image: {{ include "conduit.image" (list .Values.image .Chart.AppVersion) }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [migrate]
  env:
    {{- include "conduit.env" (dict "root" . "migrates" true) | nindent 4 }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  securityContext:
    {{- include "conduit.containerSecurity" . | nindent 4 }}
  {{- include "conduit.volumeMounts" . | indent 2 }}
{{- end }}

{{/*
Connections that all servers may open, with two more servers during an upgrade (a starting and a
stopping one), and 20 for the operator and for administration.
*/}}
{{- define "conduit.connections" -}}
{{- $servers := ternary .Values.autoscaling.maxReplicas .Values.replicas .Values.autoscaling.enabled | int -}}
{{- $pool := .Values.settings.DATABASE_POOL_SIZE | default 16 | int -}}
{{ add (mul (add $servers 2) (add $pool 1)) 20 }}
{{- end }}
