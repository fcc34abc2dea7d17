// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	appsv1 "k8s.io/api/apps/v1"
	appsac "k8s.io/client-go/applyconfigurations/apps/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

const (
	// storeGraceSeconds is the time for the store to shut down, ingestGraceSeconds for the Service's endpoints to be updated and requests to end.
	storeGraceSeconds  = 60
	ingestGraceSeconds = 30
	// startupFailures is the number of probes, ten seconds apart: half an hour, so that a store that replays a long log is not killed.
	startupFailures = 180
)

// statefulSet runs the one pod of the store.
func (in EventStoreInput) statefulSet() (Child, error) {
	template, annotations, err := podTemplateOf(in, in.Rollout)
	if err != nil {
		return Child{}, err
	}
	p, name := in.parent(), StoreName(in.Store.Name)
	ac := appsac.StatefulSet(name, p.namespace).WithSpec(appsac.StatefulSetSpec().
		WithReplicas(1).
		WithServiceName(name).
		// Parallel, because with the other policy a pod that cannot start blocks its own replacement.
		WithPodManagementPolicy(appsv1.ParallelPodManagement).
		WithUpdateStrategy(appsac.StatefulSetUpdateStrategy().WithType(appsv1.RollingUpdateStatefulSetStrategyType)).
		WithRevisionHistoryLimit(3).
		WithSelector(labelSelector(p.selector())).
		WithTemplate(template))
	ac.ObjectMetaApplyConfiguration = p.meta(name).WithAnnotations(annotations)
	return Child{Object: ac, GVK: statefulSetKind, Namespace: p.namespace, Name: name}, nil
}

func (in EventStoreInput) reported() string { return in.Store.Status.Image }

func (in EventStoreInput) inputs() templateInputs {
	return templateInputs{
		Kind: v1alpha1.EventStoreKind, Name: in.Store.Name, Pod: in.Store.Spec.Pod, Defaults: in.Pods.inputs(),
		Mounts: []mountedSecret{{Volume: volumeKeys, Name: ServerSecretName(in.Store.Name, in.Material)}},
	}
}

func (in EventStoreInput) template(image string) *coreac.PodTemplateSpecApplyConfiguration {
	container := restrictedContainer(ComponentStore, image).
		// The port for calls of administrators is not listed, because it is served only inside the pod.
		WithPorts(port(portStore, podconfig.StorePort), port(portProbes, podconfig.ProbePort), port(portMetrics, podconfig.MetricsPort)).
		WithStartupProbe(startupProbe(10, startupFailures)).
		WithReadinessProbe(probe("/readyz", 5, 3)).
		WithLivenessProbe(probe("/healthz", 10, 6))
	spec := restrictedPod(in.Pods).WithTerminationGracePeriodSeconds(storeGraceSeconds)
	claim := coreac.PersistentVolumeClaimVolumeSource().WithClaimName(StoreName(in.Store.Name))
	withVolumes(spec, container,
		configVolume(StoreName(in.Store.Name)),
		keysVolume(ServerSecretName(in.Store.Name, in.Material), podconfig.StoreServerDir),
		mountAt(coreac.Volume().WithName(volumeData).WithPersistentVolumeClaim(claim), podconfig.DataDir, false),
	)
	return in.parent().podTemplate(in.Store.Spec.Pod, storeSizes, spec, container)
}
