// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

const (
	// userID of every process, and group of volumes
	userID = 65532
	// binDir contains the programs in the image.
	binDir = "/"
	// Names of ports.
	portHTTP    = "http"
	portHTTPS   = "https"
	portStore   = "store"
	portProbes  = "probes"
	portMetrics = "metrics"
	// Names of volumes.
	volumeConfig = "config"
	volumeKeys   = "keys"
	volumeSecret = "secret"
	volumePepper = "pepper"
	volumeTLS    = "tls"
	volumeData   = "data"
	volumeFiles  = "files"
)

// restrictedPod is a pod spec that the restricted Pod Security profile admits, without a service-account token.
func restrictedPod(defaults PodDefaults) *coreac.PodSpecApplyConfiguration {
	spec := coreac.PodSpec().
		WithAutomountServiceAccountToken(false).
		// Service links would add a variable for every Service of the namespace to the pods.
		WithEnableServiceLinks(false).
		WithSecurityContext(defaults.securityContext())
	withPullSecrets(spec, defaults.ImagePullSecrets...)
	return spec
}

// restrictedContainer is a container without privileges that runs a program of the image.
func restrictedContainer(program, image string) *coreac.ContainerApplyConfiguration {
	return coreac.Container().
		WithName(program).
		WithImage(image).
		WithImagePullPolicy(corev1.PullIfNotPresent).
		WithCommand(binDir + program).
		WithTerminationMessagePolicy(corev1.TerminationMessageFallbackToLogsOnError).
		WithSecurityContext(coreac.SecurityContext().
			WithRunAsNonRoot(true).
			WithAllowPrivilegeEscalation(false).
			WithReadOnlyRootFilesystem(true).
			WithCapabilities(coreac.Capabilities().WithDrop("ALL")))
}

func port(name string, number int32) *coreac.ContainerPortApplyConfiguration {
	return coreac.ContainerPort().WithName(name).WithContainerPort(number).WithProtocol(corev1.ProtocolTCP)
}

// probe sends a request to the probe port at an interval.
func probe(path string, everySeconds, failures int32) *coreac.ProbeApplyConfiguration {
	return coreac.Probe().
		WithHTTPGet(coreac.HTTPGetAction().WithPath(path).WithPort(intstr.FromString(portProbes))).
		WithPeriodSeconds(everySeconds).
		WithTimeoutSeconds(5).
		WithFailureThreshold(failures)
}

// startupDelay is the time before the first probe: a kubelet warns of each failed probe, and on a busy node a container that was just started does
// not listen yet.
const startupDelay = 5

// startupProbe repeats until it succeeds once. The other probes start then.
func startupProbe(everySeconds, failures int32) *coreac.ProbeApplyConfiguration {
	return probe("/healthz", everySeconds, failures).WithInitialDelaySeconds(startupDelay)
}

// mounted is a volume with its mount path.
type mounted struct {
	volume *coreac.VolumeApplyConfiguration
	mount  *coreac.VolumeMountApplyConfiguration
}

func mountAt(volume *coreac.VolumeApplyConfiguration, path string, readOnly bool) mounted {
	mount := coreac.VolumeMount().WithName(*volume.Name).WithMountPath(path)
	if readOnly {
		mount.WithReadOnly(true)
	}
	return mounted{volume: volume, mount: mount}
}

// configVolume mounts the document of a ConfigMap. The kubelet updates it, and the pods reload it.
func configVolume(configMap string) mounted {
	return mountAt(coreac.Volume().WithName(volumeConfig).
		WithConfigMap(coreac.ConfigMapVolumeSource().WithName(configMap)), podconfig.Dir, true)
}

// keysVolume mounts a Secret that the operator creates. It is not optional: the pod waits until it exists.
func keysVolume(secret, path string) mounted {
	return mountAt(coreac.Volume().WithName(volumeKeys).
		WithSecret(coreac.SecretVolumeSource().WithSecretName(secret).WithDefaultMode(0o440)), path, true)
}

// userSecretVolume mounts the keys of a user's Secret. It is optional: a pod without it starts, refuses what it cannot verify, and reports that. The
// Secret appears in the pod once it exists.
func userSecretVolume(s mountedSecret, path string) mounted {
	keys := []string{s.Key}
	for _, more := range []string{s.ChallengeKey, s.APIKey} {
		if more != "" {
			keys = append(keys, more)
		}
	}
	return userKeysVolume(s.Volume, s.Name, path, keys...)
}

// userKeysVolume mounts some keys of a user's Secret.
func userKeysVolume(volume, secret, path string, keys ...string) mounted {
	source := coreac.SecretVolumeSource().WithSecretName(secret).WithOptional(true).WithDefaultMode(0o440)
	for _, key := range keys {
		source.WithItems(coreac.KeyToPath().WithKey(key).WithPath(key))
	}
	return mountAt(coreac.Volume().WithName(volume).WithSecret(source), path, true)
}

// filesVolume mounts what the pods need to fetch documents, from several Secrets and ConfigMaps. Each is optional, as in userSecretVolume.
func filesVolume(files []podconfig.FileRef) mounted {
	source := coreac.ProjectedVolumeSource().WithDefaultMode(0o440)
	for _, f := range files {
		item := coreac.KeyToPath().WithKey(f.Key).WithPath(f.Path)
		if f.ConfigMap != "" {
			source.WithSources(coreac.VolumeProjection().WithConfigMap(coreac.ConfigMapProjection().WithName(f.ConfigMap).WithOptional(true).WithItems(item)))
			continue
		}
		source.WithSources(coreac.VolumeProjection().WithSecret(coreac.SecretProjection().WithName(f.Secret).WithOptional(true).WithItems(item)))
	}
	return mountAt(coreac.Volume().WithName(volumeSecret).WithProjected(source), podconfig.SecretDir, true)
}

// claimVolume mounts the files that a source reads. The volume itself is read-only, so that the kubelet does not change the owner of its files.
func claimVolume(claim string) mounted {
	return mountAt(coreac.Volume().WithName(volumeFiles).
		WithPersistentVolumeClaim(coreac.PersistentVolumeClaimVolumeSource().WithClaimName(claim).WithReadOnly(true)), podconfig.FilesDir, true)
}

func withVolumes(spec *coreac.PodSpecApplyConfiguration, container *coreac.ContainerApplyConfiguration, volumes ...mounted) {
	for _, v := range volumes {
		spec.WithVolumes(v.volume)
		container.WithVolumeMounts(v.mount)
	}
}
