// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Labels of all children.
const (
	LabelAppName   = "app.kubernetes.io/name"
	LabelInstance  = "app.kubernetes.io/instance"
	LabelComponent = "app.kubernetes.io/component"
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// LabelKind and LabelName identify the object to which a child belongs.
	LabelKind = "journeyman.dev/kind"
	LabelName = "journeyman.dev/name"

	// AppName is the value of LabelAppName.
	AppName = "journeyman"
	// Manager is the value of LabelManagedBy, and the operator's field manager.
	Manager = "journeyman-operator"
)

// Components are the values of LabelComponent.
const (
	ComponentStore    = "store"
	ComponentIngest   = "ingest"
	ComponentAnalysis = "analysis"
	// componentOperator is the component of the operator's own pods, which come from config/manager or the chart.
	componentOperator = "operator"
)

// parent is what the children need to know about their owner.
type parent struct {
	kind, component string
	namespace, name string
	uid             types.UID
}

func newParent(kind, component string, o metav1.Object) parent {
	return parent{kind: kind, component: component, namespace: o.GetNamespace(), name: o.GetName(), uid: o.GetUID()}
}

// selector returns the selector of the pods. It must never change, because that of a Deployment or StatefulSet is immutable. It depends only on the
// parent's kind and name.
func (p parent) selector() map[string]string {
	return map[string]string{
		LabelAppName:   AppName,
		LabelInstance:  p.name,
		LabelComponent: p.component,
		LabelKind:      p.kind,
	}
}

// IngestLabels returns the labels that select the pods of a TouchpointSource.
func IngestLabels(source string) map[string]string {
	return parent{kind: v1alpha1.TouchpointSourceKind, component: ComponentIngest, name: source}.selector()
}

func (p parent) labels() map[string]string {
	labels := p.selector()
	labels[LabelManagedBy] = Manager
	labels[LabelName] = p.name
	return labels
}

// podLabels returns the parent's labels and those of the user that do not conflict with them or with those of the workload controllers.
func (p parent) podLabels(user map[string]string) map[string]string {
	labels := make(map[string]string, len(user)+6)
	for k, v := range user {
		if !reservedLabel(k) {
			labels[k] = v
		}
	}
	maps.Copy(labels, p.labels())
	return labels
}

func reservedLabel(key string) bool {
	switch key {
	case "pod-template-hash", "controller-revision-hash", "controller-uid", "job-name":
		return true
	}
	for _, prefix := range []string{"journeyman.dev/", "batch.kubernetes.io/", "apps.kubernetes.io/", "statefulset.kubernetes.io/"} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// unowned returns the metadata of a child that outlives its parent. It has no instance label: Argo CD can be configured to track objects with that
// label and without an owner, and would prune them.
func (p parent) unowned(name string) *metaac.ObjectMetaApplyConfiguration {
	labels := p.labels()
	delete(labels, LabelInstance)
	return metaac.ObjectMeta().WithNamespace(p.namespace).WithName(name).WithLabels(labels)
}

// meta returns the metadata of a child with its parent as the controller, so that it is deleted with the parent.
func (p parent) meta(name string) *metaac.ObjectMetaApplyConfiguration {
	return p.unowned(name).WithLabels(p.labels()).WithOwnerReferences(metaac.OwnerReference().
		WithAPIVersion(v1alpha1.GroupVersion.String()).
		WithKind(p.kind).
		WithName(p.name).
		WithUID(p.uid).
		WithController(true).
		WithBlockOwnerDeletion(true))
}

// Adoptable reports whether an object without an owner was left behind by an earlier parent with this kind and name.
func Adoptable(parentKind, parentName string, o metav1.Object) bool {
	labels := o.GetLabels()
	return metav1.GetControllerOf(o) == nil &&
		labels[LabelManagedBy] == Manager && labels[LabelKind] == parentKind && labels[LabelName] == parentName
}
