// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package egress_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/journeyman-dev/journeyman/internal/egress"
)

// nameServer is a DNS server of which each name has a list of answers; the last one stays.
type nameServer struct {
	conn net.PacketConn
	mu   sync.Mutex
	// zone has the answers in the order in which they are given, each with all addresses of the name.
	zone map[string][][]string
	// asked counts the questions for IPv4 addresses.
	asked map[string]int
}

func serveNames(t *testing.T, zone map[string][][]string) *nameServer {
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &nameServer{conn: conn, zone: zone, asked: map[string]int{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if reply := s.reply(buffer[:n]); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		<-done
	})
	return s
}

func (s *nameServer) reply(raw []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(raw) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.TrimSuffix(strings.ToLower(q.Name.String()), ".")
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.zone[name]
	if len(answers) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	} else if q.Type == dnsmessage.TypeA {
		at := min(s.asked[name], len(answers)-1)
		s.asked[name]++
		for _, a := range answers[at] {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
			})
		}
	}
	out, err := m.Pack()
	if err != nil {
		return nil
	}
	return out
}

// resolver returns a resolver that asks only this server.
func (s *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", s.conn.LocalAddr().String())
	}}
}

// listenOn counts the connections to an address of loopback.
func listenOn(t *testing.T, address string) (port string, connections func() int) {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	require.NoError(t, err)
	var mu sync.Mutex
	n := 0
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			n++
			mu.Unlock()
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { require.NoError(t, l.Close()) })
	_, port, err = net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port, func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// only returns a guard that permits 127.0.0.2, and of loopback nothing else.
func only(t *testing.T, s *nameServer) *egress.Guard {
	return egress.New(egress.Options{
		Allowed: allow(t, "127.0.0.2/32"), Permitted: allow(t, "127.0.0.2/32"), Resolver: s.resolver(),
	})
}

func TestANameThatChangesItsAddressIsRefused(t *testing.T) {
	port, connections := listenOn(t, "127.0.0.1:0")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:"+port)
	require.NoError(t, err)
	defer listener.Close() //nolint:errcheck // nothing is written
	s := serveNames(t, map[string][][]string{"rebind.example.test": {{"127.0.0.2"}, {"127.0.0.1"}}})
	g := only(t, s)

	c, err := g.DialContext(t.Context(), "tcp", "rebind.example.test:"+port)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.2:"+port, c.RemoteAddr().String())
	require.NoError(t, c.Close())

	_, err = g.DialContext(t.Context(), "tcp", "rebind.example.test:"+port)
	var refused *egress.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "rebind.example.test", refused.Host)
	require.Equal(t, "127.0.0.1", refused.Address.String())
	require.Zero(t, connections(), "the refused address saw a connection")
}

func TestOfSeveralAddressesOnlyThePermittedIsReached(t *testing.T) {
	port, connections := listenOn(t, "127.0.0.1:0")
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:"+port)
	require.NoError(t, err)
	defer listener.Close() //nolint:errcheck // nothing is written
	s := serveNames(t, map[string][][]string{"both.example.test": {{"127.0.0.1", "127.0.0.2"}}})
	c, err := only(t, s).DialContext(t.Context(), "tcp", "both.example.test:"+port)
	require.NoError(t, err)
	require.Equal(t, "127.0.0.2:"+port, c.RemoteAddr().String())
	require.NoError(t, c.Close())
	require.Zero(t, connections())
}

func TestNumbersThatCReadsAsAddresses(t *testing.T) {
	port, connections := listenOn(t, "127.0.0.1:0")
	s := serveNames(t, map[string][][]string{
		"2130706433": {{"127.0.0.1"}}, "0x7f000001": {{"127.0.0.1"}}, "0177.0.0.1": {{"127.0.0.1"}}, "127.1": {{"127.0.0.1"}},
		"localhost.example.test": {{"127.0.0.1"}}, "metadata.example.test": {{"169.254.169.254"}},
	})
	g := only(t, s)
	for _, host := range []string{
		"2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "localhost.example.test", "metadata.example.test",
		"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "[fe80::1%25lo]",
	} {
		_, err := g.DialContext(t.Context(), "tcp", host+":"+port)
		require.Error(t, err, host)
	}
	require.Zero(t, connections())
}

func TestOnlyTCP(t *testing.T) {
	g := guard(t, "127.0.0.0/8")
	for _, network := range []string{"udp", "unix", "ip4:icmp"} {
		_, err := g.DialContext(t.Context(), network, "127.0.0.1:53")
		require.ErrorContains(t, err, "only TCP", network)
	}
	_, err := g.DialContext(t.Context(), "tcp", "127.0.0.1")
	require.ErrorContains(t, err, "missing port")
}
