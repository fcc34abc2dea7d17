// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// nodeLocalDNS is the address at which NodeLocal DNSCache listens on each node.
const nodeLocalDNS = "169.254.20.10/32"

// networkFlags select the NetworkPolicies that the operator creates.
type networkFlags struct{ policies, metricsFrom, apiServer, dns, permitted string }

func (n *networkFlags) bind(set *flag.FlagSet) {
	set.StringVar(&n.policies, "network-policies", string(resources.PoliciesIngress),
		"NetworkPolicies for the pods of all objects: Ingress (restrict who connects to them), IngressAndEgress (also restrict what they connect to) or None")
	set.StringVar(&n.metricsFrom, "metrics-from", "",
		"who may read the metrics of these pods: a JSON list of peers as in a NetworkPolicy; default: everybody")
	set.StringVar(&n.apiServer, "api-server-cidrs", "",
		"networks of the API server, to which jobs may connect, separated by commas; required for IngressAndEgress")
	set.StringVar(&n.dns, "dns-cidrs", nodeLocalDNS,
		"networks of DNS servers that are not pods of the cluster, separated by commas; for IngressAndEgress")
	set.StringVar(&n.permitted, "egress-permitted-cidrs", "",
		"private networks that TouchpointSources may allow in spec.egress, separated by commas; default: all private networks, but none of loopback, "+
			"link-local, metadata services or the Service of the API server")
}

// network parses the flags. namespace is the operator's own, or empty if it is unknown.
func (n *networkFlags) network(namespace string) (resources.Network, error) {
	out := resources.Network{
		Mode: resources.PolicyMode(n.policies), OperatorNamespace: namespace, APIServer: words(n.apiServer), DNS: words(n.dns),
		EgressPermitted: words(n.permitted),
	}
	switch out.Mode {
	case resources.PoliciesNone, resources.PoliciesIngress, resources.PoliciesBoth:
	default:
		return out, fmt.Errorf("--network-policies=%s: use Ingress, IngressAndEgress or None", n.policies)
	}
	// Each pod parses them, and refuses what this does not.
	if _, err := egress.Parse(out.EgressPermitted, nil); err != nil {
		return out, fmt.Errorf("--egress-permitted-cidrs: %w", err)
	}
	for name, list := range map[string][]string{"api-server-cidrs": out.APIServer, "dns-cidrs": out.DNS} {
		for _, cidr := range list {
			if _, err := netip.ParsePrefix(cidr); err != nil {
				return out, fmt.Errorf("--%s: %q is not a network such as 10.0.0.0/8", name, cidr)
			}
		}
	}
	if out.Mode == resources.PoliciesBoth && len(out.APIServer) == 0 {
		return out, errors.New("--network-policies=IngressAndEgress: jobs write their results to the API server, so set its addresses in " +
			"--api-server-cidrs. They are what \"kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes\" shows, each with /32")
	}
	var err error
	out.MetricsFrom, err = peers(n.metricsFrom)
	return out, err
}

// peers parses a list of peers. It refuses what the API server would refuse later, in each namespace.
func peers(text string) (list []networkingv1.NetworkPolicyPeer, err error) {
	if text == "" {
		return nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("--metrics-from is not a list of peers of a NetworkPolicy: %w", err)
	}
	for i, p := range list {
		if err := peer(p); err != nil {
			return nil, fmt.Errorf("--metrics-from, entry %d: %w", i+1, err)
		}
	}
	return list, nil
}

func peer(p networkingv1.NetworkPolicyPeer) error {
	if (p.IPBlock == nil) == (p.NamespaceSelector == nil && p.PodSelector == nil) {
		return errors.New("a peer has either selectors or an ipBlock")
	}
	for _, s := range []*metav1.LabelSelector{p.NamespaceSelector, p.PodSelector} {
		if _, err := metav1.LabelSelectorAsSelector(s); err != nil {
			return err
		}
	}
	if p.IPBlock == nil {
		return nil
	}
	for _, cidr := range append([]string{p.IPBlock.CIDR}, p.IPBlock.Except...) {
		if _, err := netip.ParsePrefix(cidr); err != nil {
			return fmt.Errorf("%q is not a network such as 10.0.0.0/8", cidr)
		}
	}
	return nil
}
