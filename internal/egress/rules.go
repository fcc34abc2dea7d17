// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress

import (
	"net/netip"
	"slices"
)

// class of an address.
type class int

const (
	// public addresses are reached without further ado.
	public class = iota
	// private addresses are allowed by a network or a name that contains them.
	private
	// sensitive addresses have services that trust whoever reaches them. They are allowed only by a network that has nothing else.
	sensitive
	// never is for addresses of no host.
	never
)

// rule is what an address is.
type rule struct {
	class class
	name  string
}

// networks are the rules of special networks, the narrow ones first. Sources: the registries of special-purpose addresses of IANA, and the documentation
// of the clouds for their metadata services.
var networks = []struct {
	rule
	prefixes []netip.Prefix
}{
	{rule{sensitive, "a metadata service of a cloud"}, prefixes(
		"169.254.169.254/32", "169.254.170.2/32", "169.254.170.23/32", "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128",
		"fd00:ec2::23/128", "fd20:ce::254/128")},
	{rule{never, "unspecified"}, prefixes("0.0.0.0/8", "::/128")},
	{rule{sensitive, "a loopback address"}, prefixes("127.0.0.0/8", "::1/128")},
	{rule{sensitive, "a link-local address"}, prefixes("169.254.0.0/16", "fe80::/10")},
	{rule{never, "a multicast or broadcast address"}, prefixes("224.0.0.0/4", "ff00::/8", "255.255.255.255/32")},
	{rule{private, "a private address"}, prefixes("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10")},
	{rule{private, "an address of a provider's shared network (RFC 6598)"}, prefixes("100.64.0.0/10")},
	{rule{private, "a reserved address"}, prefixes(
		"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "3fff::/20")},
}

// global is the part of IPv6 that has public addresses, and wellKnown has public addresses of IPv4 behind NAT64.
var global, wellKnown = netip.MustParsePrefix("2000::/3"), netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// rule returns what an address is, and the network that says so.
func (g *Guard) rule(a netip.Addr) (rule, netip.Prefix) {
	if p, ok := find(g.o.Own, a); ok {
		return rule{sensitive, "an address of the pod or of the Service of the API server"}, p
	}
	for _, n := range networks {
		if p, ok := find(n.prefixes, a); ok {
			return n.rule, p
		}
	}
	if a.Is6() && !global.Contains(a) && !wellKnown.Contains(a) {
		return rule{private, "a reserved address"}, netip.PrefixFrom(a, a.BitLen())
	}
	return rule{}, netip.Prefix{}
}

func find(in []netip.Prefix, a netip.Addr) (netip.Prefix, bool) {
	i := slices.IndexFunc(in, func(p netip.Prefix) bool { return p.Contains(a) })
	if i < 0 {
		return netip.Prefix{}, false
	}
	return in[i], true
}

// forms returns an address, and the IPv4 address that routers or translators take from it. Both are checked.
func forms(a netip.Addr) []netip.Addr {
	out := []netip.Addr{a}
	if !a.Is6() {
		return out
	}
	b := a.As16()
	at := func(i int) netip.Addr { return netip.AddrFrom4([4]byte(b[i : i+4])) }
	switch {
	case wellKnown.Contains(a): // NAT64, RFC 6052.
		return append(out, at(12))
	case b[0] == 0x20 && b[1] == 0x02: // 6to4, RFC 3056.
		return append(out, at(2))
	case [12]byte(b[:12]) == [12]byte{} && !a.IsUnspecified() && !a.IsLoopback(): // IPv4-compatible, RFC 4291.
		return append(out, at(12))
	case b[8]&^3 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe: // ISATAP, RFC 5214.
		return append(out, at(12))
	}
	return out
}
