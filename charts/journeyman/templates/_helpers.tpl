{{/* Copyright The Journeyman Authors. SPDX-License-Identifier: Apache-2.0 */}}

{{/* Labels of every object. Those of config/ come beside them. */}}
{{- define "journeyman.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Labels that the operator's pods are found by. They are those of config/manager, so that an installation by kustomize can be taken over. */}}
{{- define "journeyman.selector" -}}
app.kubernetes.io/name: journeyman
app.kubernetes.io/component: operator
{{- end }}

{{/* Metadata of an object of ours. Takes a dict: root, name, and optionally namespace, component, labels, annotations. */}}
{{- define "journeyman.metadata" -}}
{{- $labels := mergeOverwrite (dict) .root.Values.labels (fromYaml (include "journeyman.labels" .root)) (dict "app.kubernetes.io/name" "journeyman" "app.kubernetes.io/component" (.component | default "operator")) (.labels | default dict) }}
{{- $annotations := mergeOverwrite (dict) .root.Values.annotations (.annotations | default dict) }}
{{- $metadata := dict "name" .name "labels" $labels }}
{{- if .namespace }}{{ $_ := set $metadata "namespace" .namespace }}{{ end }}
{{- if $annotations }}{{ $_ := set $metadata "annotations" $annotations }}{{ end }}
{{- toYaml $metadata }}
{{- end }}

{{/* The objects of a file of config/, with the labels of the release. Takes a dict: root, file, and optionally labels, annotations. Roles and bindings of
the whole cluster become those of the namespace in the mode namespaced. */}}
{{- define "journeyman.config" -}}
{{- $root := .root }}
{{- $annotations := .annotations | default dict }}
{{- range regexSplit "(?m)^---$" ($root.Files.Get .file) -1 }}
{{- $object := fromYaml . }}
{{- if $object.kind }}
{{- $namespaced := eq $root.Values.mode "namespaced" }}
{{- if and $namespaced (has $object.kind (list "ClusterRole" "ClusterRoleBinding")) }}
{{- $_ := set $object "kind" (trimPrefix "Cluster" $object.kind) }}
{{- if $object.roleRef }}{{ $_ := set $object.roleRef "kind" "Role" }}{{ end }}
{{- end }}
{{- $m := $object.metadata }}
{{- $_ := set $m "labels" (mergeOverwrite (dict) $root.Values.labels (fromYaml (include "journeyman.labels" $root)) ($m.labels | default dict) ($.labels | default dict)) }}
{{- $all := mergeOverwrite (dict) $root.Values.annotations ($m.annotations | default dict) $annotations }}
{{- if $all }}{{ $_ := set $m "annotations" $all }}{{ end }}
{{- if has $object.kind (list "Role" "RoleBinding" "ServiceAccount" "Secret" "NetworkPolicy" "PodMonitor" "PrometheusRule") }}
{{- $_ := set $m "namespace" $root.Release.Namespace }}
{{- end }}
{{- range $object.subjects }}
{{- if eq .kind "ServiceAccount" }}{{ $_ := set . "namespace" $root.Release.Namespace }}{{ end }}
{{- end }}
---
{{ toYaml $object }}
{{- end }}
{{- end }}
{{- end }}

{{/* The image of all pods. */}}
{{- define "journeyman.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ printf "%s@%s" .repository .digest }}{{ else }}{{ printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}{{ end }}
{{- end }}
{{- end }}

{{/* Fixed or Platform. */}}
{{- define "journeyman.podUser" -}}
{{- if ne .Values.podUser "Auto" }}{{ .Values.podUser }}
{{- else if .Capabilities.APIVersions.Has "security.openshift.io/v1" }}Platform
{{- else }}Fixed
{{- end }}
{{- end }}

{{/* Security context of a pod. */}}
{{- define "journeyman.podSecurityContext" -}}
runAsNonRoot: true
{{- if eq (include "journeyman.podUser" .) "Fixed" }}
runAsUser: 65532
runAsGroup: 65532
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The group that Secrets in volumes belong to: nobody else may read them. A platform that chooses the user chooses this, too. */}}
{{- define "journeyman.volumeGroup" -}}
{{- if eq (include "journeyman.podUser" .) "Fixed" }}fsGroup: 65532{{ end }}
{{- end }}

{{/* Security context of a container. */}}
{{- define "journeyman.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "journeyman.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
- name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* Whom the operator reaches: those who resolve names, the API server, and stores. */}}
{{- define "journeyman.egress" -}}
- to:
  - namespaceSelector: {}
  {{- range .Values.networkPolicy.dnsCIDRs }}
  - ipBlock:
      cidr: {{ . }}
  {{- end }}
  ports:
  {{- range $port := list 53 5353 }}
  {{- range list "UDP" "TCP" }}
  - protocol: {{ . }}
    port: {{ $port }}
  {{- end }}
  {{- end }}
- to:
  {{- range .Values.networkPolicy.apiServerCIDRs }}
  - ipBlock:
      cidr: {{ . }}
  {{- end }}
  ports:
  - protocol: TCP
    port: 443
  - protocol: TCP
    port: 6443
- to:
  - {{- if eq .Values.mode "cluster" }} namespaceSelector: {}
    {{- end }}
    podSelector:
      matchLabels:
        app.kubernetes.io/name: journeyman
        app.kubernetes.io/component: store
  ports:
  - protocol: TCP
    port: 8443
{{- end }}
