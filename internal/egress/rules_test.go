// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

func allow(t require.TestingT, cidrs ...string) egress.Allowance {
	out, err := egress.Parse(cidrs, nil)
	require.NoError(t, err)
	return out
}

// guard returns a guard of a source that allows networks, all of which the operator permits.
func guard(t require.TestingT, cidrs ...string) *egress.Guard {
	return egress.New(egress.Options{Allowed: allow(t, cidrs...), Permitted: allow(t, cidrs...)})
}

func TestAddresses(t *testing.T) {
	g := egress.New(egress.Options{
		Permitted: egress.Private(), Own: []netip.Prefix{netip.MustParsePrefix("8.8.4.4/32")},
	})
	for text, rule := range map[string]string{
		"8.8.8.8": "", "2001:4860:4860::8888": "", "64:ff9b::808:808": "", "2002:808:808::1": "", "::ffff:8.8.8.8": "",
		"127.0.0.1": "a loopback address", "127.8.9.10": "a loopback address", "::1": "a loopback address", "::ffff:127.0.0.1": "a loopback address",
		"0.0.0.0": "unspecified", "0.1.2.3": "unspecified", "::": "unspecified", "::ffff:0.0.0.0": "unspecified",
		"169.254.1.1": "a link-local address", "fe80::1": "a link-local address", "fe80::1%eth0": "a link-local address",
		"169.254.169.254": "a metadata service of a cloud", "::ffff:169.254.169.254": "a metadata service of a cloud",
		"169.254.170.2": "a metadata service of a cloud", "100.100.100.200": "a metadata service of a cloud", "168.63.129.16": "a metadata service of a cloud",
		"fd00:ec2::254": "a metadata service of a cloud", "fd20:ce::254": "a metadata service of a cloud",
		"224.0.0.1": "a multicast or broadcast address", "ff02::1": "a multicast or broadcast address", "255.255.255.255": "a multicast or broadcast address",
		"10.0.0.1": "a private address", "172.16.0.1": "a private address", "172.31.255.255": "a private address", "192.168.1.1": "a private address",
		"fd12::1": "a private address", "fec0::1": "a private address", "100.64.0.1": "an address of a provider's shared network (RFC 6598)",
		"192.0.2.1": "a reserved address", "198.18.0.1": "a reserved address", "240.0.0.1": "a reserved address", "2001:db8::1": "a reserved address",
		"2001::1": "a reserved address", "4000::1": "a reserved address", "64:ff9b:1::a00:1": "a reserved address",
		"64:ff9b::7f00:1": "a form of 127.0.0.1, a loopback address", "64:ff9b::a9fe:a9fe": "a form of 169.254.169.254, a metadata service of a cloud",
		"2002:7f00:1::1": "a form of 127.0.0.1, a loopback address", "2002:a00:1::1": "a form of 10.0.0.1, a private address",
		"2a00::5efe:a00:1": "a form of 10.0.0.1, a private address", "2a00::200:5efe:c0a8:101": "a form of 192.168.1.1, a private address",
		"8.8.4.4":          "an address of the pod or of the Service of the API server",
		"64:ff9b::808:404": "a form of 8.8.4.4, an address of the pod or of the Service of the API server",
	} {
		err := g.Check("example.test", netip.MustParseAddr(text))
		if rule == "" {
			require.NoError(t, err, text)
			continue
		}
		var refused *egress.RefusedError
		require.ErrorAs(t, err, &refused, text)
		require.Equal(t, rule, refused.Rule, text)
		require.NotEmpty(t, refused.Fix, text)
	}
}

