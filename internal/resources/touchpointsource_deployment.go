// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	appsac "k8s.io/client-go/applyconfigurations/apps/v1"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// deployment runs the ingestion pods.
func (in TouchpointSourceInput) deployment() (Child, error) {
	template, annotations, err := podTemplateOf(in, in.Rollout)
	if err != nil {
		return Child{}, err
	}
	p, name := in.parent(), IngestName(in.Source.Name)
	spec := appsac.DeploymentSpec().
		WithRevisionHistoryLimit(3).
		// Set explicitly, so that it is restored: a paused Deployment rolls out nothing, although everything looks applied.
		WithPaused(false).
		WithSelector(labelSelector(p.selector())).
		WithStrategy(in.strategy()).
		WithTemplate(template)
	switch scale := scaleOf(in.Source.Spec.Scaling); {
	case !scale.automatic():
		spec.WithReplicas(scale.minimum)
	case in.KeepReplicas != nil:
		spec.WithReplicas(*in.KeepReplicas)
	}
	ac := appsac.Deployment(name, p.namespace).WithSpec(spec)
	ac.ObjectMetaApplyConfiguration = p.meta(name).WithAnnotations(annotations)
	return Child{Object: ac, GVK: deploymentKind, Namespace: p.namespace, Name: name}, nil
}

// strategy starts a new pod before an old one ends, so that senders always reach one. With a volume, which only one node may be able to mount, the old pod
// ends first.
func (in TouchpointSourceInput) strategy() *appsac.DeploymentStrategyApplyConfiguration {
	unavailable, surge := int32(0), int32(1)
	if in.claim() != "" {
		unavailable, surge = 1, 0
	}
	return appsac.DeploymentStrategy().
		WithType(appsv1.RollingUpdateDeploymentStrategyType).
		WithRollingUpdate(appsac.RollingUpdateDeployment().
			WithMaxUnavailable(intstr.FromInt32(unavailable)).
			WithMaxSurge(intstr.FromInt32(surge)))
}

// claim is the PersistentVolumeClaim with the files that the pods read; empty for none.
func (in TouchpointSourceInput) claim() string {
	if f := in.Source.Spec.Transport.Files; f != nil && f.From != nil && f.From.Volume != nil {
		return f.From.Volume.ClaimName
	}
	return ""
}

func (in TouchpointSourceInput) reported() string { return in.Source.Status.Image }

func (in TouchpointSourceInput) inputs() templateInputs {
	mounts := []mountedSecret{{Volume: volumeKeys, Name: in.AppendSecret}}
	if tls := in.Source.Spec.TLS; tls != nil {
		mounts = append(mounts, mountedSecret{Volume: volumeTLS, Name: tls.SecretRef.Name})
	}
	return templateInputs{
		Kind: v1alpha1.TouchpointSourceKind, Name: in.Source.Name, Pod: in.Source.Spec.Pod, Defaults: in.Pods.inputs(),
		Mounts: append(mounts, in.userSecrets()...), Files: podconfig.TransportFiles(&in.Source.Spec.Transport), Pulls: in.pulls(),
		Claim:      in.claim(),
		Autoscaled: scaleOf(in.Source.Spec.Scaling).automatic(),
	}
}

// userSecrets are the user's Secrets for the pods: for authenticating senders, and for hashing.
func (in TouchpointSourceInput) userSecrets() (out []mountedSecret) {
	if _, ref := in.Source.Spec.Transport.Chosen(); ref != nil {
		spec, _ := expand(&in.Source.Spec)
		out = append(out, mountedSecret{
			Volume: volumeSecret, Name: ref.Name, Key: ref.KeyOr(v1alpha1.DefaultSecretKey), ChallengeKey: spec.Transport.ChallengeKey(),
			APIKey: spec.Transport.APIKey(),
		})
	}
	if privacy := in.Store.Spec.Privacy; privacy != nil && privacy.PepperSecretRef != nil {
		ref := privacy.PepperSecretRef
		out = append(out, mountedSecret{Volume: volumePepper, Name: ref.Name, Key: ref.KeyOr(v1alpha1.DefaultPepperKey)})
	}
	return out
}

func (in TouchpointSourceInput) template(image string) *coreac.PodTemplateSpecApplyConfiguration {
	p := in.parent()
	container := restrictedContainer(ComponentIngest, image)
	if in.pulls() {
		container.WithArgs("--listen=")
	} else {
		container.WithPorts(port(in.eventsPort().name, in.eventsPort().number))
	}
	container.WithPorts(port(portProbes, podconfig.ProbePort), port(portMetrics, podconfig.MetricsPort)).
		WithStartupProbe(startupProbe(1, 60)).
		WithReadinessProbe(probe("/readyz", 5, 2)).
		WithLivenessProbe(probe("/healthz", 10, 6))
	spec := restrictedPod(in.Pods).
		WithServiceAccountName(IngestName(in.Source.Name)).
		WithTerminationGracePeriodSeconds(ingestGraceSeconds).
		WithTopologySpreadConstraints(
			spread(corev1.LabelHostname, p.selector()),
			spread(corev1.LabelTopologyZone, p.selector()))
	withVolumes(spec, container, configVolume(IngestName(in.Source.Name)), keysVolume(in.AppendSecret, podconfig.StoreKeyDir))
	paths := map[string]string{volumeSecret: podconfig.SecretDir, volumePepper: podconfig.PepperDir}
	for _, s := range in.userSecrets() {
		withVolumes(spec, container, userSecretVolume(s, paths[s.Volume]))
	}
	if files := podconfig.TransportFiles(&in.Source.Spec.Transport); len(files) > 0 {
		withVolumes(spec, container, filesVolume(files))
	}
	if claim := in.claim(); claim != "" {
		withVolumes(spec, container, claimVolume(claim))
	}
	if tls := in.Source.Spec.TLS; tls != nil {
		container.WithArgs(fmt.Sprintf("--listen=:%d", podconfig.IngestTLSPort), "--tls-dir="+podconfig.SourceTLSDir)
		withVolumes(spec, container, userKeysVolume(volumeTLS, tls.SecretRef.Name, podconfig.SourceTLSDir, podconfig.TLSCertFile, podconfig.TLSKeyFile))
	}
	defaults := ingestSizes
	if scaleOf(in.Source.Spec.Scaling).automatic() {
		defaults = scaledIngestSizes
	}
	return p.podTemplate(in.Source.Spec.Pod, defaults, spec, container)
}

// spread prefers pods on different nodes or zones. It is also set for a single replica, so that a change of the number of replicas does not restart
// running pods.
func spread(topologyKey string, selector map[string]string) *coreac.TopologySpreadConstraintApplyConfiguration {
	return coreac.TopologySpreadConstraint().
		WithMaxSkew(1).
		WithTopologyKey(topologyKey).
		WithWhenUnsatisfiable(corev1.ScheduleAnyway).
		WithLabelSelector(labelSelector(selector)).
		// Only pods of the same rollout count.
		WithMatchLabelKeys(appsv1.DefaultDeploymentUniqueLabelKey)
}

func labelSelector(labels map[string]string) *metaac.LabelSelectorApplyConfiguration {
	return metaac.LabelSelector().WithMatchLabels(labels)
}
