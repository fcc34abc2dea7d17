// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// Allowance lists what may be reached although it is not public.
type Allowance struct {
	// CIDRs are networks.
	CIDRs []netip.Prefix
	// Hosts are names in lower case. "*.example.com" is every name below example.com.
	Hosts []string
}

// Parse reads networks and names.
func Parse(cidrs, hosts []string) (Allowance, error) {
	var out Allowance
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return Allowance{}, fmt.Errorf("%q is not a network; write it like 10.0.0.0/8 or fd00::/8", c)
		}
		if p.Addr().Is4In6() {
			return Allowance{}, fmt.Errorf("%q is an IPv4 network in IPv6; write the IPv4 network", c)
		}
		out.CIDRs = append(out.CIDRs, p.Masked())
	}
	for _, h := range hosts {
		out.Hosts = append(out.Hosts, normal(h))
	}
	return out, nil
}

// Private is what the operator permits unless its flags say otherwise: the private networks. A source has to allow each that it uses.
func Private() Allowance {
	return Allowance{CIDRs: prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")}
}

// lists reports whether an address, or the name by which it is reached, is listed.
func (l *Allowance) lists(host string, a netip.Addr) bool {
	if _, ok := find(l.CIDRs, a); ok {
		return true
	}
	host = normal(host)
	return host != "" && slices.ContainsFunc(l.Hosts, func(pattern string) bool {
		suffix, wildcard := strings.CutPrefix(pattern, "*")
		return host == pattern || wildcard && strings.HasPrefix(suffix, ".") && len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	})
}

// within reports whether a network that contains the address, and nothing but addresses of the given one, is listed.
func (l *Allowance) within(a netip.Addr, of netip.Prefix) bool {
	return slices.ContainsFunc(l.CIDRs, func(p netip.Prefix) bool {
		return p.Contains(a) && p.Bits() >= of.Bits()
	})
}

// normal returns a name as it is compared.
func normal(host string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
}

// Own returns the addresses of this pod and of the Service of the API server, which every pod can reach. The API server's other addresses are not known here.
func Own() ([]netip.Prefix, error) {
	var out []netip.Prefix
	if a, err := netip.ParseAddr(os.Getenv("KUBERNETES_SERVICE_HOST")); err == nil {
		out = append(out, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("the addresses of this pod are unknown: %w", err)
	}
	for _, a := range own {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLoopback() {
			continue
		}
		out = append(out, netip.PrefixFrom(p.Addr().Unmap().WithZone(""), p.Addr().Unmap().BitLen()))
	}
	return out, nil
}
