// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	metaac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// PolicyMode selects the NetworkPolicies that the operator creates.
type PolicyMode string

const (
	// PoliciesNone makes none.
	PoliciesNone PolicyMode = "None"
	// PoliciesIngress limit who can connect to the pods.
	PoliciesIngress PolicyMode = "Ingress"
	// PoliciesBoth also limit what the pods can connect to.
	PoliciesBoth PolicyMode = "IngressAndEgress"
)

// Network is what NetworkPolicies depend on in addition to their object. The zero value creates none.
type Network struct {
	// Mode is empty for PoliciesNone.
	Mode PolicyMode
	// OperatorNamespace is the namespace of the operator's pods. If it is empty, because the operator does not know it, stores are open to everybody who
	// has a key.
	OperatorNamespace string
	// MetricsFrom are the peers that can read metrics; empty for everybody.
	MetricsFrom []networkingv1.NetworkPolicyPeer
	// APIServer and DNS are the networks of these, for policies with egress. DNS is in addition to the pods of the cluster.
	APIServer, DNS []string
	// EgressPermitted are the private networks that sources may allow for their connections; empty for all.
	EgressPermitted []string
}

// Ports of others to which pods connect.
var (
	// dnsPorts are those of a Service, and of the pods behind it on OpenShift.
	dnsPorts = []int32{53, 5353}
	// apiServerPorts are those of the Service kubernetes, and of most API servers behind it.
	apiServerPorts = []int32{443, 6443}
)

// Made reports whether the operator creates policies.
func (n Network) Made() bool { return n.Mode == PoliciesIngress || n.Mode == PoliciesBoth }

// networkPolicy limits the pods of a parent: only the given rules allow connections to them, and with egress, they can connect to nothing else. Users
// can add policies of their own, because policies are additive.
func (n Network) networkPolicy(p parent, name string, from []*networkingac.NetworkPolicyIngressRuleApplyConfiguration,
	to []*networkingac.NetworkPolicyEgressRuleApplyConfiguration,
) []Child {
	if !n.Made() {
		return nil
	}
	spec := networkingac.NetworkPolicySpec().
		WithPodSelector(labelSelector(p.selector())).
		WithPolicyTypes(networkingv1.PolicyTypeIngress).
		WithIngress(from...)
	if n.Mode == PoliciesBoth {
		spec.WithPolicyTypes(networkingv1.PolicyTypeEgress).WithEgress(to...)
	}
	ac := networkingac.NetworkPolicy(name, p.namespace).WithSpec(spec)
	ac.ObjectMetaApplyConfiguration = p.meta(name)
	return []Child{{Object: ac, GVK: networkPolicyKind, Namespace: p.namespace, Name: name}}
}

// networkPolicy of the store: its protocol is open to the pods of sources, maps and reports in its namespace, and to the operator. Calls of
// administrators come from inside the pod, where policies do not apply.
func (in EventStoreInput) networkPolicy() []Child {
	readers := metaac.LabelSelector().
		WithMatchLabels(map[string]string{LabelAppName: AppName, LabelManagedBy: Manager}).
		WithMatchExpressions(metaac.LabelSelectorRequirement().WithKey(LabelComponent).
			WithOperator(metav1.LabelSelectorOpIn).WithValues(ComponentIngest, ComponentAnalysis))
	protocol := networkingac.NetworkPolicyIngressRule().WithPorts(policyPorts(corev1.ProtocolTCP, podconfig.StorePort)...)
	if ns := in.Network.OperatorNamespace; ns != "" {
		protocol.WithFrom(
			networkingac.NetworkPolicyPeer().WithPodSelector(readers),
			networkingac.NetworkPolicyPeer().
				WithNamespaceSelector(labelSelector(map[string]string{corev1.LabelMetadataName: ns})).
				WithPodSelector(labelSelector(map[string]string{LabelAppName: AppName, LabelComponent: componentOperator})))
	}
	from := []*networkingac.NetworkPolicyIngressRuleApplyConfiguration{protocol, in.Network.metrics()}
	return in.Network.networkPolicy(in.parent(), StoreName(in.Store.Name), from, nil)
}

// networkPolicy of a source: senders can connect to the port for events, and the pods to their store. Pods that fetch can connect to the ports of their
// system, on any host: the addresses behind its names are not known here.
func (in TouchpointSourceInput) networkPolicy() []Child {
	from := []*networkingac.NetworkPolicyIngressRuleApplyConfiguration{in.Network.metrics()}
	if !in.pulls() {
		events := networkingac.NetworkPolicyIngressRule().WithPorts(policyPorts(corev1.ProtocolTCP, in.eventsPort().number)...)
		for _, peer := range in.Source.Spec.AllowFrom {
			events.WithFrom(senderPeer(peer))
		}
		from = slices.Insert(from, 0, events)
	}
	to := append(in.Network.toDNS(), toStore(in.Store))
	if ports := podconfig.TransportPorts(&in.Source.Spec.Transport); len(ports) > 0 {
		to = append(to, networkingac.NetworkPolicyEgressRule().WithPorts(policyPorts(corev1.ProtocolTCP, ports...)...))
	}
	return in.Network.networkPolicy(in.parent(), IngestName(in.Source.Name), from, to)
}

