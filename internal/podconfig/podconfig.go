// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podconfig is the contract between the operator, which writes these documents to ConfigMaps, and the pods, which read them. It also defines
// the paths of files in pods. A pod refuses a document with an unknown version.
package podconfig

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Version of the documents in this package.
const Version = 1

// Files and folders in the pods.
const (
	// File is the name of the document, in the folder Dir.
	File = "config.json"
	// Dir is where the ConfigMap is mounted.
	Dir = "/etc/journeyman/config"
	// StoreKeyDir contains KeyFile and CAFile: the pod's own key to the store.
	StoreKeyDir = "/etc/journeyman/store"
	// SecretDir contains the user's Secret for verification, mounted as optional: the file has the name of its key.
	SecretDir = "/etc/journeyman/secret"
	// PepperDir contains the user's Secret for hashing, mounted as optional.
	PepperDir = "/etc/journeyman/pepper"
	// SourceTLSDir contains the user's certificate and key for senders, mounted as optional if the source has one.
	SourceTLSDir = "/etc/journeyman/tls"
	// StoreServerDir contains the store's certificate, key and the three access keys.
	StoreServerDir = "/etc/journeyman/server"
	// DataDir is where the store's volume is mounted.
	DataDir = "/data"
	// FilesDir has the volume with the files that a source reads.
	FilesDir = "/files"
)

// Keys in the Secrets that the operator creates.
const (
	KeyFile     = "key"
	CAFile      = "ca.crt"
	TLSCertFile = "tls.crt"
	TLSKeyFile  = "tls.key"
	AppendKey   = "append.key"
	ScanKey     = "scan.key"
	AdminKey    = "admin.key"
)

// Ports of the pods.
const (
	// IngestPort serves senders; IngestServicePort is that of the Service.
	IngestPort        = 8080
	IngestServicePort = 80
	// IngestTLSPort serves them by HTTPS; IngestTLSServicePort is that of the Service.
	IngestTLSPort        = 8443
	IngestTLSServicePort = 443
	// ProbePort serves /healthz and /readyz to the kubelet.
	ProbePort = 8081
	// MetricsPort serves /metrics. It differs from ProbePort, so that a policy can limit who can read metrics.
	MetricsPort = 9090
	// StorePort serves the store protocol by TLS to pods of sources, maps and reports, and to the operator.
	StorePort = 8443
	// StoreAdminPort serves the whole protocol by TLS for the admin key, only inside the store's pod.
	StoreAdminPort = 8444
)

// Store is how a pod connects to its store.
type Store struct {
	// URL such as https://default-store.shop.svc:8443.
	URL string `json:"url"`
	// UID of the EventStore.
	UID string `json:"uid"`
}

// Ingest is the document of an ingestion pod.
type Ingest struct {
	// Version of the document.
	Version int `json:"version"`
	// Namespace, Name, UID and Generation of the TouchpointSource.
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	// Store that events go to.
	Store Store `json:"store"`
	// Source is the spec, completed by its preset, without allowFrom, scaling and pod.
	Source v1alpha1.TouchpointSourceSpec `json:"source"`
	// RulePaths are the names, in errors, of the last rules of Source, which come from the preset.
	RulePaths []string `json:"rulePaths,omitempty"`
	// Privacy is the store's policy, nil for none.
	Privacy *v1alpha1.PrivacyPolicy `json:"privacy,omitempty"`
	// Placeholders are the store's own words for nobody.
	Placeholders []v1alpha1.Placeholder `json:"placeholders,omitempty"`
	// Retention of the store; empty for none.
	Retention v1alpha1.Duration `json:"retention,omitempty"`
	// EgressPermitted are the private networks that the operator lets sources allow; empty for all.
	EgressPermitted []string `json:"egressPermitted,omitempty"`
}

// StoreServer is the document of a store pod.
type StoreServer struct {
	// Version of the document.
	Version int `json:"version"`
	// Namespace, Name and UID of the EventStore.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
	// Retention; empty keeps everything.
	Retention v1alpha1.Duration `json:"retention,omitempty"`
	// Identity policy, nil for the defaults.
	Identity *v1alpha1.IdentityPolicy `json:"identity,omitempty"`
}

// MapSource is what an analysis job knows about a source.
type MapSource struct {
	// Name of the TouchpointSource.
	Name string `json:"name"`
	// ExpectEvery of it; empty for no expectation.
	ExpectEvery v1alpha1.Duration `json:"expectEvery,omitempty"`
	// Channel of it.
	Channel string `json:"channel,omitempty"`
	// CreatedAt is its creation time, so that a source that never sent anything has a watermark.
	CreatedAt metav1.Time `json:"createdAt"`
}

// Analysis is the document of an analysis job.
type Analysis struct {
	// Version of the document.
	Version int `json:"version"`
	// Kind, Namespace, Name, UID and Generation of the object whose status the job writes.
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
	Generation int64  `json:"generation"`
	// Store that events are read from.
	Store Store `json:"store"`
	// Exclude rules of the store.
	Exclude []v1alpha1.EventCondition `json:"exclude,omitempty"`
	// Sources of the map, by name.
	Sources []MapSource `json:"sources"`
	// Map is the JourneyMap's spec, for both kinds, without pod; MapGeneration, MapName and MapCreatedAt are its own.
	Map           v1alpha1.JourneyMapSpec `json:"map"`
	MapName       string                  `json:"mapName"`
	MapGeneration int64                   `json:"mapGeneration"`
	MapCreatedAt  metav1.Time             `json:"mapCreatedAt"`
	// Report is the MetricReport's spec, without pod, with the analysis as ReportAnalysis gives it; nil for a JourneyMap.
	Report *v1alpha1.MetricReportSpec `json:"report,omitempty"`
	// MapHash of a report is that of the same name.
	MapHash string `json:"mapHash,omitempty"`
	// SourcesHash is that of the same name.
	SourcesHash string `json:"sourcesHash,omitempty"`
}
