// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 is the API of journeyman.dev: the four kinds that turn a customer journey into resources. It imports only apimachinery, so that
// others can import it cheaply.
//
// +kubebuilder:object:generate=true
// +groupName=journeyman.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "journeyman.dev", Version: "v1alpha1"}

// Names of the kinds.
const (
	EventStoreKind       = "EventStore"
	TouchpointSourceKind = "TouchpointSource"
	JourneyMapKind       = "JourneyMap"
	MetricReportKind     = "MetricReport"
)

// SchemeBuilder collects the functions that register the kinds.
var SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme registers the kinds of this package with a scheme.
var AddToScheme = SchemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&EventStore{}, &EventStoreList{},
		&TouchpointSource{}, &TouchpointSourceList{},
		&JourneyMap{}, &JourneyMapList{},
		&MetricReport{}, &MetricReportList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
