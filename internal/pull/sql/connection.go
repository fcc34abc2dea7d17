// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sql

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

// connectWithin limits a connection with its handshake.
const connectWithin = 5 * time.Second

// connection is how to connect, for all engines.
type connection struct {
	host, port, user, password string
	// name of the client.
	name string
	// tls is nil without TLS.
	tls  *tls.Config
	dial func(ctx context.Context, address string) (net.Conn, error)
}

func (r *reader) connection() (*connection, error) {
	host, port, err := net.SplitHostPort(string(r.spec.Address))
	if err != nil {
		return nil, misconfigured("spec.transport.sql.address: %q is not host:port", r.spec.Address)
	}
	c := &connection{
		host: host, port: port, name: "journeyman." + r.Namespace + "." + r.Name,
		user: cmp.Or(r.spec.Auth.Username, secure.Line(r.Files[podconfig.FileUsername])), password: secure.Line(r.Files[podconfig.FilePassword]),
		// The protocols turn on TLS later.
		dial: func(ctx context.Context, address string) (net.Conn, error) {
			return secure.Connect(ctx, r.Dial, address, nil)
		},
	}
	if r.spec.Unencrypted != nil {
		return c, nil
	}
	t := r.spec.TLS
	if t == nil {
		t = &v1alpha1.ClientTLS{}
	}
	if c.tls, err = secure.TLS("spec.transport.sql.tls", t, r.Files); err != nil {
		return nil, err
	}
	c.tls.ServerName = cmp.Or(c.tls.ServerName, host)
	return c, nil
}
