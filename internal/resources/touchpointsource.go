// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	coreac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// TouchpointSourceChildren returns the objects of a source, in the order in which to apply them.
func TouchpointSourceChildren(in TouchpointSourceInput) ([]Child, error) {
	p, name := in.parent(), IngestName(in.Source.Name)
	document, err := p.configMap(name, IngestDocument(in.Source, in.Store, in.Network))
	if err != nil {
		return nil, err
	}
	workload, err := in.deployment()
	if err != nil {
		return nil, err
	}
	children := []Child{document, p.serviceAccount(name)}
	if !in.pulls() {
		children = append(children, in.service())
	}
	children = append(append(children, in.networkPolicy()...), workload)
	scale := scaleOf(in.Source.Spec.Scaling)
	if scale.automatic() && !in.AutoscalerLater {
		children = append(children, in.autoscaler(scale))
	}
	if scale.minimum >= 2 {
		children = append(children, in.disruptionBudget())
	}
	return children, nil
}

// servicePort is the port for events: its name, its number in the pod and that in the Service.
type servicePort struct {
	name            string
	number, service int32
}

func (in TouchpointSourceInput) eventsPort() servicePort {
	if in.Source.Spec.TLS != nil {
		return servicePort{name: portHTTPS, number: podconfig.IngestTLSPort, service: podconfig.IngestTLSServicePort}
	}
	return servicePort{name: portHTTP, number: podconfig.IngestPort, service: podconfig.IngestServicePort}
}

// pulls reports whether the pods fetch documents. Nobody sends to them, so they have no Service and no port for events.
func (in TouchpointSourceInput) pulls() bool { return in.Source.Spec.Transport.Pulls() }

func (in TouchpointSourceInput) parent() parent {
	return newParent(v1alpha1.TouchpointSourceKind, ComponentIngest, in.Source)
}

// serviceAccount has no token. A pod that needs one requests it itself.
func (p parent) serviceAccount(name string) Child {
	ac := coreac.ServiceAccount(name, p.namespace).WithAutomountServiceAccountToken(false)
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: serviceAccountKind, Namespace: p.namespace, Name: name}
}

func (in TouchpointSourceInput) service() Child {
	p, name, events := in.parent(), IngestName(in.Source.Name), in.eventsPort()
	ac := coreac.Service(name, p.namespace).WithSpec(coreac.ServiceSpec().
		WithType(corev1.ServiceTypeClusterIP).
		WithSelector(p.selector()).
		WithPorts(coreac.ServicePort().
			WithName(events.name).
			WithProtocol(corev1.ProtocolTCP).
			WithAppProtocol(events.name).
			WithPort(events.service).
			WithTargetPort(intstr.FromString(events.name))))
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return Child{Object: ac, GVK: serviceKind, Namespace: p.namespace, Name: name}
}