func TestWhatPermits(t *testing.T) {
	names, err := egress.Parse(nil, []string{"Broker.Shop.svc.", "*.lan.example.com"})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		allowed, permitted egress.Allowance
		host, address      string
		ok                 bool
	}{
		"both":                                {allow(t, "10.1.0.0/16"), egress.Private(), "a", "10.1.2.3", true},
		"only the source":                     {allow(t, "10.1.0.0/16"), egress.Allowance{}, "a", "10.1.2.3", false},
		"only the operator":                   {egress.Allowance{}, egress.Private(), "a", "10.1.2.3", false},
		"another network":                     {allow(t, "10.2.0.0/16"), egress.Private(), "a", "10.1.2.3", false},
		"a mapped address":                    {allow(t, "10.1.0.0/16"), egress.Private(), "a", "::ffff:10.1.2.3", true},
		"a name":                              {names, egress.Private(), "broker.shop.svc", "10.1.2.3", true},
		"a name with a dot":                   {names, egress.Private(), "BROKER.shop.svc.", "10.1.2.3", true},
		"a name below":                        {names, egress.Private(), "db.lan.example.com", "10.1.2.3", true},
		"the suffix itself":                   {names, egress.Private(), "lan.example.com", "10.1.2.3", false},
		"a longer name":                       {names, egress.Private(), "evil-broker.shop.svc", "10.1.2.3", false},
		"another suffix":                      {names, egress.Private(), "xlan.example.com", "10.1.2.3", false},
		"a name for a sensitive address":      {names, names, "broker.shop.svc", "169.254.169.254", false},
		"everything for a sensitive address":  {allow(t, "0.0.0.0/0"), allow(t, "0.0.0.0/0"), "a", "127.0.0.1", false},
		"link-local for metadata":             {allow(t, "169.254.0.0/16"), allow(t, "169.254.0.0/16"), "a", "169.254.169.254", false},
		"metadata itself":                     {allow(t, "169.254.169.254/32"), allow(t, "169.254.169.254/32"), "a", "169.254.169.254", true},
		"loopback itself":                     {allow(t, "127.0.0.0/8"), allow(t, "127.0.0.0/8"), "a", "127.0.0.1", true},
		"loopback, in NAT64":                  {allow(t, "127.0.0.0/8"), allow(t, "127.0.0.0/8"), "a", "64:ff9b::7f00:1", true},
		"loopback, permitted more narrowly":   {allow(t, "127.0.0.0/8"), allow(t, "127.0.0.2/32"), "a", "127.0.0.1", false},
		"multicast, whatever is listed":       {allow(t, "224.0.0.1/32"), allow(t, "224.0.0.1/32"), "a", "224.0.0.1", false},
		"everything for unspecified":          {allow(t, "0.0.0.0/32"), allow(t, "0.0.0.0/32"), "a", "0.0.0.0", false},
		"a reserved address, listed by both":  {allow(t, "198.18.0.0/15"), allow(t, "198.18.0.0/15"), "a", "198.18.0.1", true},
		"a reserved address, by default":      {allow(t, "198.18.0.0/15"), egress.Private(), "a", "198.18.0.1", false},
		"private in 6to4, the outer in a net": {allow(t, "2002::/16"), allow(t, "2002::/16"), "a", "2002:a00:1::1", false},
	} {
		g := egress.New(egress.Options{Allowed: c.allowed, Permitted: c.permitted})
		require.Equal(t, c.ok, g.Check(c.host, netip.MustParseAddr(c.address)) == nil, name)
	}
}

func TestErrorsNameHostAddressRuleAndFix(t *testing.T) {
	check := func(o egress.Options, host, address string) string {
		return egress.New(o).Check(host, netip.MustParseAddr(address)).Error()
	}
	require.Equal(t, "DB.shop.svc. has the address 10.0.0.7, which is a private address: no connection is made; "+
		"add db.shop.svc to spec.egress.hosts, or its network, such as 10.0.0.7/32, to spec.egress.cidrs if the source is to reach it",
		check(egress.Options{Permitted: egress.Private()}, "DB.shop.svc.", "10.0.0.7"))
	require.Equal(t, "10.0.0.7 is a private address: no connection is made; add its network, such as 10.0.0.7/32, to spec.egress.cidrs if the source is to "+
		"reach it", check(egress.Options{Permitted: egress.Private()}, "10.0.0.7", "10.0.0.7"))
	require.Equal(t, "10.0.0.7 is a private address: no connection is made; if the source is to reach it, add its network, such as 10.0.0.7/32, to "+
		"spec.egress.cidrs, and ask an administrator to add it to the flag --egress-permitted-cidrs of the operator", check(egress.Options{}, "10.0.0.7", "10.0.0.7"))
	require.Equal(t, "a.example has the address 127.0.0.1, which is a loopback address: no connection is made; use another host; only an administrator can "+
		"allow it, with 127.0.0.1/32 in spec.egress.cidrs and in the flag --egress-permitted-cidrs of the operator", check(egress.Options{}, "a.example", "127.0.0.1"))
	// What is listed has to be within the network of the rule: a wider one does not permit an address of the kind.
	wide := egress.Options{Permitted: allow(t, "169.254.0.0/16")}
	require.Contains(t, check(wide, "a.example", "169.254.169.254"), "only an administrator can allow it")
	require.Contains(t, check(wide, "a.example", "169.254.1.1"), "or add 169.254.1.1/32 itself to spec.egress.cidrs")
	// The whole network of the rule, which the operator permits, is enough.
	require.Contains(t, check(egress.Options{Permitted: allow(t, "127.0.0.0/8")}, "a.example", "127.0.0.1"), "or add 127.0.0.1/32 itself to spec.egress.cidrs")
	require.Equal(t, "a.example has the address 224.0.0.1, which is a multicast or broadcast address: no connection is made; use another host",
		check(egress.Options{}, "a.example", "224.0.0.1"))
}

