// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package egress guards the connections that a source opens: it refuses the addresses of the pod and of the Service of the API server, of metadata
// services, of the node's own network, and of private networks, so that who may write a source cannot reach what only the pod can. The address is checked
// when the connection is made, after DNS, so a name that changes its address between a check and its use does not help.
package egress

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// dialTimeout is how long a connection may take to be made.
const dialTimeout = 10 * time.Second

// Options of a guard.
type Options struct {
	// Allowed is what the source allows, and Permitted what the operator lets sources allow. An address that is not public needs both.
	Allowed, Permitted Allowance
	// Own has the addresses of the pod and of the Service of the API server; see Own.
	Own []netip.Prefix
	// Resolver of names. Default: that of the pod.
	Resolver *net.Resolver
}

// Guard makes connections. It is safe for concurrent use.
type Guard struct{ o Options }

// New returns a guard.
func New(o Options) *Guard { return &Guard{o} }

// field of the source, and flag of the operator, that list networks; hosts is the field that lists names.
const (
	field = "spec.egress.cidrs"
	hosts = "spec.egress.hosts"
	flag  = "the flag --egress-permitted-cidrs of the operator"
)

// RefusedError is a connection that was not made. Errors of dialers wrap it.
type RefusedError struct {
	// Host as it was to be reached, and the Address to which it resolves.
	Host    string
	Address netip.Addr
	// Rule says what the address is.
	Rule string
	// Fix says what to change.
	Fix string
}

// Error implements error.
func (e *RefusedError) Error() string {
	if host := e.Host; host != e.Address.String() {
		return fmt.Sprintf("%s has the address %s, which is %s: no connection is made; %s", host, e.Address, e.Rule, e.Fix)
	}
	return fmt.Sprintf("%s is %s: no connection is made; %s", e.Address, e.Rule, e.Fix)
}

// DialContext connects to a host and port, like that of net.Dialer.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil, fmt.Errorf("%s %s: only TCP connections are made", network, address)
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	// Addresses of one name are tried in parallel.
	var refused atomic.Pointer[RefusedError]
	d := net.Dialer{Timeout: dialTimeout, Resolver: g.o.Resolver}
	d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("the address %q cannot be checked: %w", address, err)
		}
		err = g.Check(host, to.Addr())
		var r *RefusedError
		if errors.As(err, &r) {
			refused.Store(r)
		}
		return err
	}
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		return conn, nil
	}
	// The first error can be that of an address that did not answer. The refusal says what to change.
	if r := refused.Load(); r != nil {
		return nil, r
	}
	return nil, err
}

// Check returns a *RefusedError if no connection to the address may be made for a host.
func (g *Guard) Check(host string, to netip.Addr) error {
	to = to.Unmap().WithZone("")
	for _, a := range forms(to) {
		rule, prefix := g.rule(a)
		if rule.class == public || g.permits(host, a, rule.class, prefix) {
			continue
		}
		return &RefusedError{Host: cmp.Or(host, to.String()), Address: to, Rule: describe(a, to, rule), Fix: g.fix(host, a, rule.class, prefix)}
	}
	return nil
}

// describe names the rule, and the IPv4 address in an IPv6 address.
func describe(a, to netip.Addr, r rule) string {
	if a == to {
		return r.name
	}
	return fmt.Sprintf("a form of %s, %s", a, r.name)
}

// permits reports whether both the source and the operator list an address.
func (g *Guard) permits(host string, a netip.Addr, c class, prefix netip.Prefix) bool {
	switch c {
	case never:
		return false
	case sensitive:
		// A wider network or a name says nothing about these addresses.
		return g.o.Allowed.within(a, prefix) && g.o.Permitted.within(a, prefix)
	}
	return g.o.Allowed.lists(host, a) && g.o.Permitted.lists(host, a)
}

// fix says what to change so that an address of a host, which is in the network of a rule, is permitted.
func (g *Guard) fix(host string, a netip.Addr, c class, prefix netip.Prefix) string {
	own := netip.PrefixFrom(a, a.BitLen())
	switch {
	case c == never:
		return "use another host"
	case c == sensitive && g.o.Permitted.within(a, prefix):
		return fmt.Sprintf("use another host, or add %s itself to %s", own, field)
	case c == sensitive:
		return fmt.Sprintf("use another host; only an administrator can allow it, with %s in %s and in %s", own, field, flag)
	case g.o.Permitted.lists("", a):
		if _, err := netip.ParseAddr(host); host != "" && err != nil {
			// The addresses of a Service change.
			return fmt.Sprintf("add %s to %s, or its network, such as %s, to %s if the source is to reach it", normal(host), hosts, own, field)
		}
		return fmt.Sprintf("add its network, such as %s, to %s if the source is to reach it", own, field)
	}
	return fmt.Sprintf("if the source is to reach it, add its network, such as %s, to %s, and ask an administrator to add it to %s", own, field, flag)
}
