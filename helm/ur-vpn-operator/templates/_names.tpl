{{- define "ur-vpn.labels" -}}
app.kubernetes.io/name: ur-vpn-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "ur-vpn.image" -}}
{{- $image := index .root.Values.images .name -}}
{{- if $image.digest -}}
{{ $image.repository }}@{{ $image.digest }}
{{- else -}}
{{ $image.repository }}:{{ $image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "ur-vpn.pullSecrets" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "ur-vpn.configVolumes" -}}
- name: config
  configMap:
    name: ur-vpn-config
- name: tmp
  emptyDir:
    medium: Memory
    sizeLimit: 32Mi
{{- end }}

{{- define "ur-vpn.configMounts" -}}
- name: config
  mountPath: /etc/ur-vpn
  readOnly: true
- name: tmp
  mountPath: /tmp
{{- end }}