func TestParseRefusesWhatIsNoNetwork(t *testing.T) {
	for _, bad := range []string{"10.0.0.0", "10.0.0.0/33", "shop", "::ffff:10.0.0.0/104", ""} {
		_, err := egress.Parse([]string{bad}, nil)
		require.Error(t, err, bad)
	}
	require.Equal(t, "10.0.0.0/8", allow(t, "10.1.2.3/8").CIDRs[0].String())
}

func TestTheAPIServerAndThePodAreOwn(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	own, err := egress.Own()
	require.NoError(t, err)
	require.Contains(t, own, netip.MustParsePrefix("10.96.0.1/32"))
	g := egress.New(egress.Options{Allowed: egress.Private(), Permitted: egress.Private(), Own: own})
	require.NoError(t, g.Check("a", netip.MustParseAddr("10.96.0.2")))
	require.ErrorContains(t, g.Check("a", netip.MustParseAddr("10.96.0.1")), "the Service of the API server")
}

// notPublic is the standard library's view of an address, independent of the rules.
func notPublic(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() || a.IsInterfaceLocalMulticast()
}

func drawAddress(t *rapid.T) netip.Addr {
	b := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")
	v4 := netip.AddrFrom4([4]byte(b[:4]))
	switch rapid.IntRange(0, 6).Draw(t, "form") {
	case 0:
		return netip.AddrFrom16([16]byte(b))
	case 1:
		return v4
	case 2:
		return netip.AddrFrom16(v4.As16())
	case 3:
		copy(b, []byte{0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})
	case 4:
		b[0], b[1] = 0x20, 0x02
	case 5:
		b[0] = 0x2a
		copy(b[8:], []byte{0, 0, 0x5e, 0xfe})
	default:
		return netip.MustParseAddr(rapid.SampledFrom([]string{"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "fd00::1", "0.0.0.0"}).Draw(t, "known"))
	}
	return netip.AddrFrom16([16]byte(b))
}

func TestNothingPrivatePassesAndListsOnlyWiden(t *testing.T) {
	closed := guard(t)
	everything := guard(t, "0.0.0.0/0", "::/0")
	rapid.Check(t, func(t *rapid.T) {
		a := drawAddress(t)
		passes := closed.Check("a", a) == nil
		if notPublic(a) {
			require.False(t, passes, "%s", a)
		}
		own := netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()).String()
		if passes {
			require.NoError(t, guard(t, own).Check("a", a))
		}
		// A list of everything permits nothing that is local, in any form.
		if u := a.Unmap(); u.IsLoopback() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified() {
			require.Error(t, everything.Check("a", a), "%s", a)
		}
	})
}

func TestEveryFormOfAnAddressIsRefusedLikeIt(t *testing.T) {
	g := guard(t)
	rapid.Check(t, func(t *rapid.T) {
		v4 := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")))
		b, plain := v4.As4(), g.Check("a", v4)
		nat, sixToFour, isatap := [16]byte{0, 0x64, 0xff, 0x9b}, [16]byte{0x20, 0x02}, [16]byte{0x2a, 8: 0, 10: 0x5e, 11: 0xfe}
		copy(nat[12:], b[:])
		copy(sixToFour[2:], b[:])
		copy(isatap[12:], b[:])
		for _, form := range [][16]byte{v4.As16(), nat, sixToFour, isatap} {
			require.Equal(t, plain == nil, g.Check("a", netip.AddrFrom16(form)) == nil, "%s as %s", v4, netip.AddrFrom16(form))
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "fe80::1%eth0", "8.8.8.8", "2001:4860::1"} {
		f.Add("example.test", seed)
	}
	closed := guard(f)
	f.Fuzz(func(t *testing.T, host, text string) {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return
		}
		err = closed.Check(host, a)
		if err == nil && notPublic(a) {
			t.Fatalf("%s passes", a)
		}
		var refused *egress.RefusedError
		if err != nil {
			require.ErrorAs(t, err, &refused)
			require.NotEmpty(t, refused.Rule)
			require.NotEmpty(t, refused.Fix)
		}
	})
}
