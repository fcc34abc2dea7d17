// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// EventStoreChildren returns the objects of an embedded store, in the order in which to apply them.
func EventStoreChildren(in EventStoreInput) ([]Child, error) {
	document, err := in.parent().configMap(StoreName(in.Store.Name), storeDocument(in.Store))
	if err != nil {
		return nil, err
	}
	workload, err := in.statefulSet()
	if err != nil {
		return nil, err
	}
	children := append(in.secrets(), document, in.claim(), in.service())
	// Before the pods, so that these are never more open than they should be.
	children = append(children, in.networkPolicy()...)
	return append(children, workload), nil
}

func (in EventStoreInput) parent() parent {
	return newParent(v1alpha1.EventStoreKind, ComponentStore, in.Store)
}

// secrets hold the store's material, in separate Secrets for each reader.
func (in EventStoreInput) secrets() []Child {
	m := in.Material
	return []Child{
		in.secret(ServerSecretName(in.Store.Name, m), map[string][]byte{
			podconfig.TLSCertFile: m.Cert, podconfig.TLSKeyFile: m.Key,
			podconfig.AppendKey: []byte(m.AppendKey), podconfig.ScanKey: []byte(m.ScanKey), podconfig.AdminKey: []byte(m.AdminKey),
		}),
		in.secret(AppendSecretName(in.Store.Name, m), map[string][]byte{
			podconfig.KeyFile: []byte(m.AppendKey), podconfig.CAFile: m.CA,
		}),
		in.secret(ScanSecretName(in.Store.Name, m), map[string][]byte{
			podconfig.KeyFile: []byte(m.ScanKey), podconfig.CAFile: m.CA,
		}),
	}
}

func (in EventStoreInput) secret(name string, data map[string][]byte) Child {
	p := in.parent()
	ac := coreac.Secret(name, p.namespace).
		WithType(corev1.SecretTypeOpaque).
		// Objects that never change can be immutable, so that the kubelet need not watch them.
		WithImmutable(true).
		WithData(data)
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: secretKind, Namespace: p.namespace, Name: name, CreateOnly: true}
}

func (in EventStoreInput) service() Child {
	p, name := in.parent(), StoreName(in.Store.Name)
	ac := coreac.Service(name, p.namespace).WithSpec(coreac.ServiceSpec().
		WithType(corev1.ServiceTypeClusterIP).
		WithSelector(p.selector()).
		WithPorts(coreac.ServicePort().
			WithName(portStore).
			WithProtocol(corev1.ProtocolTCP).
			WithAppProtocol("https").
			WithPort(podconfig.StorePort).
			WithTargetPort(intstr.FromString(portStore))))
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: serviceKind, Namespace: p.namespace, Name: name}
}

// claim is the claim for the store's volume. It is not a volumeClaimTemplate, because those can neither grow nor be adopted.
func (in EventStoreInput) claim() Child {
	p, name := in.parent(), StoreName(in.Store.Name)
	storage := in.Store.Spec.Backend.Embedded.Storage
	size := in.claimSize()
	spec := coreac.PersistentVolumeClaimSpec().
		WithAccessModes(corev1.ReadWriteOnce).
		WithResources(coreac.VolumeResourceRequirements().
			WithRequests(corev1.ResourceList{corev1.ResourceStorage: size}))
	if storage.StorageClassName != "" {
		spec.WithStorageClassName(storage.StorageClassName)
	}
	retained := storage.ReclaimPolicy != v1alpha1.Delete
	ac := coreac.PersistentVolumeClaim(name, p.namespace).WithSpec(spec)
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	if retained {
		ac.ObjectMetaApplyConfiguration = p.unowned(name)
	}
	return Child{
		Object: ac, GVK: claimKind, Namespace: p.namespace, Name: name, Retained: retained,
		Path: "spec.backend.embedded.storage.size", Remedy: in.sizeRemedy(),
	}
}

// claimSize is the size that the claim requests. A volume never shrinks. A request that could not be fulfilled is reduced if the API server allows it,
// to more than the size of the volume (Kubernetes 1.34 and newer).
func (in EventStoreInput) claimSize() resource.Quantity {
	size := in.Store.Spec.Backend.Embedded.Storage.Size
	switch {
	case in.ClaimPending:
		return in.ClaimSize
	case in.ClaimSize.Cmp(size) <= 0: // there is none, or it grows
		return size
	case in.ClaimSize.Cmp(in.ClaimCapacity) > 0 && !in.ClaimCapacity.IsZero() && size.Cmp(in.ClaimCapacity) > 0:
		return size
	default:
		return in.ClaimSize
	}
}

// sizeRemedy returns what to do if the API server refuses to change the claim.
func (in EventStoreInput) sizeRemedy() string {
	granted := in.Store.Status.GrantedSize
	if granted == nil {
		return "Change the quota, the policy or the storage class so that it allows the size, or request another size."
	}
	return "Change the quota, the policy or the storage class so that it allows the size, or go back to " + granted.String() + ", which the volume has. " +
		"The store continues with the volume that it has."
}

// Granted returns the size that the store's volume was granted: that of the spec once the volume has it, otherwise the previous one. The capacity of
// the volume cannot be used, because drivers round it up.
func (in EventStoreInput) Granted() *resource.Quantity {
	size := in.Store.Spec.Backend.Embedded.Storage.Size
	if in.ClaimCapacity.IsZero() || in.ClaimPending || in.ClaimCapacity.Cmp(size) < 0 {
		return in.Store.Status.GrantedSize
	}
	if was := in.Store.Status.GrantedSize; was != nil && was.Cmp(size) == 0 {
		return was // already written in that form
	}
	return &size
}
