// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// Names are derived from the parent's name, which has at most 40 characters, so that the longest one, a Job's with the suffix of the CronJob
// controller, is within the 63 characters of a label.

// StoreName is the name of the StatefulSet, Service, claim and ConfigMap of an EventStore.
func StoreName(store string) string { return store + "-store" }

// IngestName is the name of the Deployment and the other children of a TouchpointSource.
func IngestName(source string) string { return source + "-ingest" }

// MapName is the name of the CronJob and the other children of a JourneyMap.
func MapName(journeyMap string) string { return journeyMap + "-map" }

// ReportName is the name of the CronJob and the other children of a MetricReport.
func ReportName(report string) string { return report + "-report" }

// ServerSecretName returns the name of the Secret that the store's own pod mounts.
func ServerSecretName(store string, m pki.StoreMaterial) string {
	return store + "-store-keys-" + m.ServerSuffix
}

// AppendSecretName returns the name of the Secret that ingestion pods mount.
func AppendSecretName(store string, m pki.StoreMaterial) string {
	return store + "-append-" + m.ClientSuffix
}

// ScanSecretName returns the name of the Secret that analysis jobs mount.
func ScanSecretName(store string, m pki.StoreMaterial) string {
	return store + "-scan-" + m.ClientSuffix
}

// StoreURL returns the URL of the store's protocol.
func StoreURL(store *v1alpha1.EventStore) string {
	return fmt.Sprintf("https://%s.%s.svc:%d", StoreName(store.Name), store.Namespace, podconfig.StorePort)
}

// StoreIdentity returns what the secrets of a store are derived from.
func StoreIdentity(store *v1alpha1.EventStore) pki.StoreIdentity {
	service := StoreName(store.Name)
	inNamespace := service + "." + store.Namespace
	return pki.StoreIdentity{
		Namespace: store.Namespace, Name: store.Name,
		UID: string(store.UID), CreatedAt: store.CreationTimestamp.Time,
		Hosts: []string{service, inNamespace, inNamespace + ".svc", inNamespace + ".svc.cluster.local"},
	}
}

// SourceURL returns the URL of a source inside the cluster. SourcePath returns the path under which it is also served.
func SourceURL(source *v1alpha1.TouchpointSource) string {
	scheme := "http"
	if source.Spec.TLS != nil {
		scheme = "https"
	}
	return fmt.Sprintf("%s://%s.%s.svc", scheme, IngestName(source.Name), source.Namespace)
}

// SourcePath returns the path under which a source is served in addition to "/", for gateways that route by path.
func SourcePath(source *v1alpha1.TouchpointSource) string {
	return "/" + source.Namespace + "/" + source.Name + "/"
}
