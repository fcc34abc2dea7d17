// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package output prints objects with the status that the operator would show, and reports whether their numbers are meaningful.
package output

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Object is a map or a report with the status that the operator would show, without conditions.
type Object struct {
	metav1.TypeMeta `json:",inline"`
	// Metadata contains the name and the namespace.
	Metadata struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace,omitempty"`
	} `json:"metadata"`
	// Status is a JourneyMapStatus or a MetricReportStatus.
	Status any `json:"status,omitempty"`
}

// Named returns an object without a status.
func Named(kind metav1.TypeMeta, meta metav1.ObjectMeta) Object {
	o := Object{TypeMeta: kind}
	o.Metadata.Name, o.Metadata.Namespace = meta.Name, meta.Namespace
	return o
}