// networkPolicy of a map or a report: nobody can connect to its jobs, which can connect to the store and the API server.
func (r analysisRun) networkPolicy() []Child {
	to := append(r.Network.toDNS(), toStore(r.Store), r.Network.toAPIServer())
	return r.Network.networkPolicy(r.parent, r.name, nil, to)
}

// senderPeer converts an entry of spec.allowFrom. Pod labels alone refer to the source's own namespace, as in a NetworkPolicy.
func senderPeer(peer v1alpha1.SenderPeer) *networkingac.NetworkPolicyPeerApplyConfiguration {
	ac := networkingac.NetworkPolicyPeer()
	if peer.CIDR != "" {
		return ac.WithIPBlock(networkingac.IPBlock().WithCIDR(peer.CIDR))
	}
	if len(peer.NamespaceLabels) > 0 {
		ac.WithNamespaceSelector(labelSelector(peer.NamespaceLabels))
	}
	if len(peer.PodLabels) > 0 {
		ac.WithPodSelector(labelSelector(peer.PodLabels))
	}
	return ac
}

// metrics returns the rule for scrapers. The kubelet's probes need none, because a node can always connect to its pods.
func (n Network) metrics() *networkingac.NetworkPolicyIngressRuleApplyConfiguration {
	rule := networkingac.NetworkPolicyIngressRule().WithPorts(policyPorts(corev1.ProtocolTCP, podconfig.MetricsPort)...)
	for i := range n.MetricsFrom {
		rule.WithFrom(peerOf(&n.MetricsFrom[i]))
	}
	return rule
}

func toStore(store *v1alpha1.EventStore) *networkingac.NetworkPolicyEgressRuleApplyConfiguration {
	pods := newParent(v1alpha1.EventStoreKind, ComponentStore, store).selector()
	return networkingac.NetworkPolicyEgressRule().
		WithTo(networkingac.NetworkPolicyPeer().WithPodSelector(labelSelector(pods))).
		WithPorts(policyPorts(corev1.ProtocolTCP, podconfig.StorePort)...)
}

// toDNS allows connections to DNS servers: pods in any namespace, and servers on the node.
func (n Network) toDNS() []*networkingac.NetworkPolicyEgressRuleApplyConfiguration {
	to := []*networkingac.NetworkPolicyPeerApplyConfiguration{networkingac.NetworkPolicyPeer().WithNamespaceSelector(metaac.LabelSelector())}
	return []*networkingac.NetworkPolicyEgressRuleApplyConfiguration{networkingac.NetworkPolicyEgressRule().
		WithTo(append(to, blocks(n.DNS)...)...).
		WithPorts(append(policyPorts(corev1.ProtocolUDP, dnsPorts...), policyPorts(corev1.ProtocolTCP, dnsPorts...)...)...)}
}

func (n Network) toAPIServer() *networkingac.NetworkPolicyEgressRuleApplyConfiguration {
	return networkingac.NetworkPolicyEgressRule().
		WithTo(blocks(n.APIServer)...).
		WithPorts(policyPorts(corev1.ProtocolTCP, apiServerPorts...)...)
}

// blocks are sorted, so that the order in a flag does not matter.
func blocks(cidrs []string) (out []*networkingac.NetworkPolicyPeerApplyConfiguration) {
	for _, cidr := range slices.Sorted(slices.Values(cidrs)) {
		out = append(out, networkingac.NetworkPolicyPeer().WithIPBlock(networkingac.IPBlock().WithCIDR(cidr)))
	}
	return out
}

func policyPorts(protocol corev1.Protocol, numbers ...int32) (out []*networkingac.NetworkPolicyPortApplyConfiguration) {
	for _, n := range numbers {
		out = append(out, networkingac.NetworkPolicyPort().WithProtocol(protocol).WithPort(intstr.FromInt32(n)))
	}
	return out
}

func selectorOf(s *metav1.LabelSelector) *metaac.LabelSelectorApplyConfiguration {
	ac := metaac.LabelSelector().WithMatchLabels(s.MatchLabels)
	for _, e := range s.MatchExpressions {
		ac.WithMatchExpressions(metaac.LabelSelectorRequirement().WithKey(e.Key).WithOperator(e.Operator).WithValues(e.Values...))
	}
	return ac
}

// peerOf converts a peer of the core API to the form that is applied.
func peerOf(peer *networkingv1.NetworkPolicyPeer) *networkingac.NetworkPolicyPeerApplyConfiguration {
	ac := networkingac.NetworkPolicyPeer()
	if peer.IPBlock != nil {
		ac.WithIPBlock(networkingac.IPBlock().WithCIDR(peer.IPBlock.CIDR).WithExcept(peer.IPBlock.Except...))
	}
	if peer.NamespaceSelector != nil {
		ac.WithNamespaceSelector(selectorOf(peer.NamespaceSelector))
	}
	if peer.PodSelector != nil {
		ac.WithPodSelector(selectorOf(peer.PodSelector))
	}
	return ac
}
